import importlib
import json
import sys
from collections import Counter

import pytest
from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.websockets import WebSocket

from tokenhouse_verify.errors import InsufficientScope, Refusal
from tokenhouse_verify.introspection import Introspection
from tokenhouse_verify.presentation import Presentation
from tokenhouse_verify.starlette import TokenMiddleware, require
from tokenhouse_verify.verifier import Verifier

ACME = Presentation.load(
    {
        "contract": "acme",
        "ways": [
            {"token": [{"query": "access_token"}]},
            {"client_id": [{"header": "app-id"}], "client_secret": [{"header": "app-secret"}]},
            {"device_key": [{"header": "device-key"}]},
        ],
        "errors": {
            "default": {"status": 401, "headers": {"Content-Type": "text/plain"}, "body": "401"},
            "not_allowed": {"status": 403, "headers": {"X-Why": "scope"}, "body": "403"},
        },
    }
)


async def open_page(request: Request):
    return PlainTextResponse(f"open, token {getattr(request.state, 'token', None)}")


@require()
async def any_token(request: Request):
    return JSONResponse({"sub": request.state.token.sub})


@require("orders:read", "orders:write")
def in_a_thread(request: Request):
    return JSONResponse({"scope": request.state.token.scope})


class Endpoint(HTTPEndpoint):
    @require("orders:read")
    async def get(self, request: Request):
        return JSONResponse({"sub": request.state.token.sub})


async def late(request: Request):
    async def body():
        yield b"begun"
        raise InsufficientScope("too:late")

    return StreamingResponse(body())


async def own_rule(request: Request):
    raise InsufficientScope("own:rule")


@require(kinds=["device_key"])
async def for_devices(request: Request):
    return JSONResponse({"device": request.state.token.device})


@require("orders:read", presentation=ACME)
async def for_acme(request: Request):
    return JSONResponse({"contract": request.state.token.contract})


@require()
async def without_request():
    return PlainTextResponse("never")


@require()
async def socket(websocket: WebSocket):
    await websocket.accept()
    await websocket.send_text(websocket.state.token.sub)
    await websocket.close()


ROUTES = [
    Route("/open", open_page),
    Route("/any", any_token),
    Route("/thread", in_a_thread),
    Route("/class", Endpoint),
    Route("/devices", for_devices),
    Route("/acme", for_acme),
    Route("/late", late),
    Route("/own", own_rule),
    Mount("/inner", routes=[Route("/any", any_token)]),
    WebSocketRoute("/socket", socket),
]


def make(**options) -> Starlette:
    return Starlette(routes=ROUTES, middleware=[Middleware(TokenMiddleware, **options)])


@pytest.fixture(scope="module")
def base(running, issuer):
    with running(make(verifier=issuer.verifier())) as url:
        yield url


def bearer(token: str) -> tuple[str, str]:
    return ("Authorization", f"Bearer {token}")


def test_a_page_without_require_is_open(base, call, issuer):
    for headers in ([], [bearer(issuer.token())], [bearer("nonsense")], [bearer("a"), bearer("b")]):
        assert call(base + "/open", *headers).body == b"open, token None"


def test_a_page_with_require_needs_a_token(base, call, issuer):
    answer = call(base + "/any")
    assert answer.status == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="api"'
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json == {"error_description": "An access token is needed."}
    assert call(base + "/any", bearer(issuer.token(sub="bob"))).json == {"sub": "bob"}
    assert call(base + "/inner/any", bearer(issuer.token(sub="bob"))).json == {"sub": "bob"}
    assert call(base + "/inner/any").status == 401


@pytest.mark.parametrize("mint", ["expired", "wrong_audience", "wrong_key"])
def test_a_bad_token_is_refused(base, call, issuer, mint):
    answer = call(base + "/any", bearer(getattr(issuer, mint)()))
    assert answer.status == 401
    assert answer.json["error"] == "invalid_token"
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize(
    "headers",
    [
        [bearer("a.b.c"), bearer("a.b.c")],
        [("Authorization", "Bearer")],
        [("Authorization", "Bearer a b")],
        [("Authorization", "Bearer " + "a" * 20_000)],
    ],
    ids=range(4),
)
def test_a_bad_presentation_is_a_bad_request(base, call, headers):
    answer = call(base + "/any", *headers)
    assert answer.status == 400
    assert answer.json["error"] == "invalid_request"


def test_an_opaque_token_without_introspection(base, call):
    assert call(base + "/any", bearer("0123456789abcdef")).json["error"] == "invalid_token"


@pytest.mark.parametrize(("scope", "status"), [(None, 403), ("orders:read", 403), ("orders:write orders:read x", 200)])
def test_the_whole_scope_is_needed(base, call, issuer, scope, status):
    answer = call(base + "/thread", bearer(issuer.token(scope=scope)))
    assert answer.status == status
    if status == 403:
        assert answer.json["error"] == "insufficient_scope"
        assert answer.headers["www-authenticate"].endswith('scope="orders:read orders:write"')


def test_methods_of_an_endpoint(base, call, issuer):
    assert call(base + "/class", bearer(issuer.token(scope=["orders:read"]))).json == {"sub": "alice"}
    assert call(base + "/class", bearer(issuer.token())).status == 403


def test_an_application_can_refuse_by_itself(base, call):
    answer = call(base + "/own")
    assert answer.status == 403
    assert 'scope="own:rule"' in answer.headers["www-authenticate"]


async def test_an_endpoint_that_takes_no_request_is_a_mistake():
    with pytest.raises(RuntimeError, match="takes the request"):
        await without_request()


def test_a_middleware_that_was_forgotten_opens_nothing(call, issuer, running):
    with running(Starlette(routes=ROUTES)) as bare:
        assert call(bare + "/any", bearer(issuer.token())).status == 500


async def test_a_refusal_after_the_beginning_is_not_swallowed(issuer):
    sent = []

    async def send(message):
        sent.append(message["type"])

    async def receive():
        return {"type": "http.request"}

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200})
        raise InsufficientScope("too:late")

    with pytest.raises(InsufficientScope):
        await TokenMiddleware(app, verifier=issuer.verifier())({"type": "http"}, receive, send)
    assert sent == ["http.response.start"]


async def test_other_scopes_pass_untouched(issuer):
    seen = []

    async def app(scope, receive, send):
        seen.append(scope)

    lifespan = {"type": "lifespan"}
    await TokenMiddleware(app, verifier=issuer.verifier())(lifespan, None, None)
    assert seen == [{"type": "lifespan"}]


async def connect(app, headers) -> list[dict]:
    sent = []

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        sent.append(message)

    await app({"type": "websocket", "path": "/socket", "headers": headers, "query_string": b""}, receive, send)
    return sent


async def test_websockets(issuer):
    app = make(verifier=issuer.verifier())
    good = await connect(app, [(b"authorization", f"Bearer {issuer.token()}".encode())])
    assert [message["type"] for message in good] == ["websocket.accept", "websocket.send", "websocket.close"]
    assert good[1]["text"] == "alice"
    for headers in ([], [(b"authorization", f"Bearer {issuer.expired()}".encode())]):
        assert await connect(app, headers) == [{"type": "websocket.close", "code": 1008}]


def test_other_headers_with_and_without_the_word(running, call, issuer):
    app = make(verifier=issuer.verifier(), headers=("Authorization", "Authorize"))
    with running(app) as url:
        token = issuer.token()
        for header in (bearer(token), ("Authorize", token), ("authorize", f"Bearer {token}")):
            assert call(url + "/any", header).json == {"sub": "alice"}
        assert call(url + "/any", bearer(token), ("Authorize", token)).status == 400
        assert call(url + "/any", ("Authorization", token)).status == 401


def test_opaque_tokens_are_introspected(running, scripted, http_answer, call, issuer):
    active = {"active": True, "token_type": "Bearer", "sub": "carol"}
    with scripted([http_answer(json.dumps(active).encode())]) as endpoint:
        asking = Introspection(endpoint.url, client_id="api", client_secret="secret")
        with running(make(verifier=issuer.verifier(), introspection=asking)) as url:
            assert call(url + "/any", bearer("0123456789abcdef")).json == {"sub": "carol"}
            assert call(url + "/any", bearer(issuer.token())).json == {"sub": "alice"}


def test_what_cannot_be_checked_is_a_503(running, call):
    asking = Introspection("http://127.0.0.1:1/", client_id="api", client_secret="secret")
    with running(make(introspection=asking)) as url:
        answer = call(url + "/any", bearer("0123456789abcdef"))
    assert answer.status == 503
    assert answer.headers["retry-after"] == "2"
    assert "www-authenticate" not in answer.headers


def test_an_answer_of_ones_own(running, call, issuer):
    def refusal(refusal: Refusal):
        return PlainTextResponse(f"no: {refusal.reason}", 418)

    with running(make(verifier=issuer.verifier(), refusal=refusal)) as url:
        answer = call(url + "/any")
    assert (answer.status, answer.body) == (418, b"no: no_token")


def test_a_realm_of_ones_own(running, call, issuer):
    with running(make(verifier=issuer.verifier(), realm="orders")) as url:
        assert call(url + "/any").headers["www-authenticate"] == 'Bearer realm="orders"'


def test_the_refusal_is_logged_without_the_token(running, call, issuer, caplog):
    caplog.set_level("INFO", "tokenhouse_verify")
    token = issuer.expired()
    with running(make(verifier=issuer.verifier())) as url:
        call(url + "/any", bearer(token))
    assert "token_refused reason=expired status=401" in caplog.text
    assert token.split(".")[2] not in caplog.text


async def no_app(scope, receive, send):
    raise AssertionError("never called")


def test_the_issuer_alone_is_enough():
    assert TokenMiddleware(no_app, issuer="https://id.test", audience="orders")


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"issuer": "https://id.test"},
        {"issuer": "https://id.test", "audience": "a", "verifier": Verifier("https://id.test", audience="a")},
        {"issuer": "http://id.test", "audience": "a"},
        {"verifier": Verifier("https://id.test", audience="a"), "headers": []},
    ],
)
def test_a_middleware_that_could_not_work_is_not_made(options):
    with pytest.raises(ValueError):  # noqa: PT011 - the messages belong to many places
        TokenMiddleware(no_app, **options)


def test_a_scope_that_nobody_can_have_is_a_mistake_at_once():
    with pytest.raises(ValueError, match="scope-token"):
        require("orders:read orders:write")


@pytest.fixture
def counts():
    return Counter()


@pytest.fixture
def contracts(running, issuer, counts):
    count = lambda name: counts.update([name])  # noqa: E731 - a line is enough
    with issuer.in_process():
        app = make(
            issuer=issuer.url,
            audience=issuer.audience,
            client_id="api",
            client_secret="secret",
            legacy=[ACME],
            on_presentation=count,
        )
        with running(app) as url:
            yield url


def test_a_dialect_beside_the_standard(contracts, call, issuer, counts):
    pair = [("App-Id", "app"), ("App-Secret", issuer.client_secret("app", sub="app"))]
    assert call(contracts + "/any", *pair).json == {"sub": "app"}
    assert call(contracts + f"/any?access_token={issuer.opaque(sub='bob')}").json == {"sub": "bob"}
    assert call(contracts + "/any", bearer(issuer.token(sub="carol"))).json == {"sub": "carol"}
    assert call(contracts + "/devices", ("device-key", issuer.device_key("lamp"))).json == {"device": "lamp"}
    assert call(contracts + "/any").headers["www-authenticate"] == 'Bearer realm="api"'
    assert counts == {"standard": 1, "acme": 3}


def test_a_dialect_refuses_in_its_own_words(contracts, call, issuer):
    answer = call(contracts + "/any", ("App-Id", "app"), ("App-Secret", "wrong"), ("X-Request-Id", "r-1"))
    assert (answer.status, answer.body, answer.headers["content-type"]) == (401, b"401", "text/plain")
    assert answer.headers["x-request-id"] == "r-1"
    assert "www-authenticate" not in answer.headers
    assert call(contracts + "/any", bearer(issuer.token()), ("device-key", "k")).status == 400
    assert call(contracts + "/devices", bearer(issuer.token())).json["error"] == "invalid_token"


def test_a_dialect_of_one_route(contracts, call, issuer):
    assert call(contracts + "/acme", bearer(issuer.token(scope="orders:read"))).body == b"401"
    answer = call(contracts + f"/acme?access_token={issuer.token()}")
    assert (answer.status, answer.body, answer.headers["x-why"]) == (403, b"403", "scope")
    token = issuer.token(scope="orders:read")
    assert call(contracts + f"/acme?access_token={token}").json == {"contract": "acme"}


def test_an_own_refusal_is_said_in_the_words_of_the_caller(running, call, issuer):
    @require()
    async def own(request: Request):
        raise InsufficientScope("own:rule")

    app = Starlette(routes=[Route("/own", own)])
    with issuer.in_process():
        app.add_middleware(TokenMiddleware, introspection=issuer.introspection(), presentation=ACME)
        with running(app) as url:
            assert call(url + f"/own?access_token={issuer.opaque()}").body == b"403"


def test_without_starlette_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "starlette.requests", None)
    monkeypatch.delitem(sys.modules, "tokenhouse_verify.starlette")
    with pytest.raises(ImportError, match=r"pip install 'tokenhouse-verify\[starlette\]'"):
        importlib.import_module("tokenhouse_verify.starlette")
