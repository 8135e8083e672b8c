"""A resource server that a team would write, beside a running demo: signed tokens offline, opaque ones by introspection."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tokenhouse_verify import Introspection
from tokenhouse_verify.starlette import TokenMiddleware, require

pytestmark = pytest.mark.xdist_group("demo")

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
YINDO_API = ("yindo-api", "th_cs_H5pLw2sVd8nQz1xCb7mTk4yRj0gFf6aUe3iOo9tNrXK")
SERVICE = ("demo-service", "th_cs_Zs4dQwV0mTq7xLr2bJ8nHy5uKc1eGf3aPi6oXs9tRvU")


def basic(pair: tuple[str, str]) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(":".join(pair).encode()).decode()}


@require()
async def who(request: Request) -> Response:
    token = request.state.token
    return JSONResponse({"sub": token.sub, "client": token.client_id, "scope": list(token.scope)})


@require("orders:read")
async def orders(request: Request) -> Response:
    return JSONResponse({"orders": [], "client": request.state.token.client_id})


@require("orders:destroy")
async def destroy(_: Request) -> Response:
    return JSONResponse({})


def served(app: Starlette) -> Iterator[int]:
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def opaque_api(demo: Any) -> Iterator[int]:
    """An API of the contract whose document says that tokens come in the *Authorize* header."""
    app = Starlette()
    app.add_route("/who", who)
    introspection = Introspection(
        f"http://127.0.0.1:{demo.port}/oauth2/introspect", client_id=YINDO_API[0], client_secret=YINDO_API[1]
    )
    app.add_middleware(TokenMiddleware, introspection=introspection, headers=("Authorization", "Authorize"))
    yield from served(app)


@pytest.fixture
def signed_api(demo: Any) -> Iterator[int]:
    app = Starlette()
    app.add_route("/orders", orders)
    app.add_route("/destroy", destroy)
    issuer = f"http://127.0.0.1:{demo.port}"
    app.add_middleware(TokenMiddleware, issuer=issuer, audience=issuer)
    yield from served(app)


def yindo_token(demo: Any) -> str:
    body = b"grant_type=password&userName=theuser&password=thepass"
    return str(json.loads(demo.call("POST", "/token", FORM, body).body)["access_token"])


@pytest.mark.parametrize(
    ("header", "prefix"), [("Authorization", "Bearer "), ("Authorize", "Bearer "), ("Authorize", "")]
)
def test_an_opaque_token_in_either_header(demo: Any, opaque_api: int, call_port: Any, header: str, prefix: str) -> None:
    reply = call_port(opaque_api, "GET", "/who", {header: prefix + yindo_token(demo)})
    assert reply.status == 200, reply
    assert json.loads(reply.body)["client"] == "yindo"


def test_a_revoked_opaque_token_is_refused(demo: Any, opaque_api: int, call_port: Any) -> None:
    token = yindo_token(demo)
    ended = demo.call("POST", "/oauth2/revoke", FORM, urlencode({"token": token, "client_id": "yindo"}).encode())
    assert ended.status == 200
    reply = call_port(opaque_api, "GET", "/who", {"Authorization": "Bearer " + token})
    assert reply.status == 401
    assert reply.headers["www-authenticate"].startswith("Bearer")


def test_a_signed_token_is_verified_offline(demo: Any, signed_api: int, call_port: Any) -> None:
    answer = demo.call("POST", "/oauth2/token", FORM | basic(SERVICE), b"grant_type=client_credentials")
    token = json.loads(answer.body)["access_token"]
    headers = {"Authorization": "Bearer " + token}
    assert json.loads(call_port(signed_api, "GET", "/orders", headers).body)["client"] == "demo-service"
    assert call_port(signed_api, "GET", "/destroy", headers).status == 403
    assert call_port(signed_api, "GET", "/orders", {}).status == 401
    assert call_port(signed_api, "GET", "/orders", {"Authorization": "Bearer " + token[:-4] + "AAAA"}).status == 401


def test_a_token_of_another_contract_does_not_pass(demo: Any, signed_api: int, call_port: Any) -> None:
    body = b'{"app_id":"coupang","app_secret":"coupangTest"}'
    foreign = json.loads(demo.call("POST", "/oauth/token/get", {"Content-Type": "application/json"}, body).body)
    reply = call_port(signed_api, "GET", "/orders", {"Authorization": foreign["accessToken"]})
    assert reply.status == 401
    answer = demo.call("POST", "/oauth2/token", FORM | basic(SERVICE), b"grant_type=client_credentials")
    mine = json.loads(answer.body)["access_token"]
    assert demo.resource("GET", "/product/get?id=1", {"Authorization": "Bearer " + mine}).status == 401
