"""Bad input at every door: the contract's own shape, the right status, nothing lost, never a 500 it does not document."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple
from urllib.parse import quote_plus

import pytest
from defusedxml.ElementTree import fromstring

from tokenhouse.server.composing import House

Ask = Callable[..., Awaitable[Any]]
FORM, JSON, XML = "application/x-www-form-urlencoded", "application/json", "text/xml"


def basic(pair: bytes) -> str:
    return "Basic " + base64.b64encode(pair).decode()


class Door(NamedTuple):
    path: str
    content_type: str
    headers: tuple[tuple[str, str], ...]
    fields: dict[str, str]
    shape: tuple[str, ...]
    bad_client: int | None


MCS_PAIR = b"BuMgS2MPK5Z6nqWhVsyV:o1uBjWTzuqbaMnQzSmDp5UhR6M33NOhb3YL0b1YK"
SOCIALID_PAIR = b"138:e8b9ca24f1b590af67e6271297d6e1f7226625d61c5b5daa1b2f215464e292cf"
STANDARD_PAIR = b"standard-app:th_cs_a-long-random-secret-of-the-tests"
WRITTEN_PAIR = b"s6BhdRkqt3:7Fjfp0ZBr1KtDRbnfVdmIw"
MCS_SHAPE = ("apiVersion", "code", "message", "statusCode", "options")
OAUTH_SHAPE = ("error", "error_description")

DOORS = {
    "mcs login": Door(
        "/oauth/login/thirdparty", JSON, (("authorization", basic(MCS_PAIR)),),
        {"email": "mcsuser@mediatek.com", "password": "123456789"}, MCS_SHAPE, 500,
    ),
    "mcs refresh": Door(
        "/oauth/login/thirdparty/refresh", JSON, (("authorization", basic(MCS_PAIR)),), {"token": "x"}, MCS_SHAPE, 500,
    ),
    "blsct": Door(
        "/oauth/token/get", JSON, (), {"app_id": "coupang", "app_secret": "coupangTest"},
        ("appId", "accessToken", "expiresIn", "statusCode", "errMsg"), None,
    ),
    "yindo json": Door(
        "/token", JSON, (), {"grant_type": "password", "userName": "theuser", "password": "thepass"}, OAUTH_SHAPE, None,
    ),
    "yindo form": Door(
        "/token", FORM, (), {"grant_type": "password", "userName": "theuser", "password": "thepass"}, OAUTH_SHAPE, None,
    ),
    "socialid": Door(
        "/v2/marketing/oauth/token", FORM, (("authorization", basic(SOCIALID_PAIR)),),
        {"grant_type": "password", "username": "john_doe", "password": "john_doe_secret"}, OAUTH_SHAPE, 401,
    ),
    "standard": Door(
        "/oauth2/token", FORM, (("authorization", basic(STANDARD_PAIR)),),
        {"grant_type": "password", "username": "standard-user", "password": "correct horse battery"}, OAUTH_SHAPE, 401,
    ),
    "written": Door(
        "/written/oauth2/token", FORM, (("authorization", basic(WRITTEN_PAIR)),),
        {"grant_type": "client_credentials"}, OAUTH_SHAPE, 401,
    ),
}  # fmt: skip
JSON_DOORS = [name for name, door in DOORS.items() if door.content_type == JSON]
FORM_DOORS = [name for name, door in DOORS.items() if door.content_type == FORM]
CLIENT_DOORS = [name for name, door in DOORS.items() if door.bad_client]


def form(fields: dict[str, str]) -> bytes:
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in fields.items()).encode()


def assert_refused(door: Door, reply: Any, *statuses: int) -> None:
    """The contract's own error shape and one of the statuses; nothing that a program would have said."""
    assert reply.status in statuses, reply
    assert tuple(json.loads(reply.body)) == door.shape
    assert reply.headers["cache-control"] == "no-store"
    for leak in (b"Traceback", b"Error:", b"tokenhouse", b".py"):
        assert leak not in reply.body


async def send(ask: Ask, house: House, door: Door, body: bytes, **options: Any) -> Any:
    return await ask(
        house.door, "POST", door.path, body, *door.headers, **{"content_type": door.content_type, **options}
    )


async def assert_still_works(ask: Ask, house: House, name: str) -> None:
    if name == "mcs refresh":
        return
    door = DOORS[name]
    body = form(door.fields) if door.content_type == FORM else json.dumps(door.fields).encode()
    assert (await send(ask, house, door, body)).status == 200


BAD_JSON = {
    "empty": b"",
    "not json": b"email=x",
    "array": b"[]",
    "text": b'"x"',
    "null": b"null",
    "invalid utf-8": b'{"email":"\xff"}',
    "utf-16": '{"email":"x"}'.encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf{}",
    "lone surrogate": b'{"email":"\\ud800","token":"\\ud800","app_id":"\\ud800","userName":"\\ud800"}',
    "NUL": b'{"email":"a\\u0000","token":"a\\u0000","app_id":"a\\u0000","userName":"a\\u0000"}',
    "deep": b'{"email":' + b"[" * 5000 + b"]" * 5000 + b"}",
    "NaN": b'{"email":NaN}',
    "huge integer": b'{"email":' + b"9" * 5000 + b"}",
    "trailing comma": b'{"email":"x",}',
    "two documents": b"{}{}",
}


@pytest.mark.parametrize("bad", BAD_JSON)
@pytest.mark.parametrize("name", JSON_DOORS)
async def test_unreadable_json(ask_door: Ask, contracts: House, name: str, bad: str) -> None:
    assert_refused(DOORS[name], await send(ask_door, contracts, DOORS[name], BAD_JSON[bad]), 400)
    await assert_still_works(ask_door, contracts, name)


WRONG_VALUES: dict[str, Any] = {
    "number": 123456789, "array": ["x"], "nested": {"a": "b"}, "true": True, "float": 1.5,
}  # fmt: skip


@pytest.mark.parametrize("kind", WRONG_VALUES)
@pytest.mark.parametrize("name", JSON_DOORS)
async def test_wrong_types_are_refused_and_never_coerced(ask_door: Ask, contracts: House, name: str, kind: str) -> None:
    door = DOORS[name]
    for field in door.fields:
        body = json.dumps({**door.fields, field: WRONG_VALUES[kind]}).encode()
        assert_refused(door, await send(ask_door, contracts, door, body), 400)


@pytest.mark.parametrize("value", [None, ""])
@pytest.mark.parametrize("name", JSON_DOORS)
async def test_null_and_empty_are_missing(ask_door: Ask, contracts: House, name: str, value: str | None) -> None:
    door = DOORS[name]
    for field in door.fields:
        body = json.dumps({**door.fields, field: value}).encode()
        assert_refused(door, await send(ask_door, contracts, door, body), 400, 401)


@pytest.mark.parametrize("name", JSON_DOORS)
async def test_a_repeated_member_is_refused(ask_door: Ask, contracts: House, name: str) -> None:
    door = DOORS[name]
    for field, value in door.fields.items():
        body = json.dumps(door.fields)[:-1] + f', "{field}": "{value}"}}'
        assert_refused(door, await send(ask_door, contracts, door, body.encode()), 400)


@pytest.mark.parametrize("name", DOORS)
async def test_unknown_fields_are_ignored(ask_door: Ask, contracts: House, name: str) -> None:
    door = DOORS[name]
    if name == "mcs refresh":
        return
    fields = {**door.fields, "colour": "blue"}
    body = form(fields) if door.content_type == FORM else json.dumps(fields).encode()
    assert (await send(ask_door, contracts, door, body)).status == 200


BAD_FORMS = {
    "invalid utf-8": b"%ff=%fe",
    "half an escape": b"grant_type=%4",
    "NUL": b"grant_type=password%00",
    "raw NUL": b"grant_type=pass\x00word",
    "many fields": b"&".join(b"f%d=1" % n for n in range(1000)),
}


@pytest.mark.parametrize("bad", BAD_FORMS)
@pytest.mark.parametrize("name", FORM_DOORS)
async def test_unreadable_forms(ask_door: Ask, contracts: House, name: str, bad: str) -> None:
    assert_refused(DOORS[name], await send(ask_door, contracts, DOORS[name], BAD_FORMS[bad]), 400)
    await assert_still_works(ask_door, contracts, name)


@pytest.mark.parametrize("name", FORM_DOORS)
async def test_a_repeated_field_is_refused(ask_door: Ask, contracts: House, name: str) -> None:
    door = DOORS[name]
    for field, value in door.fields.items():
        body = form(door.fields) + f"&{field}={quote_plus(value)}".encode()
        assert_refused(door, await send(ask_door, contracts, door, body), 400)


@pytest.mark.parametrize("name", DOORS)
async def test_each_required_field_missing(ask_door: Ask, contracts: House, name: str) -> None:
    door = DOORS[name]
    for field in door.fields:
        fields = {key: value for key, value in door.fields.items() if key != field}
        body = form(fields) if door.content_type == FORM else json.dumps(fields).encode()
        assert_refused(door, await send(ask_door, contracts, door, body), 400, 401)


@pytest.mark.parametrize("name", DOORS)
@pytest.mark.parametrize("size", [9_000, 1 << 20])
async def test_huge_values(ask_door: Ask, contracts: House, name: str, size: int) -> None:
    door = DOORS[name]
    for field in door.fields:
        fields = {**door.fields, field: "x" * size}
        body = form(fields) if door.content_type == FORM else json.dumps(fields).encode()
        assert_refused(door, await send(ask_door, contracts, door, body), 400, 413)
    await assert_still_works(ask_door, contracts, name)


@pytest.mark.parametrize("name", DOORS)
@pytest.mark.parametrize(
    "content_type", ["text/plain", "multipart/form-data; boundary=x", "application/xhtml+xml", None]
)
async def test_wrong_or_missing_content_type(
    ask_door: Ask, contracts: House, name: str, content_type: str | None
) -> None:
    door = DOORS[name]
    body = form(door.fields) if door.content_type == FORM else json.dumps(door.fields).encode()
    assert_refused(door, await send(ask_door, contracts, door, body, content_type=content_type), 400, 415)


@pytest.mark.parametrize("name", DOORS)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_wrong_method(ask_door: Ask, contracts: House, name: str, method: str) -> None:
    door = DOORS[name]
    reply = await ask_door(contracts.door, method, door.path, b"", *door.headers, content_type=None)
    assert_refused(door, reply, 405, 400)
    assert reply.headers["allow"] == "POST"


BAD_BASIC = {
    "no colon": basic(b"nocolon"),
    "not base64": "Basic !!!",
    "bad padding": "Basic QQ",
    "empty": "Basic ",
    "no scheme": "x",
    "non-ascii": "Basic \xff\xfe",
    "not utf-8": basic(b"\xff\xfe:\xff"),
    "empty id": basic(b":secret"),
    "empty secret": basic(b"138:"),
    "NUL": basic(b"138\x00:x"),
    "two spaces": "Basic  " + base64.b64encode(b"a:b").decode(),
    "url-safe alphabet": "Basic " + base64.urlsafe_b64encode(b"\xfb\xff:\xfb\xff").decode(),
    "huge": basic(b"a" * 9000 + b":b"),
    "another scheme": "Digest abc",
}


@pytest.mark.parametrize("bad", BAD_BASIC)
@pytest.mark.parametrize("name", CLIENT_DOORS)
async def test_malformed_basic_is_the_contracts_bad_client(
    ask_door: Ask, contracts: House, name: str, bad: str
) -> None:
    door = DOORS[name]
    body = form(door.fields) if door.content_type == FORM else json.dumps(door.fields).encode()
    headers = (("authorization", BAD_BASIC[bad]),)
    reply = await ask_door(contracts.door, "POST", door.path, body, *headers, content_type=door.content_type)
    assert_refused(door, reply, door.bad_client or 0)


@pytest.mark.parametrize("name", CLIENT_DOORS)
async def test_two_authorization_headers_are_the_contracts_bad_client(
    ask_door: Ask, contracts: House, name: str
) -> None:
    door = DOORS[name]
    body = form(door.fields) if door.content_type == FORM else json.dumps(door.fields).encode()
    headers = (*door.headers, *door.headers)
    reply = await ask_door(contracts.door, "POST", door.path, body, *headers, content_type=door.content_type)
    assert_refused(door, reply, door.bad_client or 0, 400)


XML_ROOT = '<OAuthRequest xmlns="http://schemas.datacontract.org/2004/07/Yindo.DAL.Types">{}</OAuthRequest>'
XML_BODY = "<grant_type>password</grant_type><password>thepass</password><userName>{}</userName>"
BAD_XML = {
    "empty": "",
    "not well-formed": "<OAuthRequest>",
    "wrong root": "<Other/>",
    "wrong namespace": f'<OAuthRequest xmlns="urn:x">{XML_BODY.format("theuser")}</OAuthRequest>',
    "dtd": "<!DOCTYPE OAuthRequest>" + XML_ROOT.format(XML_BODY.format("theuser")),
    "internal entity": '<!DOCTYPE x [<!ENTITY u "theuser">]>' + XML_ROOT.format(XML_BODY.format("&u;")),
    "external entity": '<!DOCTYPE x [<!ENTITY u SYSTEM "file:///etc/passwd">]>'
    + XML_ROOT.format(XML_BODY.format("&u;")),
    "parameter entity": '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x">%p;]>'
    + XML_ROOT.format(XML_BODY.format("theuser")),
    "billion laughs": '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    + XML_ROOT.format(XML_BODY.format("&b;")),
    "deep": "<OAuthRequest>" + "<a>" * 2000 + "</a>" * 2000 + "</OAuthRequest>",
    "repeated element": XML_ROOT.format(XML_BODY.format("theuser") + "<userName>other</userName>"),
    "nested where text belongs": XML_ROOT.format(XML_BODY.format("<b>theuser</b>")),
}


@pytest.mark.parametrize("bad", BAD_XML)
@pytest.mark.parametrize("accept", ["text/xml", "application/json"])
async def test_bad_xml_is_refused_in_the_format_asked_for(
    ask_door: Ask, contracts: House, bad: str, accept: str
) -> None:
    headers = (("accept", accept),)
    reply = await ask_door(contracts.door, "POST", "/token", BAD_XML[bad].encode(), *headers, content_type=XML)
    assert reply.status == 400, reply
    assert reply.headers["content-type"] == accept
    if accept == "text/xml":
        root = fromstring(reply.body.decode())
        names = [child.tag.rpartition("}")[2] for child in root]
        assert (root.tag.rpartition("}")[2], names) == ("Error", list(OAUTH_SHAPE))
        assert root[0].text == "invalid_request"
    else:
        assert json.loads(reply.body)["error"] == "invalid_request"


@pytest.mark.parametrize("name", JSON_DOORS)
async def test_json_is_no_xml_and_no_form(ask_door: Ask, contracts: House, name: str) -> None:
    door = DOORS[name]
    reply = await send(ask_door, contracts, door, form(door.fields))
    assert_refused(door, reply, 400)


@pytest.mark.parametrize("where", ["/oauth2/introspect", "/oauth2/revoke"])
@pytest.mark.parametrize(
    "token",
    ["", "x", "a.b.c", "..", "\ud7ff", "é" * 100, "x" * 8000, "ey" * 3000 + ".a.b", "Bearer ", "Bearer Bearer x"],
)
async def test_rubbish_for_a_token_is_no_token(ask_door: Ask, contracts: House, where: str, token: str) -> None:
    headers = (("authorization", basic(b"default-api:th_cs_a-long-random-secret-of-the-tests")),)
    reply = await ask_door(contracts.door, "POST", where, form({"token": token}), *headers)
    if not token:
        assert reply.status == 400
    else:
        assert reply.status == 200
        assert reply.body in {b'{"active":false}', b""}
