"""Outside of development an operation answers over https only, unless its document prints an http address."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

BASIC = ("authorization", "Basic QnVNZ1MyTVBLNVo2bnFXaFZzeVY6bzF1QmpXVHp1cWJhTW5RelNtRHA1VWhSNk0zM05PaGIzWUwwYjFZSw==")
LOGIN = b'{"email":"MCSuser@mediatek.com","password":"123456789"}'


@pytest.fixture
def production(contracts: Any) -> Any:
    """The same house with `development` off, at the door."""
    contracts.door._plain_http = False
    return contracts


async def ask_json(ask: Any, house: Any, path: str, body: bytes, *headers: tuple[str, str], **options: Any) -> Any:
    return await ask(house.door, "POST", path, body, *headers, content_type="application/json", **options)


async def test_a_call_over_plain_http_is_refused_and_nothing_is_looked_at(ask_door: Any, production: Any) -> None:
    reply = await ask_json(ask_door, production, "/oauth/login/thirdparty", LOGIN, BASIC)
    assert reply.status >= 400
    assert list(json.loads(reply.body)) == ["apiVersion", "code", "message", "statusCode", "options"]
    assert "location" not in reply.headers
    assert [record.reason for record in await production.store.list_audit(3)][0] == "insecure"


async def test_the_same_call_over_https_is_answered(ask_door: Any, production: Any) -> None:
    reply = await ask_json(ask_door, production, "/oauth/login/thirdparty", LOGIN, BASIC, scheme="https")
    assert reply.status == 200


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_the_refresh_that_the_document_prints_with_http_is_answered_over_both(
    ask_door: Any, production: Any, scheme: str
) -> None:
    login = await ask_json(ask_door, production, "/oauth/login/thirdparty", LOGIN, BASIC, scheme="https")
    body = json.dumps({"token": json.loads(login.body)["token"]}).encode()
    path = "/oauth/login/thirdparty/refresh"
    assert (await ask_json(ask_door, production, path, body, BASIC, scheme=scheme)).status == 200


@pytest.mark.parametrize("peer", ["127.0.0.1", "203.0.113.9"])
async def test_a_proxy_nobody_trusts_cannot_say_https(ask_door: Any, production: Any, peer: str) -> None:
    forwarded = ("x-forwarded-proto", "https")
    reply = await ask_json(ask_door, production, "/oauth/login/thirdparty", LOGIN, BASIC, forwarded, peer=peer)
    assert reply.status >= 400


async def test_a_trusted_proxy_can(ask_door: Any, contracts: Any, make_house: Any) -> None:
    await contracts.close()
    server = msgspec.structs.replace(contracts.config.server, trusted_proxies=("127.0.0.0/8",))
    house = await make_house(
        msgspec.structs.replace(contracts.config, development=False, issuer="https://id.example.com", server=server)
    )
    forwarded = (("x-forwarded-proto", "https"), ("x-forwarded-for", "198.51.100.7"))
    reply = await ask_json(ask_door, house, "/oauth/login/thirdparty", LOGIN, BASIC, *forwarded)
    assert reply.status == 200
    assert (await house.store.list_audit(1))[0].source == "198.51.100.7"
    from_elsewhere = await ask_json(
        ask_door, house, "/oauth/login/thirdparty", LOGIN, BASIC, *forwarded, peer="203.0.113.9"
    )
    assert from_elsewhere.status >= 400


@pytest.mark.parametrize("path", ["/oauth2/token", "/oauth2/introspect", "/oauth2/revoke"])
async def test_the_standard_endpoints_demand_https(ask_door: Any, production: Any, path: str) -> None:
    reply = await ask_door(production.door, "POST", path, b"grant_type=client_credentials")
    assert (reply.status, json.loads(reply.body)["error"]) == (403, "invalid_request")
