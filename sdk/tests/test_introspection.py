import asyncio
import base64
import json
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs

import pytest

from tokenhouse_verify import introspection as introspection_module
from tokenhouse_verify.credential import Credential
from tokenhouse_verify.errors import InvalidToken, Limited, Reason, Unavailable
from tokenhouse_verify.fetch import answering
from tokenhouse_verify.introspection import MAX_ENTRIES, Introspection

NOW = 1_800_000_000
ACTIVE = {"active": True, "token_type": "Bearer", "sub": "alice", "client_id": "app", "scope": "a b"}


class Endpoint:
    """An introspection endpoint that notes who asked what; ``answers`` by token."""

    def __init__(self) -> None:
        self.answers: dict[str, object] = {}
        self.asked: list[str] = []
        self.forms: list[dict[str, str]] = []
        self.authorizations: set[bytes] = set()
        self.status = 200
        self.gate: Callable[[], object] = lambda: None

    async def __call__(self, scope, receive, send):
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        form = parse_qs(body.decode(), strict_parsing=True)
        (token,) = form.pop("token")
        self.forms.append({name: values[0] for name, values in form.items()})
        self.asked.append(token)
        self.authorizations.add(dict(scope["headers"])[b"authorization"])
        await asyncio.to_thread(self.gate)
        answer = self.answers.get(token, {"active": False})
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        await send({"type": "http.response.start", "status": self.status})
        await send({"type": "http.response.body", "body": body})


@pytest.fixture(scope="module")
def served(running):
    endpoint = Endpoint()
    with running(endpoint) as url:
        yield endpoint, url


@pytest.fixture
def endpoint(served):
    served[0].__init__()
    return served[0]


@pytest.fixture
def make(served, clock):
    def make(**options) -> Introspection:
        wall = options.pop("now", lambda: NOW)
        credentials = {"client_id": "api", "client_secret": "s3cret"}
        return Introspection(served[1], **{**credentials, "clock": clock, "now": wall, **options})

    return make


async def refused(asking: Introspection, token: str) -> Reason:
    with pytest.raises(InvalidToken) as caught:
        await asking.introspect(token)
    return caught.value.reason


async def test_an_active_token(endpoint, make):
    endpoint.answers["opaque+/="] = {**ACTIVE, "exp": NOW + 60, "iss": "https://id.test", "aud": ["api"]}
    token = await make(issuer="https://id.test", audience="api").introspect("opaque+/=")
    assert (token.sub, token.client_id, token.scope) == ("alice", "app", ("a", "b"))
    assert token.expires_at.timestamp() == NOW + 60
    assert endpoint.asked == ["opaque+/="]
    assert endpoint.forms == [{"token_type_hint": "access_token"}]


async def test_the_client_proves_itself_with_basic(endpoint, make):
    await refused(make(client_id="an app", client_secret="p:ss wörd%"), "x")
    (sent,) = endpoint.authorizations
    assert base64.b64decode(sent.removeprefix(b"Basic ")) == b"an+app:p%3Ass+w%C3%B6rd%25"


async def test_an_inactive_token_is_refused_and_asked_for_again(endpoint, make):
    asking = make()
    for _ in range(2):
        assert await refused(asking, "gone") is Reason.INACTIVE
    assert endpoint.asked == ["gone", "gone"]


@pytest.mark.parametrize("kind", [None, "refresh_token", "N_A", "DPoP", 7, ["Bearer"]])
async def test_a_refresh_token_is_active_but_no_access_token(endpoint, make, kind):
    endpoint.answers["refresh"] = {**ACTIVE, "token_type": kind}
    assert await refused(make(), "refresh") is Reason.NOT_AN_ACCESS_TOKEN
    endpoint.answers["refresh"] = {"active": True, "sub": "alice"}
    assert await refused(make(), "refresh") is Reason.NOT_AN_ACCESS_TOKEN


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"iss": "https://other.test"}, Reason.WRONG_ISSUER),
        ({"aud": "other"}, Reason.WRONG_AUDIENCE),
        ({"exp": NOW - 10}, Reason.EXPIRED),
        ({"nbf": NOW + 11}, Reason.NOT_YET_VALID),
        ({"exp": "soon"}, Reason.BAD_CLAIM),
        ({"scope": 7}, Reason.BAD_CLAIM),
        ({"sub": {}}, Reason.BAD_CLAIM),
    ],
)
async def test_what_the_answer_says_is_checked(endpoint, make, change, reason):
    endpoint.answers["t"] = {**ACTIVE, "iss": "https://id.test", "aud": "api", **change}
    assert await refused(make(issuer="https://id.test", audience="api"), "t") is reason


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"[]",
        b"<html>",
        b"{",
        b'{"active":true,"active":false}',
        {},
        {"active": None},
        {"active": "true"},
        {"active": 1},
    ],
)
async def test_an_answer_that_is_not_clear_accepts_nothing(endpoint, make, answer):
    endpoint.answers["t"] = answer
    with pytest.raises(Unavailable) as caught:
        await make().introspect("t")
    assert caught.value.reason is Reason.INTROSPECTION_UNAVAILABLE


@pytest.mark.parametrize("status", [201, 400, 401, 403, 404, 429, 500, 503])
async def test_any_other_status_accepts_nothing(endpoint, make, status):
    endpoint.answers["t"] = ACTIVE
    endpoint.status = status
    with pytest.raises(Unavailable):
        await make().introspect("t")


async def test_nobody_there_accepts_nothing(clock):
    asking = Introspection("http://127.0.0.1:1/", client_id="a", client_secret="b", clock=clock)
    with pytest.raises(Unavailable):
        await asking.introspect("t")


async def test_nobody_waits_for_ever(endpoint, make, monkeypatch):
    monkeypatch.setattr(introspection_module, "_MAX_WAIT_SECONDS", 0.05)
    gate = threading.Event()
    endpoint.gate = lambda: gate.wait(5)
    with pytest.raises(Unavailable):
        await make().introspect("t")
    gate.set()


async def test_a_good_answer_is_kept_for_a_few_seconds_only(endpoint, make, clock):
    endpoint.answers["t"] = ACTIVE
    asking = make(cache_ttl=timedelta(seconds=10))
    first = await asking.introspect("t")
    clock.now += 9.9
    assert await asking.introspect("t") is first
    assert endpoint.asked == ["t"]
    clock.now += 0.1
    endpoint.answers["t"] = {"active": False}
    assert await refused(asking, "t") is Reason.INACTIVE
    assert endpoint.asked == ["t", "t"]


async def test_what_was_good_once_is_not_good_when_nobody_can_be_asked(endpoint, make, clock):
    endpoint.answers["t"] = ACTIVE
    asking = make()
    await asking.introspect("t")
    endpoint.status = 500
    clock.now += 5
    with pytest.raises(Unavailable):
        await asking.introspect("t")


async def test_nothing_is_kept_past_the_end_of_the_token(endpoint, make, clock):
    endpoint.answers["t"] = {**ACTIVE, "exp": NOW + 2}
    asking = make()
    await asking.introspect("t")
    clock.now += 1.9
    await asking.introspect("t")
    assert len(endpoint.asked) == 1
    clock.now += 0.1
    await asking.introspect("t")
    assert len(endpoint.asked) == 2


async def test_a_token_in_its_leeway_is_not_kept(endpoint, make):
    endpoint.answers["t"] = {**ACTIVE, "exp": NOW - 5}
    asking = make()
    for _ in range(2):
        assert (await asking.introspect("t")).sub == "alice"
    assert len(endpoint.asked) == 2


async def test_no_cache_at_all(endpoint, make):
    endpoint.answers["t"] = ACTIVE
    asking = make(cache_ttl=timedelta(0))
    for _ in range(2):
        await asking.introspect("t")
    assert len(endpoint.asked) == 2


async def test_who_asks_the_same_at_the_same_time_asks_once(endpoint, make):
    endpoint.answers["t"] = ACTIVE
    endpoint.gate = lambda: time.sleep(0.05)
    asking = make()
    tokens = await asyncio.gather(*(asking.introspect("t") for _ in range(100)))
    assert {token.sub for token in tokens} == {"alice"}
    assert endpoint.asked == ["t"]


async def test_who_goes_away_cancels_nobody_else(endpoint, make):
    gate = threading.Event()
    endpoint.answers["t"] = ACTIVE
    endpoint.gate = lambda: gate.wait(5)
    asking = make()
    leaving, staying = (asyncio.ensure_future(asking.introspect("t")) for _ in range(2))
    await asyncio.sleep(0.02)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    gate.set()
    assert (await staying).sub == "alice"


async def test_a_flood_of_questions_is_bounded(endpoint, make):
    gate = threading.Event()
    endpoint.gate = lambda: gate.wait(5)
    asking = make()
    waiting = [asyncio.ensure_future(asking.introspect(f"t{n}")) for n in range(200)]
    await asyncio.sleep(0.1)
    gate.set()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(result) for result in results] == [InvalidToken] * 64 + [Unavailable] * 136
    assert len(endpoint.asked) == 64
    assert {result.reason for result in results[64:]} == {Reason.BUSY}


async def test_the_cache_is_bounded_and_holds_no_token(endpoint, make):
    endpoint.answers["t"] = ACTIVE
    asking = make()
    token = await asking.introspect("t")
    for n in range(MAX_ENTRIES):
        asking._good.keep(b"%d" % n, token, 5)
    assert len(asking._good) == MAX_ENTRIES
    await asking.introspect("t")
    assert endpoint.asked == ["t", "t"]
    assert all(isinstance(key, bytes) and key != b"t" for key in asking._good._held)


async def test_no_secret_and_no_token_is_logged_or_shown(endpoint, make, caplog):
    endpoint.status = 500
    asking = make()
    with pytest.raises(Unavailable) as caught:
        await asking.introspect("the-token")
    shown = f"{caplog.text} {asking!r} {caught.value!r} {caught.value}"
    assert "introspection_unavailable error=status 500" in shown
    assert "s3cret" not in shown
    assert "the-token" not in shown


@pytest.mark.parametrize("ttl", [timedelta(seconds=-1), timedelta(seconds=10.1)])
def test_the_cache_is_short(ttl):
    with pytest.raises(ValueError, match="cache_ttl"):
        Introspection("https://id.test/introspect", client_id="a", client_secret="b", cache_ttl=ttl)


def test_the_secret_goes_over_https_only():
    with pytest.raises(ValueError, match="https"):
        Introspection("http://id.test/introspect", client_id="a", client_secret="b")


PAIR = Credential("client_secret", "s3cret-of-app", "app")
GOOD_PAIR = {"active": True, "token_type": "client_secret", "client_id": "app"}


@pytest.mark.parametrize(
    ("credential", "form"),
    [
        (PAIR, {"token_type_hint": "client_secret", "credential_id": "app"}),
        (Credential("device_key", "k"), {"token_type_hint": "device_key"}),
        (Credential("device_key", "k", "lamp"), {"token_type_hint": "device_key", "credential_id": "lamp"}),
    ],
)
async def test_what_is_no_token_is_asked_about_by_its_own_hint(endpoint, make, credential, form):
    kind = credential.kind
    endpoint.answers[credential.value] = {"active": True, "token_type": kind, "client_id": "app", "device": "lamp"}
    assert (await make().introspect(credential)).kind == kind
    assert endpoint.forms == [form]


async def test_a_pair_is_kept_like_a_token_and_not_for_another(endpoint, make, clock):
    endpoint.answers[PAIR.value] = GOOD_PAIR
    asking = make()
    first = await asking.introspect(PAIR)
    clock.now += 4.9
    assert await asking.introspect(PAIR) is first
    assert len(endpoint.asked) == 1
    for other in (
        Credential("client_secret", PAIR.value, "other"),
        Credential("device_key", PAIR.value, "app"),
        Credential("client_secret", PAIR.value[:-1], "app"),
    ):
        with pytest.raises(InvalidToken):
            await asking.introspect(other)
    with pytest.raises(InvalidToken):
        await asking.introspect(PAIR.value)
    assert len(endpoint.asked) == 5


async def test_a_wrong_pair_is_remembered_for_a_second(endpoint, make, clock):
    asking = make()
    for _ in range(3):
        with pytest.raises(InvalidToken) as caught:
            await asking.introspect(PAIR)
        assert caught.value.reason is Reason.INACTIVE
    assert len(endpoint.asked) == 1
    clock.now += 1
    endpoint.answers[PAIR.value] = GOOD_PAIR
    assert (await asking.introspect(PAIR)).client_id == "app"
    for n in range(MAX_ENTRIES + 5):
        asking._wrong.keep(b"%d" % n, Reason.INACTIVE, 1)
    assert len(asking._wrong) == MAX_ENTRIES


async def test_without_a_cache_a_wrong_pair_is_asked_about_again(endpoint, make):
    asking = make(cache_ttl=timedelta(0))
    for _ in range(2):
        with pytest.raises(InvalidToken):
            await asking.introspect(PAIR)
    assert len(endpoint.asked) == 2


async def test_too_many_guesses_are_told_to_who_guesses(endpoint, make):
    endpoint.status = 429
    with pytest.raises(Limited):
        await make().introspect(PAIR)
    with pytest.raises(Unavailable) as caught:
        await make().introspect("t")
    assert not isinstance(caught.value, Limited)


async def test_the_endpoint_is_found_by_the_metadata_once(clock):
    paths = []

    def answer(path, form):
        paths.append(path)
        if len(paths) == 1:
            return b"{}"
        places = {"issuer": "https://id.test", "introspection_endpoint": "https://id.test/ask"}
        return json.dumps(places if path.startswith("/.well") else ACTIVE).encode()

    asking = Introspection.by_metadata("https://id.test", client_id="a", client_secret="b")
    with answering("https://id.test", answer):
        with pytest.raises(Unavailable):
            await asking.introspect("t0")
        for token in ("t1", "t2"):
            assert (await asking.introspect(token)).sub == "alice"
    place = "/.well-known/oauth-authorization-server"
    assert paths == [place, place, "/ask", "/ask"]


def test_an_issuer_that_is_not_safe_is_not_asked():
    with pytest.raises(ValueError, match="https"):
        Introspection.by_metadata("http://id.test", client_id="a", client_secret="b")
