"""Putting the house together."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tokenhouse.config.provider_settings import Egress
from tokenhouse.config.settings import Mount, Standard
from tokenhouse.http.routing import RouteConflict
from tokenhouse.server.composing import build, utc_now
from tokenhouse.sql.sqlite import SqliteStore


def test_the_time_is_aware() -> None:
    assert utc_now().utcoffset().total_seconds() == 0  # type: ignore[union-attr]


async def test_two_contracts_on_one_route_are_found_at_start(store: SqliteStore, config: Any) -> None:
    mount = Mount(dialect="rfc6749", tenant="default")
    with pytest.raises(RouteConflict, match="POST /oauth2/token"):
        build(msgspec.structs.replace(config, mount=(mount,)), store)


async def test_a_prefix_or_a_host_tells_them_apart(make_house: Any, config: Any, ask_door: Any) -> None:
    mounts = (
        Mount(dialect="rfc6749", tenant="default", hosts=("127.0.0.1",)),
        Mount(dialect="rfc6749", tenant="other", prefix="/other"),
    )
    house = await make_house(msgspec.structs.replace(config, mount=mounts), tenants=("default", "other"))
    await ask_door(house.door, "POST", "/oauth2/token", b"grant_type=x")
    await ask_door(house.door, "POST", "/other/oauth2/token", b"grant_type=x")
    records = await house.store.list_audit(2)
    assert [(r.contract, r.tenant) for r in records] == [("rfc6749", "other"), ("rfc6749", "default")]


async def test_not_ready_without_keys(store: SqliteStore, config: Any, ask_door: Any) -> None:
    house = build(config, store)
    reply = await ask_door(house.door, "GET", "/readyz", content_type=None)
    assert reply.status == 503
    assert b"keys rotate" in reply.body or b"keys prepare" in reply.body
    house.pool.close()


async def test_the_standard_surface_moves_with_its_prefix(make_house: Any, config: Any, ask_door: Any) -> None:
    house = await make_house(msgspec.structs.replace(config, standard=Standard(prefix="/auth")))
    assert (await ask_door(house.door, "POST", "/oauth2/token")).status == 404
    assert (await ask_door(house.door, "POST", "/auth/oauth2/token")).status == 401
    metadata = await ask_door(house.door, "GET", "/.well-known/oauth-authorization-server", content_type=None)
    assert msgspec.json.decode(metadata.body)["token_endpoint"].endswith("/auth/oauth2/token")
    assert (await ask_door(house.door, "GET", "/auth/.well-known/jwks.json", content_type=None)).status == 200


async def test_documents_do_not_depend_on_the_request(house: Any, ask_door: Any) -> None:
    for path in ("/.well-known/jwks.json", "/.well-known/oauth-authorization-server"):
        plain = await ask_door(house.door, "GET", path, content_type=None)
        odd = await ask_door(
            house.door,
            "GET",
            path,
            b"",
            ("x-forwarded-host", "evil.example"),
            ("accept", "text/html"),
            content_type=None,
        )
        assert plain.body == odd.body
        assert plain.headers["cache-control"] == "public, max-age=300"
        head = await ask_door(house.door, "HEAD", path, content_type=None)
        assert head.body == b""
        assert head.headers["content-length"] == str(len(plain.body))


async def test_a_closed_house_calls_nobody(make_house: Any, config: Any, elsewhere: Any) -> None:
    """The way out is the configuration's, and its threads end with the house."""
    house = await make_house(msgspec.structs.replace(config, egress=Egress(allow=(elsewhere.place,))))
    elsewhere.routes["/"] = lambda _: (200, {})
    assert (await house.egress.ask(elsewhere.url)).object() == {}
    await house.close()
    with pytest.raises(RuntimeError, match="shutdown"):
        await house.egress.ask(elsewhere.url)
