"""The public routes: what stands where, whatever is asked for it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tokenhouse.config.settings import Standard


@pytest.mark.parametrize("path", ["/oauth2/token", "/oauth2/introspect", "/oauth2/revoke"])
async def test_the_endpoints_of_oauth_take_posts(house: Any, ask_door: Any, path: str) -> None:
    refused = await ask_door(house.door, "GET", path, content_type=None)
    assert (refused.status, refused.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("path", ["/.well-known/jwks.json", "/.well-known/oauth-authorization-server", "/readyz"])
async def test_documents_are_read_by_anybody(house: Any, ask_door: Any, path: str) -> None:
    assert (await ask_door(house.door, "GET", path, content_type=None)).status == 200
    assert (await ask_door(house.door, "POST", path, b"")).status == 405


async def test_the_endpoints_may_stand_below_a_prefix(make_house: Any, config: Any, ask_door: Any) -> None:
    house = await make_house(msgspec.structs.replace(config, standard=Standard(prefix="/id")))
    assert (await ask_door(house.door, "POST", "/oauth2/token", b"")).status == 404
    assert (await ask_door(house.door, "POST", "/id/oauth2/token", b"")).status in {400, 401}
    assert (await ask_door(house.door, "GET", "/id/.well-known/jwks.json", content_type=None)).status == 200
