"""Every example of the five documents, pasted, over a real socket: host, quoting and `***` replaced, nothing else."""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest

pytestmark = pytest.mark.xdist_group("demo")

MCS_BASIC = "Basic QnVNZ1MyTVBLNVo2bnFXaFZzeVY6bzF1QmpXVHp1cWJhTW5RelNtRHA1VWhSNk0zM05PaGIzWUwwYjFZSw=="
MCS_LOGIN = b"""{
    "email": "MCSuser@mediatek.com",
    "password": "123456789"
}"""
MCS_ERROR = {
    "apiVersion": "0.0.1",
    "code": 500,
    "message": "Invalid or missing client_id parameter",
    "statusCode": 500,
    "options": {},
}
BLSCT_REQUEST = b"""{
    "app_id":"coupang",
    "app_secret":"coupangTest"
}"""
YINDO = "http://schemas.datacontract.org/2004/07/Yindo.DAL.Types"
SOCIALID_BASIC = (
    "Basic " + base64.b64encode(b"138:e8b9ca24f1b590af67e6271297d6e1f7226625d61c5b5daa1b2f215464e292cf").decode()
)
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def ordered(body: bytes) -> Any:
    """Parse JSON with objects as lists of pairs, so that key order counts."""
    return json.loads(body, object_pairs_hook=list)


def keys(body: bytes) -> list[str]:
    return [key for key, _ in ordered(body)]


def assert_common_headers(reply: Any) -> None:
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["pragma"] == "no-cache"
    assert reply.headers["x-content-type-options"] == "nosniff"


@pytest.fixture
def mcs_login(demo: Any) -> Any:
    return demo.call(
        "POST", "/oauth/login/thirdparty", {"authorization": MCS_BASIC, "Content-Type": "application/json"}, MCS_LOGIN
    )


def test_mcs_login_answers_as_documented(mcs_login: Any) -> None:
    assert mcs_login.status == 200
    assert mcs_login.headers["content-type"] == "application/json"
    assert_common_headers(mcs_login)
    pairs = ordered(mcs_login.body)
    assert pairs[:3] == [["apiVersion", "0.0.1"], ["code", 200], ["message", "Request has succeeded"]] or pairs[:3] == [
        ("apiVersion", "0.0.1"),
        ("code", 200),
        ("message", "Request has succeeded"),
    ]
    assert keys(mcs_login.body) == ["apiVersion", "code", "message", "token", "access_token"]
    answer = json.loads(mcs_login.body)
    assert isinstance(answer["token"], str)
    assert answer["token"]
    assert answer["access_token"] != answer["token"]


@pytest.mark.parametrize("path", ["/oauth/login/thirdparty/refresh", "/oauth/login/thirdpart/refresh"])
@pytest.mark.parametrize("header", [MCS_BASIC, MCS_BASIC.removeprefix("Basic ")])
@pytest.mark.parametrize("name", ["authorization", "Authorization", "AUTHORIZATION"])
def test_mcs_refresh_answers_as_documented(demo: Any, mcs_login: Any, path: str, header: str, name: str) -> None:
    token = json.loads(mcs_login.body)["token"]
    reply = demo.call("POST", path, {name: header, **JSON}, b'{\n    "token": "%s"\n}' % token.encode())
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/json"
    assert keys(reply.body) == ["apiVersion", "code", "message", "results"]
    results = json.loads(reply.body)["results"]
    assert list(results) == [
        "access_token",
        "userImageURL",
        "timezone",
        "email",
        "nickname",
        "language",
        "plan",
        "token",
    ]
    assert results["access_token"] != json.loads(mcs_login.body)["access_token"]
    assert results == {
        "access_token": results["access_token"],
        "userImageURL": "profile/1234567890.jpg",
        "timezone": "Asia/Taipei",
        "email": "mcsuser@mediatek.com",
        "nickname": "MCS User",
        "language": "zh-TW",
        "plan": {"name": "Free plan", "deviceCount": 10, "dataPointCount": 100000, "emailCount": 100},
        "token": token,
    }
    assert list(results["plan"]) == ["name", "deviceCount", "dataPointCount", "emailCount"]


@pytest.mark.parametrize("path", ["/oauth/login/thirdparty", "/oauth/login/thirdpart"])
@pytest.mark.parametrize("header", [MCS_BASIC, MCS_BASIC.removeprefix("Basic ")])
def test_mcs_login_has_two_paths_and_two_header_spellings(demo: Any, path: str, header: str) -> None:
    assert demo.call("POST", path, {"Authorization": header, **JSON}, MCS_LOGIN).status == 200


@pytest.mark.parametrize("path", ["/oauth/login/thirdparty", "/oauth/login/thirdparty/refresh"])
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic " + base64.b64encode(b"wrong:pair").decode()}])
def test_mcs_without_its_app_answers_the_documented_error(demo: Any, path: str, headers: dict[str, str]) -> None:
    reply = demo.call("POST", path, {**headers, **JSON}, MCS_LOGIN)
    assert reply.status == 500
    assert json.loads(reply.body) == MCS_ERROR
    assert keys(reply.body) == list(MCS_ERROR)


def test_mcs_user_token_lives_two_weeks_and_access_token_an_hour(demo: Any, mcs_login: Any) -> None:
    answer = json.loads(mcs_login.body)
    now = datetime.now(UTC).timestamp()
    for name, seconds in (("token", 14 * 86400), ("access_token", 3600)):
        facts = demo.introspect(answer[name], MCS_BASIC)
        assert facts["active"] is True
        assert abs(facts["exp"] - now - seconds) < 30
        assert facts["username"] == "mcsuser"


def test_blsct_token_answers_as_documented(demo: Any) -> None:
    reply = demo.call("POST", "/oauth/token/get", JSON, BLSCT_REQUEST)
    assert reply.status == 200
    assert_common_headers(reply)
    answer = json.loads(reply.body)
    assert list(answer) == ["appId", "accessToken", "expiresIn", "statusCode", "errMsg"]
    assert answer["accessToken"].startswith("Bearer ey")
    assert answer == {
        "appId": "coupang",
        "accessToken": answer["accessToken"],
        "expiresIn": 3600,
        "statusCode": 200,
        "errMsg": None,
    }


def test_blsct_parameter_table_says_app_key(demo: Any) -> None:
    reply = demo.call("POST", "/oauth/token/get", JSON, b'{"app_id":"coupang","app_key":"coupangTest"}')
    assert reply.status == 200


def test_blsct_jwt_is_signed_as_documented_and_verifies_with_another_library(demo: Any) -> None:
    answer = json.loads(demo.call("POST", "/oauth/token/get", JSON, BLSCT_REQUEST).body)
    token = answer["accessToken"].removeprefix("Bearer ")
    header, claims = (
        json.loads(base64.urlsafe_b64decode(part + "=="), object_pairs_hook=list) for part in token.split(".")[:2]
    )
    assert [name for name, _ in header] == ["alg", "kid", "typ", "x5t"]
    told = dict(header)
    assert (told["alg"], told["typ"]) == ("RS256", "at+jwt")
    thumbprint = base64.urlsafe_b64decode(told["x5t"] + "=")
    assert told["kid"] == thumbprint.hex().upper() + "RS256"
    assert [name for name, _ in claims] == ["nbf", "exp", "iss", "client_id", "jti", "iat", "scope"]
    said = dict(claims)
    assert said["exp"] - said["nbf"] == 3600
    assert said["iss"] == "http://localhost:5006"
    assert said["client_id"] == "coupang"
    assert said["scope"] == ["bailunApi"]
    assert re.fullmatch("[0-9A-F]{32}", said["jti"])
    published = json.loads(demo.call("GET", "/.well-known/jwks.json").body)
    key = next(key for key in published["keys"] if key["kid"] == told["kid"])
    verified = jwt.decode(token, jwt.PyJWK(key), algorithms=["RS256"], issuer="http://localhost:5006")
    assert verified["client_id"] == "coupang"
    assert key["x5t"] == told["x5t"]


def test_blsct_error_mirrors_the_status(demo: Any) -> None:
    reply = demo.call("POST", "/oauth/token/get", JSON, b'{"app_id":"S12345945","app_secret":"nope"}')
    assert reply.status == 401
    answer = json.loads(reply.body)
    assert list(answer) == ["appId", "accessToken", "expiresIn", "statusCode", "errMsg"]
    assert answer["appId"] == "S12345945"
    assert (answer["accessToken"], answer["expiresIn"], answer["statusCode"]) == (None, None, 401)
    assert answer["errMsg"]


def test_blsct_bad_request_has_the_same_fields(demo: Any) -> None:
    reply = demo.call("POST", "/oauth/token/get", JSON, b"{")
    assert reply.status == 400
    answer = json.loads(reply.body)
    assert list(answer) == ["appId", "accessToken", "expiresIn", "statusCode", "errMsg"]
    assert (answer["appId"], answer["statusCode"]) == (None, 400)


def test_blsct_resource_server_as_documented(demo: Any) -> None:
    answer = json.loads(demo.call("POST", "/oauth/token/get", JSON, BLSCT_REQUEST).body)
    assert demo.resource("GET", "/product").status == 200
    open_door = demo.resource("GET", "/product/get?id=1", {"Authorization": answer["accessToken"]})
    assert open_door.status == 200
    assert open_door.body == b"Ok!You successfully caught me. The Id is 1"
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": "Bearer " + answer["accessToken"]}):
        closed = demo.resource("GET", "/product/get?id=1", headers)
        assert (closed.status, closed.body) == (401, b"401")


YINDO_JSON = b"""{
"grant_type": "password",
"userName": "theuser",
"password": "thepass",
"clientKey": "tablet-1"
}"""
YINDO_XML = (
    f'<OAuthRequest xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns="{YINDO}"> '
    "<clientKey>tablet-1</clientKey> <grant_type>password</grant_type> "
    "<password>thepass</password> <userName>theuser</userName> </OAuthRequest>"
).encode()
YINDO_FORM = b"grant_type=password&userName=theuser&password=thepass&clientKey=tablet-1"
YINDO_BODIES = {
    "application/json": YINDO_JSON,
    "text/json": YINDO_JSON,
    "text/javascript": b'{"grant_type":"password","userName":"theuser","password":"thepass","clientKey":"tablet-1"}',
    "application/xml": YINDO_XML,
    "text/xml": YINDO_XML,
    "application/x-www-form-urlencoded": YINDO_FORM,
}
YINDO_FIELDS = ["access_token", "token_type", "expires_in", "userName", "userID", "sessionKey", "clientKey"]


@pytest.mark.parametrize("accept", [None, "application/json", "text/json", "text/javascript", "text/html", "*/*"])
@pytest.mark.parametrize("content_type", YINDO_BODIES)
def test_yindo_reads_six_types_and_answers_json(demo: Any, content_type: str, accept: str | None) -> None:
    headers = {"Content-Type": content_type} | ({} if accept is None else {"Accept": accept})
    reply = demo.call("POST", "/token", headers, YINDO_BODIES[content_type])
    assert reply.status == 200
    negotiated = accept if accept in {"text/json", "text/javascript"} else "application/json"
    assert reply.headers["content-type"] == negotiated
    answer = json.loads(reply.body)
    assert list(answer) == YINDO_FIELDS
    assert answer["token_type"] == "bearer"
    assert answer["expires_in"] == 3600
    assert answer["userName"] == "theuser"
    assert isinstance(answer["userID"], str)
    assert answer["clientKey"] == "tablet-1"
    assert_common_headers(reply)


@pytest.mark.parametrize("accept", ["application/xml", "text/xml"])
@pytest.mark.parametrize("content_type", YINDO_BODIES)
def test_yindo_answers_xml_with_names_namespace_and_order(demo: Any, content_type: str, accept: str) -> None:
    from defusedxml.ElementTree import fromstring

    reply = demo.call("POST", "/token", {"Content-Type": content_type, "Accept": accept}, YINDO_BODIES[content_type])
    assert reply.status == 200
    assert reply.headers["content-type"] == accept
    assert b'xmlns:i="http://www.w3.org/2001/XMLSchema-instance"' in reply.body
    root = fromstring(reply.body.decode())
    assert root.tag == f"{{{YINDO}}}OAuthToken"
    names = [child.tag for child in root]
    assert names == [f"{{{YINDO}}}{name}" for name in sorted(YINDO_FIELDS, key=str.lower)]
    told = {child.tag.rpartition("}")[2]: child.text for child in root}
    assert told["expires_in"] == "3600"
    assert told["clientKey"] == "tablet-1"


def test_yindo_without_a_device_says_null_and_nil(demo: Any) -> None:
    body = b"grant_type=password&username=theuser&password=thepass"
    assert json.loads(demo.call("POST", "/token", FORM, body).body)["clientKey"] is None
    xml = demo.call("POST", "/token", {**FORM, "Accept": "text/xml"}, body).body
    assert re.search(rb'<clientKey i:nil="true"\s*/>|<clientKey i:nil="true"></clientKey>', xml)


def test_yindo_each_login_opens_a_session_of_its_own(demo: Any) -> None:
    answers = [json.loads(demo.call("POST", "/token", FORM, YINDO_FORM).body) for _ in range(3)]
    assert len({answer["sessionKey"] for answer in answers}) == 3
    assert len({answer["access_token"] for answer in answers}) == 3


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"grant_type=password&userName=theuser&password=wrong", "invalid_grant"),
        (b"grant_type=password&userName=nobody&password=thepass", "invalid_grant"),
        (b"grant_type=refresh_token", "unsupported_grant_type"),
        (b"grant_type=password&userName=theuser", "invalid_request"),
        (b"userName=theuser&password=thepass", "invalid_request"),
    ],
)
def test_yindo_errors(demo: Any, body: bytes, error: str) -> None:
    reply = demo.call("POST", "/token", FORM, body)
    assert reply.status == 400
    assert list(json.loads(reply.body)) == ["error", "error_description"]
    assert json.loads(reply.body)["error"] == error


SOCIALID_NAMES = {"username": b"username=john_doe", "email_address": b"email_address=john_doe@domain.com"}


def socialid(demo: Any, body: bytes, authorization: str | None = SOCIALID_BASIC) -> Any:
    headers = FORM | ({} if authorization is None else {"Authorization": authorization})
    return demo.call("POST", "/v2/marketing/oauth/token", headers, body)


@pytest.mark.parametrize("name", SOCIALID_NAMES)
def test_socialid_password_answers_as_documented(demo: Any, name: str) -> None:
    reply = socialid(demo, b"grant_type=password&" + SOCIALID_NAMES[name] + b"&password=john_doe_secret")
    assert reply.status == 200
    assert reply.headers["status"].startswith("200")
    assert reply.headers["content-type"] == "application/json"
    answer = json.loads(reply.body)
    assert list(answer) == ["access_token", "expires_in", "token_type", "refresh_token"]
    assert answer["expires_in"] == 604800
    assert answer["token_type"] == "bearer"
    for token in ("access_token", "refresh_token"):
        assert re.fullmatch("[0-9a-f]{64}", answer[token])


def test_socialid_refresh_is_single_use_with_a_new_pair(demo: Any) -> None:
    first = json.loads(socialid(demo, b"grant_type=password&username=john_doe&password=john_doe_secret").body)
    second = socialid(demo, b"grant_type=refresh_token&refresh_token=" + first["refresh_token"].encode())
    assert second.status == 200
    pair = json.loads(second.body)
    assert list(pair) == ["access_token", "expires_in", "token_type", "refresh_token"]
    assert pair["access_token"] != first["access_token"]
    assert pair["refresh_token"] != first["refresh_token"]


def test_socialid_app_token(demo: Any) -> None:
    reply = socialid(demo, b"grant_type=client_credentials")
    assert reply.status == 200
    assert re.fullmatch("[0-9a-f]{64}", json.loads(reply.body)["access_token"])


@pytest.mark.parametrize(
    ("body", "authorization", "status", "error"),
    [
        (b"grant_type=password&username=john_doe&password=no", SOCIALID_BASIC, 401, "invalid_client"),
        (b"grant_type=password&username=nobody&password=no", SOCIALID_BASIC, 401, "invalid_client"),
        (b"grant_type=password&username=john_doe&password=john_doe_secret", None, 401, "invalid_client"),
        (b"grant_type=password&username=john_doe&password=john_doe_secret", "Basic MTM4Ong=", 401, "invalid_client"),
        (b"grant_type=password&username=john_doe", SOCIALID_BASIC, 400, "invalid_request"),
        (b"grant_type=password&password=john_doe_secret", SOCIALID_BASIC, 400, "invalid_request"),
        (
            b"grant_type=password&username=john_doe&email_address=john_doe@domain.com&password=john_doe_secret",
            SOCIALID_BASIC,
            400,
            "invalid_request",
        ),
        (b"username=john_doe&password=john_doe_secret", SOCIALID_BASIC, 400, "invalid_request"),
        (b"grant_type=magic", SOCIALID_BASIC, 400, "unsupported_grant_type"),
    ],
)
def test_socialid_errors(demo: Any, body: bytes, authorization: str | None, status: int, error: str) -> None:
    reply = socialid(demo, body, authorization)
    assert reply.status == status
    assert reply.headers["status"].startswith(str(status))
    assert list(json.loads(reply.body)) == ["error", "error_description"]
    assert json.loads(reply.body)["error"] == error
