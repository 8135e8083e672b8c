import asyncio
import importlib
import sys
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, FastAPI, Request, WebSocket
from starlette.responses import PlainTextResponse

from tokenhouse_verify.errors import InsufficientScope
from tokenhouse_verify.fastapi import Auth, Refused
from tokenhouse_verify.presentation import Presentation
from tokenhouse_verify.token import Token

ACME = Presentation.load(
    {
        "contract": "acme",
        "ways": [{"token": [{"header": "x-token"}]}, {"device_key": [{"header": "x-key"}]}],
        "errors": {"default": {"status": 418, "headers": {"Content-Type": "text/plain"}, "body": "no"}},
    }
)


def make(auth: Auth, *, install: bool = True) -> FastAPI:
    app = FastAPI()
    if install:
        auth.install(app)

    @app.get("/default")
    async def default(tok=auth.require("orders:read")):  # noqa: B008 - as FastAPI's own
        return {"sub": tok.sub}

    @app.get("/annotated")
    def annotated(tok: Annotated[Token, auth.require("orders:read", "orders:write")], request: Request):
        return {"sub": tok.sub, "same": request.state.token is tok}

    @app.get("/depends")
    async def depends(tok: Annotated[Token, Depends(auth.require("orders:read"))]):
        return {"sub": tok.sub}

    @app.get("/own")
    async def own(tok: Annotated[Token, auth.require()]):
        raise InsufficientScope("own:rule")

    @app.get("/own/open")
    async def own_open():
        raise InsufficientScope("own:rule")

    @app.get("/open")
    async def open_page():
        return {}

    @app.websocket("/socket")
    async def socket(websocket: WebSocket, tok: Annotated[Token, auth.require("orders:read")]):
        await websocket.accept()
        await websocket.send_text(tok.sub)
        await websocket.close()

    router = APIRouter(dependencies=[auth.require("admin")])

    @router.get("/router")
    async def routed():
        return {}

    app.include_router(router)
    return app


def test_a_call_that_needs_two_things(running, call, issuer):
    auth = Auth(verifier=issuer.verifier())
    app = FastAPI(dependencies=[auth.require("a")])
    auth.install(app)

    @app.get("/both")
    async def both(tok: Annotated[Token, auth.require("b")]):
        return {"sub": tok.sub}

    with running(app) as url:
        assert call(url + "/both", bearer(issuer.token(scope="a b"))).json == {"sub": "alice"}
        for scope in ("a", "b"):
            assert call(url + "/both", bearer(issuer.token(scope=scope))).status == 403


@pytest.fixture(scope="module")
def base(running, issuer):
    with running(make(Auth(verifier=issuer.verifier()))) as url:
        yield url


def bearer(token: str) -> tuple[str, str]:
    return ("Authorization", f"Bearer {token}")


@pytest.mark.parametrize("path", ["/default", "/annotated", "/depends"])
def test_a_good_token(base, call, issuer, path):
    answer = call(base + path, bearer(issuer.token(sub="bob", scope="orders:read orders:write")))
    assert answer.status == 200
    assert answer.json in ({"sub": "bob"}, {"sub": "bob", "same": True})


@pytest.mark.parametrize("path", ["/default", "/annotated", "/depends", "/router", "/own"])
def test_no_token_is_a_bare_challenge(base, call, path):
    answer = call(base + path, ("X-Request-Id", "r-1"))
    assert answer.status == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="api"'
    assert answer.headers["x-request-id"] == "r-1"
    assert answer.json == {"error_description": "An access token is needed."}


def test_the_errors_of_rfc_6750(base, call, issuer):
    expired = call(base + "/default", bearer(issuer.expired(scope="orders:read")))
    assert (expired.status, expired.json["error"]) == (401, "invalid_token")
    assert 'error="invalid_token"' in expired.headers["www-authenticate"]
    twice = call(base + "/default", bearer("a"), bearer("a"))
    assert (twice.status, twice.json["error"]) == (400, "invalid_request")
    for path, scope in (("/annotated", "orders:read orders:write"), ("/router", "admin"), ("/own", "own:rule")):
        poor = call(base + path, bearer(issuer.token(scope="orders:read")))
        assert (poor.status, poor.json["error"]) == (403, "insufficient_scope")
        assert poor.headers["www-authenticate"].endswith(f'scope="{scope}"')
    assert call(base + "/own/open").status == 403


def test_a_page_without_require_is_open(base, call):
    assert call(base + "/open", bearer("a"), bearer("b")).json == {}


def test_without_install_the_status_and_the_challenge_are_right(running, call, issuer):
    with running(make(Auth(verifier=issuer.verifier()), install=False)) as url:
        answer = call(url + "/default", bearer(issuer.expired()))
        assert call(url + "/default", bearer(issuer.token(scope="orders:read"))).json == {"sub": "alice"}
    assert answer.status == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert answer.json["detail"]["error"] == "invalid_token"


def test_install_comes_first(running, call, issuer):
    auth = Auth(verifier=issuer.verifier())
    app = make(auth, install=False)
    with running(app) as url:
        call(url + "/open")
    with pytest.raises(RuntimeError, match="before the first request"):
        auth.install(app)


def test_by_the_issuer_alone_with_a_dialect_beside(running, call, issuer):
    counted = []
    auth = Auth(
        issuer.url,
        audience=issuer.audience,
        client_id="api",
        client_secret="secret",
        legacy=[ACME],
        on_presentation=counted.append,
    )
    with issuer.in_process(), running(make(auth)) as url:
        assert call(url + "/default", bearer(issuer.token(scope="orders:read"))).json == {"sub": "alice"}
        assert call(url + "/default", ("X-Token", issuer.opaque(scope="orders:read"))).json == {"sub": "alice"}
        key = issuer.device_key("lamp", sub="dora", scope="orders:read")
        assert call(url + "/default", ("X-Key", key)).json == {"sub": "dora"}
        refused = call(url + "/default", ("X-Token", "unknown"), ("X-Request-Id", "r-2"))
        own = call(url + "/own", ("X-Token", issuer.opaque()))
        assert call(url + "/default").headers["www-authenticate"] == 'Bearer realm="api"'
    assert (refused.status, refused.body, refused.headers["x-request-id"]) == (418, b"no", "r-2")
    assert (own.status, own.body) == (418, b"no")
    assert counted == ["standard", "acme", "acme", "acme", "acme"]


def test_a_contracts_own_words_need_install(running, call, issuer):
    auth = Auth(introspection=issuer.introspection(), presentation=ACME)
    with issuer.in_process(), running(make(auth, install=False)) as url:
        assert call(url + "/default", ("X-Token", issuer.opaque(scope="orders:read"))).status == 500
        assert call(url + "/open").status == 200


def test_two_of_them_in_one_application(running, call, issuer):
    standard, legacy = Auth(verifier=issuer.verifier()), Auth(introspection=issuer.introspection(), presentation=ACME)
    app = FastAPI()
    legacy.install(app)

    @app.get("/both", dependencies=[standard.require()])
    async def both(tok: Annotated[Token, legacy.require(kinds=["token"], presentation=ACME)]):
        return {"contract": tok.contract}

    with issuer.in_process(), running(app) as url:
        good = [bearer(issuer.token()), ("X-Token", issuer.opaque())]
        assert call(url + "/both", *good).json == {"contract": "acme"}
        assert call(url + "/both", good[0]).status == 418
        assert call(url + "/both", good[1]).headers["www-authenticate"] == 'Bearer realm="api"'
        assert call(url + "/both", good[0], ("X-Key", issuer.device_key("lamp"))).status == 418


def test_an_answer_of_ones_own(running, call, issuer):
    app = make(Auth(verifier=issuer.verifier()), install=False)
    app.add_exception_handler(Refused, lambda _, refused: PlainTextResponse("own", refused.status_code))
    with running(app) as url:
        answer = call(url + "/default")
    assert (answer.status, answer.body) == (401, b"own")


def connect(app: FastAPI, *headers: tuple[bytes, bytes]) -> list[dict]:
    sent = []

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        sent.append(message)

    scope = {"type": "websocket", "path": "/socket", "headers": list(headers), "query_string": b""}
    asyncio.run(app(scope, receive, send))
    return sent


def test_websockets(issuer):
    app = make(Auth(verifier=issuer.verifier()))
    good = connect(app, (b"authorization", f"Bearer {issuer.token(scope='orders:read')}".encode()))
    assert [message["type"] for message in good] == ["websocket.accept", "websocket.send", "websocket.close"]
    for headers in ([], [(b"authorization", f"Bearer {issuer.expired()}".encode())]):
        (closed,) = connect(app, *headers)
        assert (closed["type"], closed["code"]) == ("websocket.close", 1008)


def test_the_documentation_shows_what_is_needed(running, call, issuer):
    auth = Auth(verifier=issuer.verifier(), token_url="https://id.test/oauth2/token")
    with running(make(auth)) as url:
        document = call(url + "/openapi.json").json
    security = {path: operations["get"].get("security") for path, operations in document["paths"].items()}
    assert security == {
        "/default": [{"oauth2": ["orders:read"]}],
        "/annotated": [{"oauth2": ["orders:read", "orders:write"]}],
        "/depends": [{"oauth2": ["orders:read"]}],
        "/own": [{"oauth2": []}],
        "/own/open": None,
        "/open": None,
        "/router": [{"oauth2": ["admin"]}],
    }
    (scheme,) = document["components"]["securitySchemes"].values()
    flow = scheme["flows"]["clientCredentials"]
    assert flow["tokenUrl"] == "https://id.test/oauth2/token"
    assert flow["scopes"].keys() == {"orders:read", "orders:write", "admin"}
    assert not any(operations["get"].get("parameters") for operations in document["paths"].values())


def test_the_documentation_of_a_dialect(issuer):
    auth = Auth(introspection=issuer.introspection(), legacy=[ACME])
    document = make(auth).openapi()
    ways = [{name: ["orders:read"]} for name in ("bearer", "acme-x-token", "acme-x-key")]
    assert document["paths"]["/default"]["get"]["security"] == ways
    assert document["components"]["securitySchemes"].keys() == {"bearer", "acme-x-token", "acme-x-key"}


def test_what_could_never_be_met_is_a_mistake_at_once(issuer):
    auth = Auth(verifier=issuer.verifier())
    for mistake in ({"presentation": ACME}, {"kinds": []}):
        with pytest.raises(ValueError, match=r"introspection|kinds are"):
            auth.require(**mistake)
    with pytest.raises(ValueError, match="scope-token"):
        auth.require("a b")
    with pytest.raises(ValueError, match="needed"):
        Auth()


def test_a_token_is_never_read_from_a_request(issuer):
    auth, app = Auth(verifier=issuer.verifier()), FastAPI()

    def brackets_forgotten(token: Annotated[Token, auth.require]):
        return token.sub

    def dependency_forgotten(token: Token):
        return token.sub

    def default_forgotten(token: Token = auth.require):
        return token.sub

    for endpoint in (brackets_forgotten, dependency_forgotten, default_forgotten):
        with pytest.raises(TypeError, match="were the brackets forgotten"):
            app.post("/")(endpoint)
    app.post("/")(lambda token=auth.require(): token.sub)  # noqa: B008 - FastAPI's way


def test_without_fastapi_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "fastapi", None)
    monkeypatch.delitem(sys.modules, "tokenhouse_verify.fastapi")
    with pytest.raises(ImportError, match=r"pip install 'tokenhouse-verify\[fastapi\]'"):
        importlib.import_module("tokenhouse_verify.fastapi")
