from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.http.door import Door
from tokenhouse.http.records import BROKE, REFUSED, Recorder
from tokenhouse.http.sources import Sources
from tokenhouse.model.effects import RevokeAuthorization
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.exchange import HttpAnswer
from tokenhouse.protocol.refusals import Busy, InvalidGrant

ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
}
PRIVATE = {"cache-control": "no-store", "pragma": "no-cache", "cross-origin-resource-policy": "same-origin"}


@pytest.fixture
def hello(router, echo):
    endpoint = echo()
    router.add("POST", "/hello", endpoint)
    router.add("PUT", "/hello", endpoint)
    router.add("GET", "/hello/{name}", endpoint)
    return endpoint


@pytest.fixture
def ask(door, ask_door, hello):
    async def ask(method="POST", path="/hello", body=b"", *headers, **facts):
        return await ask_door(door, method, path, body, *headers, **facts)

    return ask


@pytest.fixture
def send(door, hello, arriving):
    """Send a request whose body arrives in the given messages; return what the door sent back."""

    async def send(*messages, method="POST", path="/hello", headers=(), **facts):
        scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": headers, **facts}
        sent = []

        async def keep(message):
            sent.append(message)

        await door(scope, arriving(*messages), keep)
        return sent

    return send


async def test_an_endpoint_is_given_the_whole_request(ask, hello, clock):
    await ask("GET", "/hello/bob", b"body", ("X-One", "1"), ("X-One", "2"), query="a=1&a=%32", peer="192.0.2.1")
    (request,) = hello.requests
    assert (request.method, request.path, request.query, request.body) == ("GET", "/hello/bob", "a=1&a=%32", b"body")
    assert [value for name, value in request.headers if name == b"x-one"] == [b"1", b"2"]
    assert (request.variables, request.now, request.host) == ({"name": "bob"}, clock.now, "127.0.0.1")
    assert (request.source, request.secure) == ("192.0.2.1", False)


async def test_every_answer_is_kept_from_caches_frames_and_sniffers(ask):
    reply = await ask()
    assert (reply.status, reply.body) == (200, b"hello")
    assert reply.headers.items() >= {**ALWAYS, **PRIVATE, "content-length": "5", "content-type": "text/plain"}.items()


async def test_an_answer_that_may_be_cached_is_left_to_say_so(ask, hello):
    hello.does = HttpAnswer(200, ((b"cache-control", b"public, max-age=300"),), b"")
    reply = await ask()
    assert reply.headers["cache-control"] == "public, max-age=300"
    assert "pragma" not in reply.headers
    assert reply.headers.items() >= ALWAYS.items()


async def test_a_page_brings_a_policy_of_its_own(ask_door, door, hello):
    hello.does = HttpAnswer(200, ((b"content-security-policy", b"default-src 'none'; form-action 'self'"),), b"")
    reply = await ask_door(door, "POST", "/hello")
    assert reply.headers["content-security-policy"] == "default-src 'none'; form-action 'self'"
    assert reply.headers["referrer-policy"] == "no-referrer"


async def test_every_request_has_an_id_of_its_own(ask, hello):
    ids = [(await ask(path=path)).headers["x-request-id"] for path in ("/hello", "/hello", "/nowhere")]
    assert len(set(ids)) == 3
    assert [request.id for request in hello.requests] == ids[:2]


async def test_a_path_that_nobody_knows_is_an_empty_404(ask, counted, log, ledger):
    reply = await ask(path="/secret-path")
    assert (reply.status, reply.body) == (404, b"")
    assert reply.headers.items() >= {**ALWAYS, **PRIVATE, "content-length": "0"}.items()
    assert counted() == {("", "", "not_found"): 1}
    assert (log, ledger.committed) == ([], [])


@pytest.mark.parametrize("method", ["GET", "DELETE", "OPTIONS", "HEAD", "post", "BREW"])
async def test_another_method_is_405_in_the_contracts_shape_and_names_those_that_are_allowed(ask, hello, method):
    reply = await ask(method)
    assert (reply.status, reply.headers["allow"]) == (405, "POST, PUT")
    assert reply.headers["content-type"] == "text/x-refusal"
    assert reply.body == (b"" if method == "HEAD" else b"wrong_method")
    assert hello.requests == []


async def test_a_wrong_method_leaves_the_endpoints_own_answer_as_it_was(ask, hello, monkeypatch):
    shared = HttpAnswer(405, (), b"")
    monkeypatch.setattr(type(hello.open(None)), "refuse", lambda *_: shared)
    for _ in range(2):
        assert (await ask("GET")).headers["allow"] == "POST, PUT"
    assert shared.headers == ()


async def test_head_is_answered_without_a_body(ask, router, echo):
    router.add("HEAD", "/page", echo())
    reply = await ask("HEAD", "/page")
    assert (reply.status, reply.headers["content-length"], reply.body) == (200, "5", b"")


@pytest.mark.parametrize(
    ("headers", "body", "status", "cause"),
    [
        ([("content-length", "65")], b"", 413, b"too_large"),
        ([], b"x" * 65, 413, b"too_large"),
        ([("content-length", "9" * 5000)], b"", 413, b"too_large"),
        ([("content-encoding", "gzip")], b"x", 415, b"unsupported_media"),
        ([("content-length", "x")], b"", 400, b"malformed"),
    ],
)
async def test_a_body_that_is_not_read_is_refused_in_the_contracts_shape(ask, hello, headers, body, status, cause):
    reply = await ask("POST", "/hello", body, *headers)
    assert (reply.status, reply.body, reply.headers["content-type"]) == (status, cause, "text/x-refusal")
    assert hello.requests == []


async def test_a_body_that_does_not_arrive_is_408_in_the_contracts_shape(send):
    start, body = await send({"type": "http.request", "body": b"half", "more_body": True})
    assert (start["status"], body["body"]) == (408, b"malformed")


async def test_a_body_that_streams_past_the_limit_is_413(send):
    piece = {"type": "http.request", "body": b"x" * 40, "more_body": True}
    start, _ = await send(piece, piece)
    assert start["status"] == 413


async def test_a_client_that_has_gone_is_not_answered_counted_or_logged(send, counted, log):
    assert await send({"type": "http.disconnect"}) == []
    assert (counted(), log) == ({}, [])


async def test_what_is_not_http_is_not_answered(door):
    await door({"type": "lifespan"}, None, None)


async def test_a_refusal_is_said_once_what_it_carries_is_remembered(ask, hello, ledger, log, counted):
    effect = RevokeAuthorization(7, datetime(2026, 1, 1, tzinfo=UTC))
    hello.does = InvalidGrant(Cause.USED_TOKEN, effects=(effect,))
    reply = await ask()
    assert (reply.status, reply.body) == (400, b"used_token")
    assert ledger.committed[0] == effect
    assert [line["event"] for line in log] == [REFUSED]
    assert log[0]["request_id"] == reply.headers["x-request-id"]
    assert counted() == {("echo", "echo", "used_token"): 1}


async def test_a_refusal_leaves_no_ring_behind_that_keeps_its_request(ask, hello):
    hello.does = refusal = InvalidGrant(Cause.BAD_TOKEN)
    await ask()
    assert refusal.__traceback__ is None


async def test_a_refusal_that_cannot_be_remembered_is_answered_as_busy(ask, hello, ledger):
    hello.does = InvalidGrant(Cause.USED_TOKEN)
    ledger.fails = Busy(Cause.BUSY, retry_after=5)
    reply = await ask()
    assert (reply.status, reply.body) == (503, b"busy")


@pytest.mark.parametrize("when", ["answering", "remembering"])
async def test_an_incident_is_500_in_shape_with_no_detail_and_one_line_with_its_id(
    ask, hello, ledger, log, counted, when
):
    incident = RuntimeError("secret detail")
    hello.does = incident if when == "answering" else InvalidGrant(Cause.BAD_TOKEN)
    ledger.fails = incident
    reply = await ask()
    assert (reply.status, reply.body, reply.headers["content-type"]) == (500, b"server_error", "text/x-refusal")
    assert "secret detail" not in repr(reply)
    broke = [line for line in log if line["event"] == BROKE]
    assert [line["request_id"] for line in broke] == [reply.headers["x-request-id"]]
    assert broke[0]["exc_info"] is incident
    assert counted()["echo", "echo", "server_error"] == 1


@pytest.mark.parametrize(
    ("header", "host"),
    [
        (b"ID.Example", "id.example"),
        (b"id.example:8400", "id.example"),
        (b"[::1]:8400", "[::1]"),
        (b"[::1]", "[::1]"),
        (b"id.example:", "id.example:"),
        (b"", ""),
        (b"\xff\xfe", "ÿþ"),
    ],
)
async def test_the_host_is_compared_without_port_and_capitals(send, hello, header, host):
    await send({"type": "http.request"}, headers=[(b"host", header)])
    assert hello.requests[0].host == host


async def test_a_request_without_a_host_or_a_peer_is_from_nowhere(send, hello):
    await send({"type": "http.request"})
    assert (hello.requests[0].host, hello.requests[0].source) == ("", "unknown")


async def test_a_route_of_one_host_is_found_by_its_host(send, router, echo):
    router.add("POST", "/hello", echo(HttpAnswer(200, (), b"own")), ["a.example"])
    for host, said in ((b"A.example:443", b"own"), (b"b.example", b"hello")):
        _, body = await send({"type": "http.request"}, headers=[(b"host", host)])
        assert body["body"] == said


async def test_a_trusted_proxy_speaks_for_the_client(ask, hello):
    forwarded = ("x-forwarded-for", "198.51.100.7"), ("x-forwarded-proto", "https")
    for peer in ("10.1.1.1", "203.0.113.1"):
        await ask("POST", "/hello", b"", *forwarded, peer=peer)
    assert [(r.source, r.secure) for r in hello.requests] == [("198.51.100.7", True), ("203.0.113.1", False)]


@pytest.mark.parametrize(
    ("scheme", "development", "secure"), [("http", False, False), ("http", True, True), ("https", False, True)]
)
async def test_development_lets_plain_http_pass(
    router, ledger, metrics, clock, hello, ask_door, scheme, development, secure
):
    recorder = Recorder(ledger, metrics, structlog.get_logger())
    door = Door(router, recorder, Sources(), clock, body_limit=9, request_timeout=1, plain_http=development)
    await ask_door(door, "POST", "/hello", scheme=scheme)
    assert hello.requests[0].secure is secure


METHODS = st.sampled_from(["POST", "GET", "PUT", "HEAD", "X"]) | st.text(st.characters(codec="ascii"), max_size=5)
PATHS = st.sampled_from(["/hello", "/hello/x", "/"]) | st.text(max_size=10)
HEADERS = st.lists(
    st.tuples(
        st.sampled_from([b"host", b"content-length", b"content-encoding", b"x-forwarded-for", b"x"]),
        st.binary(max_size=12),
    ),
    max_size=4,
)


@given(METHODS, PATHS, HEADERS, st.binary(max_size=80))
async def test_no_request_whatsoever_breaks_the_door(new_door, method, path, headers, body):
    sent = []

    async def receive():
        return {"type": "http.request", "body": body}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": headers}
    with structlog.testing.capture_logs():
        await new_door(lambda: datetime.now(UTC))({**scope, "client": ("10.0.0.1", 1)}, receive, send)
    assert sent[0]["status"] in {200, 400, 404, 405, 413, 415}
    assert len(sent) == 2


async def test_the_real_endpoints_refuse_in_their_own_words_at_the_door(house, ask_door):
    reply = await ask_door(house.door, "GET", "/oauth2/token")
    assert (reply.status, reply.headers["allow"]) == (405, "POST")
    assert json.loads(reply.body)["error"] == "invalid_request"
    document = await ask_door(house.door, "POST", "/.well-known/jwks.json")
    assert (document.status, document.headers["allow"], document.body) == (405, "GET, HEAD", b"")


HSTS = ("strict-transport-security", "max-age=31536000; includeSubDomains")


@pytest.fixture
def keeping(router, ledger, metrics, clock, log, hello):
    """A door outside of development."""
    recorder, sources = Recorder(ledger, metrics, structlog.get_logger()), Sources(["10.0.0.0/8"])
    return Door(router, recorder, sources, clock, body_limit=64, request_timeout=0.2, keep_https=True)


@pytest.mark.parametrize(("method", "path"), [("POST", "/hello"), ("BREW", "/hello"), ("POST", "/nowhere")])
@pytest.mark.parametrize(
    ("peer", "scheme", "forwarded", "kept"),
    [
        ("192.0.2.1", "https", None, True),
        ("192.0.2.1", "http", None, False),
        ("192.0.2.1", "http", "https", False),
        ("10.0.0.1", "http", "https", True),
        ("10.0.0.1", "https", "http", False),
    ],
)
async def test_whoever_came_over_tls_is_told_to_do_so_again(
    ask_door, keeping, method, path, peer, scheme, forwarded, kept
):
    """Spec: RFC 6797 §7.2: never over plain http."""
    headers = [("x-forwarded-proto", forwarded)] if forwarded else []
    reply = await ask_door(keeping, method, path, b"", *headers, peer=peer, scheme=scheme)
    assert (HSTS in reply.headers.items()) is kept


async def test_in_development_nobody_is_told_so(ask):
    assert HSTS[0] not in (await ask(scheme="https")).headers


@pytest.mark.parametrize(
    ("client", "state", "certificate"),
    [
        (("192.0.2.1", 1), {"certificate": b"der"}, b"der"),
        (("192.0.2.1", 1), {"certificate": None}, None),
        (("192.0.2.1", 1), {}, None),
        (("10.0.0.1", 1), {"certificate": b"der"}, None),
        (None, {"certificate": b"der"}, b"der"),
    ],
)
async def test_the_certificate_is_the_callers_and_never_its_proxys(send, hello, client, state, certificate):
    forwarded = ((b"x-forwarded-client-cert", b"forged"), (b"client-cert", b":Zm9yZ2Vk:"), (b"x-ssl-cert", b"forged"))
    await send({"type": "http.request"}, headers=forwarded, client=client, state=state)
    (request,) = hello.requests
    assert request.certificate == certificate
