"""The five documented contracts, row by row: one test for each row of the table that settles them, over a real socket.

A test is called ``test_SECTION_ROW``. ``demo`` is a server process as a newcomer starts it, with the command line beside
it; ``served`` is the same house on a socket in this process, with a clock that can be set.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jwt
import msgspec
import pytest
import pytest_asyncio
from defusedxml.ElementTree import fromstring

from tokenhouse.config.settings import Mount
from tokenhouse.http.listeners import Listener, Listeners
from tokenhouse.model.effects import SetAccountState
from tokenhouse.server.running import management

pytestmark = pytest.mark.xdist_group("demo")

ROWS = {
    "mcs": (
        "login", "refresh", "client", "login answer", "refresh answer", "token", "access_token", "e-mail", "errors",
        "protected APIs", "how an app gets its pair", "sample data",
    ),
    "blsct": (
        "token", "answer", "the token", "errors", "resource server", "expiry", "credentials", "sample data",
    ),
    "yindo": (
        "login", "fields", "answer", "use", "text/javascript", "session", "errors", "client", "XML", "sample data",
    ),
    "socialid": (
        "endpoint", "password", "answer", "refresh", "other grants", "errors", "lockout", "protected API", "sample data",
    ),
    "common": (
        "headers", "wrong method, unknown content type, oversized body", "unknown, wrong, locked and disabled",
        "audit log", "shared paths",
    ),
}  # fmt: skip
"""The rows of the page that says how the documents are read."""

ELSEWHERE = {("socialid", "other grants"): ("test_providers.py", "test_a_person_whom_a_provider_proves_logs_in")}
"""Rows of which a part needs processes of others: the file and the test that have it."""

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def test_every_row_has_its_test_and_every_test_its_row() -> None:
    wanted = {f"test_{section}_{re.sub('[^a-z]+', '_', row.lower())}" for section, rows in ROWS.items() for row in rows}
    named = {name for name in globals() if re.match(f"test_({'|'.join(ROWS)})_", name)}
    assert named == wanted
    for (section, row), (file, name) in ELSEWHERE.items():
        assert row in ROWS[section]
        assert f"def {name}(" in Path(__file__).with_name(file).read_text()


def basic(client_id: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


def keys(body: bytes) -> list[str]:
    return list(json.loads(body))


class Served:
    """A house on a socket."""

    def __init__(self, house: Any, port: int, call: Callable[..., Any]) -> None:
        self.house, self.port, self._call = house, port, call

    async def call(self, method: str, path: str, headers: Any = None, body: bytes | None = None) -> Any:
        return await asyncio.to_thread(self._call, self.port, method, path, headers, body)

    async def json(self, path: str, told: Any, headers: dict[str, str] | None = None) -> Any:
        return await self.call("POST", path, JSON | (headers or {}), json.dumps(told).encode())

    async def form(self, path: str, told: dict[str, str], headers: dict[str, str] | None = None) -> Any:
        return await self.call("POST", path, FORM | (headers or {}), urlencode(told).encode())

    async def introspect(self, tenant: str, token: str) -> Any:
        """Ask as the API of a contract."""
        api = basic(f"{tenant}-api", "th_cs_a-long-random-secret-of-the-tests")
        reply = await self.form("/oauth2/introspect", {"token": token}, api)
        assert reply.status == 200, reply
        return json.loads(reply.body)

    async def manage(self, operation: str, **values: Any) -> Any:
        return msgspec.to_builtins(await management(self.house).do(operation, "test", **values))


@contextlib.asynccontextmanager
async def on_a_socket(house: Any, port: int, call: Callable[..., Any]) -> AsyncIterator[Served]:
    listeners = Listeners([Listener(house.door, f"127.0.0.1:{port}")], 1)
    running = asyncio.create_task(listeners.run())
    here = Served(house, port, call)
    for _ in range(500):
        with contextlib.suppress(OSError):
            await here.call("GET", "/readyz")
            break
        await asyncio.sleep(0.01)
    yield here
    listeners.stop()
    await running


@pytest_asyncio.fixture
async def served(contracts: Any, three_free_ports: int, call_port: Any) -> AsyncIterator[Served]:
    async with on_a_socket(contracts, three_free_ports, call_port) as here:
        yield here


@pytest.fixture
def program(wait_until: Any) -> Iterator[Callable[..., int]]:
    """Start a sample resource server as a process of its own; return the port."""
    with contextlib.ExitStack() as running:

        def start(port: int, *arguments: str, page: str, **environment: str) -> int:
            process = subprocess.Popen(
                [sys.executable, "-m", *arguments, "--port", str(port)], env=os.environ | environment
            )
            running.callback(process.wait, 20)
            running.callback(process.terminate)
            wait_until(port, page, process)
            return port

        yield start


@pytest.fixture
def wait_until(call_port: Any) -> Callable[..., None]:
    """Wait until a page is there."""

    def wait(port: int, page: str, process: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            assert process.poll() is None, "the resource server ended"
            with contextlib.suppress(OSError):
                if call_port(port, "GET", page).status == 200:
                    return
            time.sleep(0.05)
        pytest.fail("the resource server did not come up")

    return wait


@pytest.fixture
def api_of(demo: Any, program: Any, three_free_ports: int, tmp_path: Path) -> Callable[..., int]:
    """Start an API of a contract beside the demo: it loads the exported description and asks about credentials."""

    def start(contract: str) -> int:
        description = tmp_path / f"{contract}.json"
        description.write_text(demo.cli("dialect", "export", contract).stdout)
        made = demo.cli(
            "client", "create", "--contract", contract, "--introspection", "tenant", "--name", "An API", "--json"
        )
        pair = json.loads(made.stdout)
        arguments = ("--contract", str(description), "--issuer", f"http://127.0.0.1:{demo.port}")
        return int(
            program(
                three_free_ports,
                *("tokenhouse_verify.sample_contract", *arguments, "--client-id", pair["client_id"]),
                page="/",
                INTROSPECTION_CLIENT_SECRET=pair["client_secret"],
            )
        )

    return start


# MCS

MCS_APP = ("BuMgS2MPK5Z6nqWhVsyV", "o1uBjWTzuqbaMnQzSmDp5UhR6M33NOhb3YL0b1YK")
MCS = basic(*MCS_APP)
MCS_LOGIN = {"email": "MCSuser@mediatek.com", "password": "123456789"}
LOGIN, REFRESH = "/oauth/login/thirdparty", "/oauth/login/thirdparty/refresh"
MCS_REFUSED = b'{"errors":[{"code":4001,"message":"token is incorrect"}],"statusCode":401,"options":{}}'


def mcs_error(status: int, message: str) -> dict[str, Any]:
    return {"apiVersion": "0.0.1", "code": status, "message": message, "statusCode": status, "options": {}}


async def mcs_login(served: Served, **over: str) -> Any:
    reply = await served.json(LOGIN, MCS_LOGIN | over, MCS)
    assert reply.status == 200, reply
    return json.loads(reply.body)


async def test_mcs_login(served: Served) -> None:
    assert (await served.json(LOGIN, MCS_LOGIN, MCS)).status == 200
    refused = await served.form(LOGIN, MCS_LOGIN, MCS)
    assert (refused.status, keys(refused.body)) == (415, list(mcs_error(415, "")))


@pytest.fixture
def production(config: Any) -> Any:
    """The house behind https, as it is outside of development; a trusted proxy says what came over https."""
    server = msgspec.structs.replace(config.server, trusted_proxies=("127.0.0.0/8",))
    return msgspec.structs.replace(config, development=False, issuer="https://id.example.com", server=server)


async def test_mcs_refresh(
    contracts: Any, make_house: Any, production: Any, three_free_ports: int, call_port: Any
) -> None:
    await contracts.close()
    house = await make_house(msgspec.structs.replace(production, mount=contracts.config.mount))
    async with on_a_socket(house, three_free_ports, call_port) as served:
        encrypted = MCS | {"X-Forwarded-Proto": "https"}
        assert (await served.json(LOGIN, MCS_LOGIN, MCS)).status == 403
        token = json.loads((await served.json(LOGIN, MCS_LOGIN, encrypted)).body)["token"]
        for path in (REFRESH, "/oauth/login/thirdpart/refresh"):
            for headers in (MCS, encrypted):
                assert (await served.json(path, {"token": token}, headers)).status == 200


async def test_mcs_client(served: Served) -> None:
    bare = MCS["Authorization"].removeprefix("Basic ")
    for path in (LOGIN, "/oauth/login/thirdpart"):
        for name in ("authorization", "Authorization", "AUTHORIZATION"):
            for value in (bare, f"Basic {bare}"):
                assert (await served.json(path, MCS_LOGIN, {name: value})).status == 200


async def test_mcs_login_answer(served: Served) -> None:
    reply = await served.json(LOGIN, MCS_LOGIN, MCS)
    told = json.loads(reply.body)
    assert (reply.status, reply.headers["content-type"]) == (200, "application/json")
    assert keys(reply.body) == ["apiVersion", "code", "message", "token", "access_token"]
    assert list(told.values())[:3] == ["0.0.1", 200, "Request has succeeded"]
    assert told["token"] != told["access_token"]


async def test_mcs_refresh_answer(served: Served) -> None:
    login = await mcs_login(served)
    reply = await served.json(REFRESH, {"token": login["token"]}, MCS)
    told = json.loads(reply.body)
    assert keys(reply.body) == ["apiVersion", "code", "message", "results"]
    assert list(told["results"]) == [
        "access_token", "userImageURL", "timezone", "email", "nickname", "language", "plan", "token",
    ]  # fmt: skip
    assert list(told["results"]["plan"]) == ["name", "deviceCount", "dataPointCount", "emailCount"]
    assert (told["apiVersion"], told["code"], told["message"]) == ("0.0.1", 200, "Request has succeeded")


async def test_mcs_token(served: Served, clock: Any) -> None:
    token = (await mcs_login(served))["token"]
    for _ in range(2):
        clock.pass_(days=6, hours=23)
        reply = await served.json(REFRESH, {"token": token}, MCS)
        assert json.loads(reply.body)["results"]["token"] == token
    clock.pass_(hours=3)
    refused = await served.json(REFRESH, {"token": token}, MCS)
    assert (refused.status, json.loads(refused.body)) == (401, mcs_error(401, "token is incorrect"))


async def test_mcs_access_token(served: Served, clock: Any) -> None:
    token = (await mcs_login(served))["access_token"]
    told = await served.introspect("mcs", token)
    assert told["exp"] - told["iat"] == 3600
    clock.pass_(minutes=59)
    assert (await served.introspect("mcs", token))["active"] is True
    clock.pass_(minutes=2)
    assert await served.introspect("mcs", token) == {"active": False}


async def test_mcs_e_mail(served: Served) -> None:
    for email in ("MCSuser@mediatek.com", "mcsuser@mediatek.com", "MCSUSER@MEDIATEK.COM"):
        login = await mcs_login(served, email=email)
        reply = await served.json(REFRESH, {"token": login["token"]}, MCS)
        assert json.loads(reply.body)["results"]["email"] == "mcsuser@mediatek.com"


async def test_mcs_errors(served: Served, clock: Any) -> None:
    async def refused(path: str, told: Any, headers: dict[str, str]) -> tuple[int, str]:
        reply = await served.json(path, told, headers)
        body = json.loads(reply.body)
        assert keys(reply.body) == list(mcs_error(0, ""))
        assert body == mcs_error(reply.status, body["message"])
        return reply.status, body["message"]

    ended, expired = [(await mcs_login(served))["token"] for _ in range(2)]
    foreign = await served.form("/v2/marketing/oauth/token", SOCIALID_LOGIN, SOCIALID)
    await served.form("/oauth2/revoke", {"token": ended}, MCS)
    no_client = (500, "Invalid or missing client_id parameter")
    for path, told in ((LOGIN, MCS_LOGIN), (REFRESH, {"token": expired})):
        for headers in ({}, basic("nobody", MCS_APP[1]), basic(MCS_APP[0], "wrong"), {"Authorization": "Basic !"}):
            assert await refused(path, told, headers) == no_client
    for wrong in ({"password": "12345678"}, {"email": "nobody@mediatek.com"}):
        assert (await refused(LOGIN, MCS_LOGIN | wrong, MCS))[0] == 401
    for token in ("nonsense", ended, json.loads(foreign.body)["refresh_token"]):
        assert await refused(REFRESH, {"token": token}, MCS) == (401, "token is incorrect")
    for malformed in ({}, {"email": 7, "password": "x"}, {"email": "a@example.com"}, []):
        assert (await refused(LOGIN, malformed, MCS))[0] == 400
    clock.pass_(days=15)
    assert await refused(REFRESH, {"token": expired}, MCS) == (401, "token is incorrect")


def test_mcs_protected_apis(demo: Any, api_of: Any, call_port: Any) -> None:
    api = api_of("mcs")
    login = json.loads(demo.call("POST", LOGIN, JSON | MCS, json.dumps(MCS_LOGIN).encode()).body)
    made = json.loads(demo.cli("device", "create", "D1", "--contract", "mcs", "--json").stdout)
    assert (made["label"], bool(re.fullmatch("[A-Za-z0-9]{16}", made["key"]))) == ("deviceKey", True)

    def who(**headers: str) -> Any:
        return call_port(api, "GET", "/who", headers)

    said = [
        json.loads(who(Authorization=f"Bearer {login['access_token']}").body),
        json.loads(who(appId=MCS_APP[0], appSecret=MCS_APP[1]).body),
        json.loads(who(deviceKey=made["key"]).body),
    ]
    assert [one["kind"] for one in said] == ["token", "client_secret", "device_key"]
    assert [one["client_id"] for one in said[:2]] == [MCS_APP[0]] * 2
    assert (said[0]["sub"] is not None, said[2]["device"]) == (True, "D1")
    doors = [call_port(api, "GET", f"/devices/{device}", {"deviceKey": made["key"]}).status for device in ("D1", "D2")]
    assert doors == [200, 401]
    for headers in (
        {}, {"Authorization": "Bearer nonsense"}, {"Authorization": f"Bearer {login['token']}"},
        {"appId": MCS_APP[0], "appSecret": "wrong"}, {"appId": MCS_APP[0]}, {"deviceKey": "AAAABBBBCCCCDDDD"},
        {"Authorization": f"Basic {MCS['Authorization'][6:]}"},
    ):  # fmt: skip
        reply = who(**headers)
        assert (reply.status, reply.body) == (401, MCS_REFUSED), headers
    assert demo.cli("device", "revoke", "D1", "--contract", "mcs").returncode == 0
    until = time.monotonic() + 15  # what was said of a key a moment ago is kept for a few seconds
    while who(deviceKey=made["key"]).status == 200 and time.monotonic() < until:
        time.sleep(0.2)
    assert who(deviceKey=made["key"]).body == MCS_REFUSED


def test_mcs_how_an_app_gets_its_pair(demo: Any) -> None:
    printed = demo.cli("client", "create", "--contract", "mcs", "--name", "Sprinkler")
    found = re.search(r"^AppKey +([A-Za-z0-9]{20})\nAppSecret +([A-Za-z0-9]{40})$", printed.stdout, re.MULTILINE)
    assert found is not None, printed
    reply = demo.call("POST", LOGIN, JSON | basic(found[1], found[2]), json.dumps(MCS_LOGIN).encode())
    assert reply.status == 200


async def test_mcs_sample_data(served: Served) -> None:
    login = await mcs_login(served)
    results = json.loads((await served.json(REFRESH, {"token": login["token"]}, MCS)).body)["results"]
    assert results == {
        "access_token": results["access_token"],
        "userImageURL": "profile/1234567890.jpg",
        "timezone": "Asia/Taipei",
        "email": "mcsuser@mediatek.com",
        "nickname": "MCS User",
        "language": "zh-TW",
        "plan": {"name": "Free plan", "deviceCount": 10, "dataPointCount": 100000, "emailCount": 100},
        "token": login["token"],
    }


# blsct

BLSCT = {"app_id": "coupang", "app_secret": "coupangTest"}
BLSCT_FIELDS = ["appId", "accessToken", "expiresIn", "statusCode", "errMsg"]
CAUGHT = b"Ok!You successfully caught me. The Id is 1"


def set_clock(clock: Any, hours_ago: int) -> None:
    """Let the house be as late as another process, which has no clock that can be set, or earlier."""
    now = datetime.now(UTC) - timedelta(hours=hours_ago)
    assert now > clock.now, "the keys of the house are not in use yet"
    clock.now = now


async def blsct_token(served: Served, told: dict[str, str] = BLSCT) -> str:
    return str(json.loads((await served.json("/oauth/token/get", told)).body)["accessToken"])


async def test_blsct_token(served: Served) -> None:
    for told in (BLSCT, {"app_id": "coupang", "app_key": "coupangTest"}, BLSCT | {"app_key": "coupangTest"}):
        assert (await served.json("/oauth/token/get", told)).status == 200
    assert (await served.json("/oauth/token/get", BLSCT | {"app_key": "another"})).status == 400


async def test_blsct_answer(served: Served) -> None:
    reply = await served.json("/oauth/token/get", BLSCT)
    told = json.loads(reply.body)
    assert list(told) == BLSCT_FIELDS
    assert told | {"accessToken": ""} == {
        "appId": "coupang", "accessToken": "", "expiresIn": 3600, "statusCode": 200, "errMsg": None,
    }  # fmt: skip
    assert re.fullmatch(r"Bearer [\w-]+\.[\w-]+\.[\w-]+", told["accessToken"])


async def test_blsct_the_token(served: Served) -> None:
    token = (await blsct_token(served)).removeprefix("Bearer ")
    header, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2])
    published = json.loads((await served.call("GET", "/.well-known/jwks.json")).body)["keys"]
    key = next(key for key in published if key["kid"] == header["kid"])
    thumbprint = base64.urlsafe_b64decode(header["x5t"] + "=")
    assert list(header) == ["alg", "kid", "typ", "x5t"]
    assert header == {
        "alg": "RS256", "kid": thumbprint.hex().upper() + "RS256", "typ": "at+jwt", "x5t": key["x5t"],
    }  # fmt: skip
    assert list(claims) == ["nbf", "exp", "iss", "client_id", "jti", "iat", "scope"]
    assert claims["exp"] - claims["nbf"] == 3600
    assert (claims["iss"], claims["client_id"], claims["scope"]) == ("http://localhost:5006", "coupang", ["bailunApi"])
    assert re.fullmatch("[0-9A-F]{32}", claims["jti"])
    assert len(base64.urlsafe_b64decode(key["n"] + "==")) == 256
    checks = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
    assert jwt.decode(token, jwt.PyJWK(key), algorithms=["RS256"], options=checks) == claims
    others = [key["kid"] for key in published if key["kid"] != header["kid"]]
    assert others, "the other contracts have keys of their own"


async def test_blsct_errors(served: Served, new_client: Any, database: Path) -> None:
    no_grant = {"app_id": "no-grant", "app_secret": "th_cs_a-long-random-secret-of-the-tests"}
    await new_client(served.house, "no-grant", tenant="blsct", contracts=("blsct",), scopes=("bailunApi",))

    async def refused(told: Any) -> tuple[int, Any]:
        reply = await served.json("/oauth/token/get", told)
        body = json.loads(reply.body)
        assert list(body) == BLSCT_FIELDS
        assert (body["accessToken"], body["expiresIn"], body["statusCode"]) == (None, None, reply.status)
        assert body["errMsg"]
        return reply.status, body["appId"]

    assert await refused({"app_id": "S12345945", "app_secret": "x"}) == (401, "S12345945")
    assert await refused(BLSCT | {"app_secret": "wrong"}) == (401, "coupang")
    assert json.loads((await served.json("/oauth/token/get", BLSCT | {"app_secret": "wrong"})).body)["errMsg"] == (
        "Illegal id"
    )
    assert await refused({"app_id": "coupang", "app_secret": 7}) == (400, "coupang")
    assert await refused([]) == (400, None)
    assert await refused(no_grant) == (403, "no-grant")
    with contextlib.closing(sqlite3.connect(database)) as broken:
        broken.execute("ALTER TABLE client_secret RENAME TO gone")
    assert await refused({"app_id": "testClient", "app_secret": "testClientTest"}) == (500, "testClient")


def test_blsct_resource_server(demo: Any) -> None:
    answer = demo.call("POST", "/oauth/token/get", JSON, json.dumps(BLSCT).encode())
    token = json.loads(answer.body)["accessToken"]
    assert demo.resource("GET", "/product").status == 200
    let_in = demo.resource("GET", "/product/get?id=1", {"Authorization": token})
    assert (let_in.status, let_in.body) == (200, CAUGHT)
    for headers in ({}, {"Authorization": token.removeprefix("Bearer ")}, {"Authorization": f"Bearer {token}"}):
        refused = demo.resource("GET", "/product/get?id=1", headers)
        assert (refused.status, refused.body) == (401, b"401")


async def test_blsct_expiry(clock: Any, served: Served, program: Any, call_port: Any) -> None:
    set_clock(clock, hours_ago=2)
    api = await asyncio.to_thread(start_sample, program, served)
    old = await blsct_token(served)
    refused = await asyncio.to_thread(call_port, api, "GET", "/product/get?id=1", {"Authorization": old})
    assert (refused.status, refused.body) == (401, b"401")
    set_clock(clock, hours_ago=0)
    again = {"Authorization": await blsct_token(served)}
    assert (await asyncio.to_thread(call_port, api, "GET", "/product/get?id=1", again)).body == CAUGHT


def start_sample(program: Any, served: Served) -> int:
    jwks = f"http://127.0.0.1:{served.port}/.well-known/jwks.json"
    arguments = ("tokenhouse_verify.sample", "--issuer", "http://localhost:5006", "--jwks", jwks)
    return int(program(served.port + 1, *arguments, page="/product"))


async def test_the_signing_certificate_is_changed_while_tokens_of_both_are_good(
    clock: Any, served: Served, program: Any, call_port: Any
) -> None:
    set_clock(clock, hours_ago=0)
    api = await asyncio.to_thread(start_sample, program, served)

    async def let_in(token: str) -> bool:
        reply = await asyncio.to_thread(call_port, api, "GET", "/product/get?id=1", {"Authorization": token})
        return (reply.status, reply.body) == (200, CAUGHT)

    before = await blsct_token(served)
    assert await let_in(before)
    made = await served.manage("key.rotate", contract="blsct", at_once=True)
    after = [
        await blsct_token(served),
        await blsct_token(served, {"app_id": "testClient", "app_key": "testClientTest"}),
    ]
    kids = [jwt.get_unverified_header(token.removeprefix("Bearer "))["kid"] for token in (before, *after)]
    published = {key["kid"] for key in json.loads((await served.call("GET", "/.well-known/jwks.json")).body)["keys"]}
    assert kids[0] != kids[1] == kids[2] == made["key_id"]
    assert set(kids) <= published
    assert [await let_in(token) for token in (before, *after)] == [True, True, True]


def test_blsct_credentials(demo: Any) -> None:
    printed = demo.cli("client", "create", "--contract", "blsct", "--name", "Parcel")
    found = re.search(r"^appId +([A-Za-z0-9]{16})\nappKey +([A-Za-z0-9]{32})$", printed.stdout, re.MULTILINE)
    assert found is not None, printed
    told = json.dumps({"app_id": found[1], "app_key": found[2]}).encode()
    reply = demo.call("POST", "/oauth/token/get", JSON, told)
    assert json.loads(reply.body)["appId"] == found[1]
    assert (
        demo.resource("GET", "/product/get?id=1", {"Authorization": json.loads(reply.body)["accessToken"]}).status
        == 200
    )


async def test_blsct_sample_data(served: Served) -> None:
    for app_id, secret in (("coupang", "coupangTest"), ("testClient", "testClientTest")):
        reply = await served.json("/oauth/token/get", {"app_id": app_id, "app_secret": secret})
        assert json.loads(reply.body)["appId"] == app_id
        (entry,) = await served.house.store.find_clients(app_id, "blsct")
        assert [secret.scheme for secret in entry.secrets] == ["argon2id"]


# Yindo

NAMESPACE = "http://schemas.datacontract.org/2004/07/Yindo.DAL.Types"
YINDO = {"grant_type": "password", "userName": "theuser", "password": "thepass"}
YINDO_FIELDS = ["access_token", "token_type", "expires_in", "userName", "userID", "sessionKey", "clientKey"]


def yindo_xml(told: dict[str, str]) -> bytes:
    inside = "".join(f"<{name}>{told[name]}</{name}>" for name in sorted(told, key=str.lower))
    return (
        f'<OAuthRequest xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns="{NAMESPACE}">{inside}</OAuthRequest>'
    ).encode()


YINDO_WRITERS: dict[str, Callable[[dict[str, str]], bytes]] = {
    "application/x-www-form-urlencoded": lambda told: urlencode(told).encode(),
    "application/json": lambda told: json.dumps(told).encode(),
    "text/json": lambda told: json.dumps(told).encode(),
    "text/javascript": lambda told: json.dumps(told).encode(),
    "application/xml": yindo_xml,
    "text/xml": yindo_xml,
}


async def yindo_login(served: Served, **over: str) -> Any:
    return json.loads((await served.form("/token", YINDO | over)).body)


async def test_yindo_login(served: Served) -> None:
    for content_type, write in YINDO_WRITERS.items():
        reply = await served.call("POST", "/token", {"Content-Type": content_type}, write(YINDO))
        assert (reply.status, keys(reply.body)) == (200, YINDO_FIELDS), content_type
    for body in (b"<OAuthRequest/>", yindo_xml(YINDO).replace(b"OAuthRequest", b"Other"), b"<OAuthRequest>"):
        assert (await served.call("POST", "/token", {"Content-Type": "text/xml"}, body)).status == 400


async def test_yindo_fields(served: Served) -> None:
    lower = {"grant_type": "password", "username": "theuser", "password": "thepass"}
    assert (await served.form("/token", lower)).status == 200
    assert (await served.form("/token", YINDO | {"username": "theuser"})).status == 200
    assert (await served.form("/token", YINDO | {"username": "another"})).status == 400
    assert (await yindo_login(served, clientKey="tablet-1"))["clientKey"] == "tablet-1"
    refused = await served.form("/token", YINDO | {"grant_type": "refresh_token"})
    assert json.loads(refused.body)["error"] == "unsupported_grant_type"


async def test_yindo_answer(served: Served) -> None:
    for accept in ("application/json", "text/json", "text/javascript", "text/html", "*/*"):
        reply = await served.form("/token", YINDO, {"Accept": accept})
        told = json.loads(reply.body)
        said = accept if accept in {"text/json", "text/javascript"} else "application/json"
        assert (reply.headers["content-type"], list(told)) == (said, YINDO_FIELDS)
        assert [told[name] for name in YINDO_FIELDS[1:4]] == ["bearer", 3600, "theuser"]
        assert (type(told["userID"]), told["clientKey"]) == (str, None)
    for accept in ("application/xml", "text/xml"):
        reply = await served.form("/token", YINDO, {"Accept": accept})
        root = fromstring(reply.body.decode())
        assert (reply.headers["content-type"], root.tag) == (accept, f"{{{NAMESPACE}}}OAuthToken")
        assert [child.tag.rpartition("}")[2] for child in root] == sorted(YINDO_FIELDS, key=str.lower)
        assert b'xmlns:i="http://www.w3.org/2001/XMLSchema-instance"' in reply.body.partition(b">")[0]
        assert b'<clientKey i:nil="true"' in reply.body


def test_yindo_use(demo: Any, api_of: Any, call_port: Any) -> None:
    api = api_of("yindo")
    answer = demo.call("POST", "/token", FORM, urlencode(YINDO).encode())
    token = json.loads(answer.body)["access_token"]
    for headers in (
        {"Authorization": f"Bearer {token}"}, {"Authorize": f"Bearer {token}"}, {"Authorize": token},
    ):  # fmt: skip
        assert json.loads(call_port(api, "GET", "/who", headers).body)["sub"] == "17", headers
    for presented in (token, f"Bearer {token}"):
        assert demo.introspect(presented, YINDO_API)["active"] is True
    refused = call_port(api, "GET", "/who", {"Authorize": "nonsense"})
    assert (refused.status, json.loads(refused.body)["error"]) == (401, "invalid_token")
    both = {"Authorization": f"Bearer {token}", "Authorize": token}
    assert call_port(api, "GET", "/who", both).status == 400


async def test_yindo_text_javascript(served: Served) -> None:
    headers = {"Content-Type": "text/javascript", "Accept": "text/javascript"}
    reply = await served.call("POST", "/token?callback=steal", headers, json.dumps(YINDO).encode())
    assert (reply.headers["content-type"], keys(reply.body)) == ("text/javascript", YINDO_FIELDS)
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert b"steal" not in reply.body


def test_yindo_session(demo: Any) -> None:
    def login(device: str) -> Any:
        told = urlencode(YINDO | {"clientKey": device}).encode()
        return json.loads(demo.call("POST", "/token", FORM, told).body)

    def listed(*arguments: str) -> Any:
        told = demo.cli("session", "list", "--tenant", "yindo", "--user", "theuser", *arguments, "--json")
        return json.loads(told.stdout)["items"]

    def is_good(answer: Any) -> bool:
        return bool(demo.introspect(answer["access_token"], YINDO_API)["active"])

    tablet, again, phone = login("row-tablet"), login("row-tablet"), login("row-phone")
    assert len({answer["sessionKey"] for answer in (tablet, again, phone)}) == 3
    assert [item["session_key"] for item in listed("--device", "row-phone")] == [phone["sessionKey"]]
    assert {item["device"] for item in listed()} >= {"row-tablet", "row-phone"}
    assert demo.cli("session", "revoke", tablet["sessionKey"], "--tenant", "yindo").returncode == 0
    assert [is_good(answer) for answer in (tablet, again, phone)] == [False, True, True]
    ended = demo.cli("session", "revoke", "--tenant", "yindo", "--user", "theuser", "--device", "row-tablet")
    assert ended.returncode == 0, ended
    assert [is_good(answer) for answer in (again, phone)] == [False, True]
    assert listed("--device", "row-tablet") == []


YINDO_API = basic("yindo-api", "th_cs_H5pLw2sVd8nQz1xCb7mTk4yRj0gFf6aUe3iOo9tNrXK")["Authorization"]


async def test_yindo_errors(served: Served) -> None:
    wrong: tuple[tuple[dict[str, str], str], ...] = (
        ({"password": "wrong"}, "invalid_grant"),
        ({"userName": "nobody"}, "invalid_grant"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({"password": ""}, "invalid_request"),
        ({"grant_type": ""}, "invalid_request"),
    )
    for over, error in wrong:
        reply = await served.form("/token", YINDO | over)
        assert (reply.status, keys(reply.body)) == (400, ["error", "error_description"])
        assert json.loads(reply.body)["error"] == error
        said = fromstring((await served.form("/token", YINDO | over, {"Accept": "text/xml"})).body.decode())
        assert (said.tag, said[0].text) == (f"{{{NAMESPACE}}}Error", error)
        assert [child.tag.rpartition("}")[2] for child in said] == ["error", "error_description"]


async def test_yindo_client(served: Served, clock: Any) -> None:
    """Nobody proves an app here: guessing is bounded all the same, and a spent budget looks like a wrong password."""
    limits = served.house.config.limits
    wrong = await served.form("/token", YINDO | {"password": "wrong"})
    for told in (
        [YINDO | {"password": f"wrong-{number}"} for number in range(limits.account_guesses)],
        [YINDO | {"userName": f"user-{number}"} for number in range(limits.source_guesses)],
    ):
        assert (await served.form("/token", YINDO)).status == 200
        for guess in told:
            reply = await served.form("/token", guess)
            assert (reply.status, reply.body) == (wrong.status, wrong.body)
        assert (await served.form("/token", YINDO)).body == wrong.body
        clock.pass_(days=1)
    assert (await served.form("/token", YINDO)).status == 200


async def test_yindo_xml(served: Served) -> None:
    good = yindo_xml(YINDO)
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    file = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    hostile = (
        b"<!DOCTYPE OAuthRequest>" + good,
        bomb + good.replace(b"theuser", b"&b;"),
        file + good.replace(b"theuser", b"&a;"),
        good.replace(b"<userName>", b"<x>" * 5000 + b"<userName>").replace(
            b"</userName>", b"</userName>" + b"</x>" * 5000
        ),
        good.replace(b"theuser", b"u" * 20_000),
    )
    for body in hostile:
        reply = await served.call("POST", "/token", {"Content-Type": "application/xml"}, body)
        assert 400 <= reply.status < 500, reply
        assert keys(reply.body) == ["error", "error_description"]
        assert b"root:" not in reply.body


async def test_yindo_sample_data(served: Served) -> None:
    assert (await yindo_login(served))["userName"] == "theuser"


# Social ID

SOCIALID_SECRET = "e8b9ca24f1b590af67e6271297d6e1f7226625d61c5b5daa1b2f215464e292cf"
SOCIALID = basic("138", SOCIALID_SECRET)
SOCIALID_LOGIN = {"grant_type": "password", "username": "john_doe", "password": "john_doe_secret"}
SOCIALID_ERROR = ["error", "error_description"]
USER = "/v2/marketing/login/user"


async def socialid(served: Served, told: dict[str, str], app: dict[str, str] = SOCIALID) -> Any:
    reply = await served.form("/v2/marketing/oauth/token", told, app)
    assert reply.headers["status"] == str(reply.status)
    return reply


async def socialid_tokens(served: Served, **over: str) -> Any:
    reply = await socialid(served, SOCIALID_LOGIN | over)
    assert reply.status == 200, reply
    return json.loads(reply.body)


def api_secret(served: Served) -> str:
    (dialect,) = (one.dialect for one in served.house.dialects if one.dialect.name == "socialid")
    return str(dialect.samples.clients[0]["api_secret"])


async def test_socialid_endpoint(served: Served) -> None:
    assert (await socialid(served, SOCIALID_LOGIN)).status == 200
    in_body = SOCIALID_LOGIN | {"client_id": "138", "client_secret": SOCIALID_SECRET}
    for told, app in ((SOCIALID_LOGIN, {}), (in_body, {}), (SOCIALID_LOGIN, basic("138", "wrong"))):
        refused = await socialid(served, told, app)
        assert (refused.status, json.loads(refused.body)["error"]) == (401, "invalid_client")
    assert (await served.json("/v2/marketing/oauth/token", SOCIALID_LOGIN, SOCIALID)).status >= 400


async def test_socialid_password(served: Served) -> None:
    names = ({"username": "john_doe"}, {"email_address": "john_doe@domain.com"})
    for name in names:
        told = {"grant_type": "password", **name, "password": "john_doe_secret"}
        assert (await socialid(served, told)).status == 200
    for name in ({**names[0], **names[1]}, {}):
        refused = await socialid(served, {"grant_type": "password", **name, "password": "john_doe_secret"})
        assert (refused.status, json.loads(refused.body)["error"]) == (400, "invalid_request")


async def test_socialid_answer(served: Served) -> None:
    reply = await socialid(served, SOCIALID_LOGIN)
    told = json.loads(reply.body)
    assert list(told) == ["access_token", "expires_in", "token_type", "refresh_token"]
    assert (told["expires_in"], told["token_type"], reply.headers["status"]) == (604800, "bearer", "200")
    assert all(re.fullmatch("[0-9a-f]{64}", told[name]) for name in ("access_token", "refresh_token"))


async def test_socialid_refresh(served: Served, clock: Any) -> None:
    async def refresh(token: str) -> Any:
        return await socialid(served, {"grant_type": "refresh_token", "refresh_token": token})

    first = await socialid_tokens(served)
    clock.pass_(days=3650)
    second = json.loads((await refresh(first["refresh_token"])).body)
    assert list(second) == list(first)
    assert not set(second.values()) & {first["access_token"], first["refresh_token"]}
    clock.pass_(minutes=5)
    again = await refresh(first["refresh_token"])
    assert (again.status, json.loads(again.body)["error"]) == (401, "invalid_client")
    assert (await refresh(second["refresh_token"])).status == 401, "used twice: the login is over"


async def test_socialid_other_grants(served: Served) -> None:
    app = json.loads((await socialid(served, {"grant_type": "client_credentials"})).body)
    assert (app["expires_in"], "refresh_token" in app) == (604800, False)
    back_end = basic("138", api_secret(served))
    named = {"grant_type": "user_id", "user_id": "123"}
    assert list(json.loads((await socialid(served, named, back_end)).body)) == [
        "access_token", "expires_in", "token_type", "refresh_token",
    ]  # fmt: skip
    assert (await socialid(served, named)).status == 401, "the client secret is not the API secret"
    assert (await socialid(served, SOCIALID_LOGIN, back_end)).status == 401, "nor the other way round"
    unknown = await socialid(served, named | {"user_id": "999"}, back_end)
    assert (unknown.status, json.loads(unknown.body)["error"]) == (400, "invalid_request")
    for provider, needs, refuses in (
        ("facebook", {"access_token"}, {"access_secret", "id_token"}),
        ("gplus", {"access_token"}, {"access_secret", "id_token"}),
        ("linkedin", {"access_token"}, {"access_secret", "id_token"}),
        ("instagram", {"access_token"}, {"access_secret", "id_token"}),
        ("twitter", {"access_token", "access_secret"}, {"id_token"}),
        ("apple", {"id_token"}, {"access_secret"}),
    ):
        told = {"grant_type": "provider_credentials", "provider": provider} | dict.fromkeys(needs, "x")
        wrong = [told | {name: "x"} for name in refuses]
        wrong += [{name: value for name, value in told.items() if name != missing} for missing in needs]
        for each in (told, *wrong):
            refused = await socialid(served, each)
            assert (refused.status, json.loads(refused.body)["error"]) == (400, "invalid_request"), each
        unconfigured = json.loads((await socialid(served, told)).body)["error_description"]
        assert unconfigured == "This provider is not configured."


async def test_socialid_errors(served: Served) -> None:
    table: tuple[tuple[dict[str, str], dict[str, str], int, str], ...] = (
        (SOCIALID_LOGIN | {"password": "no"}, SOCIALID, 401, "invalid_client"),
        (SOCIALID_LOGIN | {"username": "nobody"}, SOCIALID, 401, "invalid_client"),
        (SOCIALID_LOGIN, basic("138", "no"), 401, "invalid_client"),
        (SOCIALID_LOGIN, {}, 401, "invalid_client"),
        (SOCIALID_LOGIN | {"password": ""}, SOCIALID, 400, "invalid_request"),
        (SOCIALID_LOGIN | {"grant_type": ""}, SOCIALID, 400, "invalid_request"),
        (SOCIALID_LOGIN | {"grant_type": "magic"}, SOCIALID, 400, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "0" * 64}, SOCIALID, 401, "invalid_client"),
    )
    for told, app, status, error in table:
        reply = await socialid(served, told, app)
        assert (reply.status, keys(reply.body)) == (status, SOCIALID_ERROR)
        assert json.loads(reply.body)["error"] == error


async def test_socialid_lockout(served: Served, clock: Any) -> None:
    token = (await socialid_tokens(served))["access_token"]
    wrong = SOCIALID_LOGIN | {"password": "wrong"}

    async def locked() -> bool:
        told = await served.call("GET", USER, {"Authorization": f"Bearer {token}"})
        return bool(json.loads(told.body)["locked"])

    async def lock() -> None:
        for _ in range(5):
            assert (await socialid(served, wrong)).status == 401
        assert await locked()
        refused = await socialid(served, SOCIALID_LOGIN)
        assert refused.body == (await socialid(served, wrong)).body, "locked looks like a wrong password"

    assert not await locked()
    await lock()
    clock.pass_(minutes=16)
    assert not await locked()
    assert (await socialid(served, SOCIALID_LOGIN)).status == 200
    await lock()
    lifted = await served.call("PUT", f"{USER}/unlock", {"Authorization": f"Bearer {token}"})
    assert (lifted.status, lifted.headers["status"], lifted.body) == (200, "200", b"")
    assert not await locked()
    assert (await socialid(served, SOCIALID_LOGIN)).status == 200


async def test_socialid_protected_api(served: Served) -> None:
    login = await socialid_tokens(served)
    app = json.loads((await socialid(served, {"grant_type": "client_credentials"})).body)["access_token"]
    reply = await served.call("GET", USER, {"Authorization": f"Bearer {login['access_token']}"})
    told = json.loads(reply.body)
    assert (reply.status, reply.headers["status"]) == (200, "200")
    assert list(told) == [
        "id", "signed_in_at", "signed_up_at", "username", "email_address", "active", "confirmed", "locked",
    ]  # fmt: skip
    assert (told["id"], told["username"], told["email_address"]) == (123, "john_doe", "john_doe@domain.com")
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", told[name]) for name in list(told)[1:3])
    assert (told["active"], told["locked"], type(told["confirmed"])) == (True, False, bool)
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": f"Bearer {app}"}):
        refused = await served.call("GET", USER, headers)
        assert (refused.status, json.loads(refused.body)["error"]) == (401, "unauthorized"), headers
    await served.form("/oauth2/revoke", {"token": login["access_token"]}, SOCIALID)
    again = await served.call("GET", USER, {"Authorization": f"Bearer {login['access_token']}"})
    assert again.status == 401


async def test_socialid_sample_data(served: Served) -> None:
    assert (await socialid(served, SOCIALID_LOGIN)).status == 200
    email = {"grant_type": "password", "email_address": "john_doe@domain.com", "password": "john_doe_secret"}
    assert (await socialid(served, email)).status == 200


# Common to all

ENTRANCES: dict[str, tuple[str, dict[str, str], Any, list[str]]] = {
    "mcs": (LOGIN, JSON | MCS, MCS_LOGIN, list(mcs_error(0, ""))),
    "blsct": ("/oauth/token/get", JSON, BLSCT, BLSCT_FIELDS),
    "yindo": ("/token", FORM, YINDO, ["error", "error_description"]),
    "socialid": ("/v2/marketing/oauth/token", FORM | SOCIALID, SOCIALID_LOGIN, SOCIALID_ERROR),
}
"""Where each contract gives out tokens: path, headers, a good message, the keys of its errors."""


def written(headers: dict[str, str], told: Any) -> bytes:
    return json.dumps(told).encode() if headers["Content-Type"] == "application/json" else urlencode(told).encode()


async def test_common_headers(served: Served) -> None:
    for path, headers, told, _ in ENTRANCES.values():
        for body in (written(headers, told), b"{"):
            reply = await served.call("POST", path, headers, body)
            assert reply.headers["cache-control"] == "no-store"
            assert reply.headers["pragma"] == "no-cache"
            assert reply.headers["x-content-type-options"] == "nosniff"


async def test_common_wrong_method_unknown_content_type_oversized_body(served: Served) -> None:
    for path, headers, told, fields in ENTRANCES.values():
        body = written(headers, told)
        replies = [
            await served.call("DELETE", path, headers),
            await served.call("POST", path, headers | {"Content-Type": "image/png"}, body),
            await served.call("POST", path, headers, body + b" " * 2_000_000),
        ]
        for reply in replies:
            assert 400 <= reply.status < 500, (path, reply)
            assert keys(reply.body) == fields


async def test_common_unknown_wrong_locked_and_disabled(served: Served) -> None:
    names = {"mcs": "email", "yindo": "userName", "socialid": "username"}
    for contract, name in names.items():
        path, headers, told, _ = ENTRANCES[contract]
        wrong = (told | {name: "nobody@example.com"}, told | {"password": "wrong"})
        seen = [await served.call("POST", path, headers, written(headers, each)) for each in wrong]
        (user,) = await served.house.store.list_accounts(contract, 2)
        for locked_at, enabled in ((served.house.clock(), True), (None, False)):
            await served.house.store.commit((SetAccountState(contract, user.user_id, locked_at, enabled),))
            seen.append(await served.call("POST", path, headers, written(headers, told)))
        assert len({(reply.status, reply.body) for reply in seen}) == 1, contract


async def test_common_audit_log(served: Served) -> None:
    for contract, (path, headers, told, _) in ENTRANCES.items():
        granted = await served.call("POST", path, headers, written(headers, told))
        refused = await served.call("POST", path, headers, b"{")
        assert (granted.status, refused.status >= 400) == (200, True)
        for reply, outcome in ((granted, "ok"), (refused, "refused")):
            found = await served.house.store.find_audit(reply.headers["x-request-id"])
            if contract == "blsct" and outcome == "ok":
                continue  # what needs no row writes none: it is counted
            assert [(one.contract, one.outcome) for one in found] == [(contract, outcome)]
    token = (await mcs_login(served))["token"]
    refreshed = await served.json(REFRESH, {"token": token}, MCS)
    (record,) = await served.house.store.find_audit(refreshed.headers["x-request-id"])
    assert (record.event, record.contract) == ("refresh", "mcs")


async def test_common_shared_paths(
    make_house: Any, config: Any, new_user: Any, three_free_ports: int, call_port: Any
) -> None:
    places: dict[str, dict[str, Any]] = {
        "by-host": {"hosts": ("one.example",)},
        "by-prefix": {"prefix": "/two"},
        "by-both": {"hosts": ("three.example",), "prefix": "/three"},
    }
    mounts = tuple(Mount(dialect="yindo", tenant=name, client="yindo", **where) for name, where in places.items())
    house = await make_house(msgspec.structs.replace(config, mount=mounts), tenants=("default", *places))
    for name in places:
        await new_user(house, name, tenant=name, password="a password of its own")
        values = {"tenant": name, "client_id": "yindo", "name": "Yindo", "public": True, "contracts": ["yindo"]}
        await management(house).do("client.create", "test", **values)
    async with on_a_socket(house, three_free_ports, call_port) as served:

        async def comes_in(host: str, path: str) -> list[str]:
            found = []
            for name in places:
                told = {"grant_type": "password", "userName": name, "password": "a password of its own"}
                if (await served.form(path, told, {"Host": host})).status == 200:
                    found.append(name)
            return found

        assert await comes_in("one.example", "/token") == ["by-host"]
        assert await comes_in("two.example", "/two/token") == ["by-prefix"]
        assert await comes_in("three.example", "/three/token") == ["by-both"]
        assert await comes_in("three.example", "/token") == []
        assert await comes_in("other.example", "/three/token") == []
