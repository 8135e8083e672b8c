import asyncio
import json
import threading
from datetime import timedelta

import pytest

from tokenhouse_verify import keys as keys_module
from tokenhouse_verify.errors import Reason, Unavailable
from tokenhouse_verify.fetch import FetchError
from tokenhouse_verify.keys import FixedKeys, PublishedKeys, fetch_by_metadata
from tokenhouse_verify.testing import Issuer

DAY = 24 * 3600


class Publisher:
    """An issuer whose key set can change and who can fall silent."""

    def __init__(self, *issuers: Issuer) -> None:
        self.issuers = list(issuers)
        self.calls = 0
        self.error: Exception | None = None
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self):
        self.calls += 1
        self.gate.wait(5)
        if self.error is not None:
            raise self.error
        return {"keys": [entry for issuer in self.issuers for entry in issuer.jwks()["keys"]]}


@pytest.fixture(scope="module")
def old() -> Issuer:
    return Issuer()


@pytest.fixture(scope="module")
def new() -> Issuer:
    return Issuer()


async def is_found(keys: PublishedKeys, issuer: Issuer) -> bool:
    key = await keys.find(issuer.kid)
    return key is not None and key.kid == issuer.kid


async def test_fixed_keys_are_looked_up(old, new):
    keys = FixedKeys(old.jwks())
    assert (await keys.find(old.kid)).alg == "ES256"
    assert await keys.find(new.kid) is None


def test_fixed_keys_must_be_of_use():
    with pytest.raises(ValueError, match="none of the keys"):
        FixedKeys({"keys": [{"kty": "oct", "k": "AAAA", "kid": "a"}]})


async def test_keys_are_kept_for_five_minutes(old, clock):
    publisher = Publisher(old)
    keys = PublishedKeys(publisher, clock=clock)
    assert publisher.calls == 0
    for now, calls in [(0, 1), (299, 1), (300, 2), (599, 2), (601, 3)]:
        clock.now = 1000.0 + now
        assert await is_found(keys, old)
        assert publisher.calls == calls


async def test_a_retired_key_is_gone_after_five_minutes(old, new, clock):
    publisher = Publisher(old)
    keys = PublishedKeys(publisher, clock=clock)
    assert await is_found(keys, old)
    publisher.issuers = [new]
    clock.now += 299
    assert await is_found(keys, old)
    clock.now += 1
    assert not await is_found(keys, old)
    assert await is_found(keys, new)


async def test_a_new_key_is_asked_for_once_a_minute(old, new, clock):
    publisher = Publisher(old)
    keys = PublishedKeys(publisher, clock=clock)
    assert await is_found(keys, old)
    assert not await is_found(keys, new)
    assert publisher.calls == 2
    publisher.issuers.append(new)
    for _ in range(100):
        assert not await is_found(keys, new)
    clock.now += 59.9
    assert not await is_found(keys, new)
    assert publisher.calls == 2
    clock.now += 0.1
    assert await is_found(keys, new)
    assert publisher.calls == 3


async def test_a_flood_of_unknown_keys_asks_once(old, clock):
    publisher = Publisher(old)
    keys = PublishedKeys(publisher, clock=clock)
    assert await is_found(keys, old)
    assert await asyncio.gather(*(keys.find(f"kid{n}") for n in range(200))) == [None] * 200
    assert publisher.calls == 2


async def test_an_unknown_key_in_a_set_just_fetched_is_unknown(new, old, clock):
    publisher = Publisher(old)
    keys = PublishedKeys(publisher, clock=clock)
    assert not await is_found(keys, new)
    assert publisher.calls == 1


async def test_one_fetch_in_flight(old, clock):
    publisher = Publisher(old)
    publisher.gate.clear()
    keys = PublishedKeys(publisher, clock=clock)
    waiting = [asyncio.ensure_future(is_found(keys, old)) for _ in range(50)]
    await asyncio.sleep(0.02)
    publisher.gate.set()
    assert all(await asyncio.gather(*waiting))
    assert publisher.calls == 1


async def test_whoever_comes_during_a_rotation_waits_for_the_new_key(old, new, clock):
    publisher = Publisher(old)
    keys = PublishedKeys(publisher, clock=clock)
    assert await is_found(keys, old)
    publisher.issuers.append(new)
    publisher.gate.clear()
    waiting = [asyncio.ensure_future(is_found(keys, new)) for _ in range(20)]
    await asyncio.sleep(0.02)
    assert await is_found(keys, old)
    publisher.gate.set()
    assert all(await asyncio.gather(*waiting))
    assert publisher.calls == 2


async def test_who_goes_away_cancels_nobody_else(old, clock):
    publisher = Publisher(old)
    publisher.gate.clear()
    keys = PublishedKeys(publisher, clock=clock)
    leaving, staying = (asyncio.ensure_future(is_found(keys, old)) for _ in range(2))
    await asyncio.sleep(0.02)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    publisher.gate.set()
    assert await staying


def test_several_loops_share_the_keys(old, clock):
    publisher = Publisher(old)
    keys = PublishedKeys(publisher, clock=clock)
    assert asyncio.run(is_found(keys, old))
    assert asyncio.run(is_found(keys, old))
    assert publisher.calls == 1


async def test_stale_keys_serve_for_a_day_while_the_issuer_is_silent(old, clock, caplog):
    publisher = Publisher(old)
    keys = PublishedKeys(publisher, clock=clock)
    assert await is_found(keys, old)
    publisher.error = FetchError("status 500")
    clock.now += 300
    assert await is_found(keys, old)
    assert publisher.calls == 2
    assert "keys_unavailable error=status 500" in caplog.text
    clock.now += DAY - 1
    assert await is_found(keys, old)
    clock.now += 1
    with pytest.raises(Unavailable) as caught:
        await keys.find(old.kid)
    assert caught.value.reason is Reason.KEYS_UNAVAILABLE


async def test_a_silent_issuer_is_asked_again_every_ten_seconds(old, clock):
    publisher = Publisher(old)
    keys = PublishedKeys(publisher, clock=clock)
    assert await is_found(keys, old)
    publisher.error = FetchError("status 500")
    clock.now += 300
    for seconds, calls in [(0, 2), (9.9, 2), (0.1, 3), (1, 3), (9, 4)]:
        clock.now += seconds
        assert await is_found(keys, old)
        assert publisher.calls == calls
    publisher.error = None
    clock.now += 10
    assert await is_found(keys, old)
    clock.now += 299
    assert await is_found(keys, old)
    assert publisher.calls == 5


async def test_without_any_keys_nothing_is_known_and_retried_after_a_second(old, clock):
    publisher = Publisher(old)
    publisher.error = FetchError("timed out")
    keys = PublishedKeys(publisher, clock=clock)
    for _ in range(20):
        with pytest.raises(Unavailable):
            await keys.find(old.kid)
    assert publisher.calls == 1
    publisher.error = None
    clock.now += 1
    assert await is_found(keys, old)


async def test_a_failed_question_for_an_unknown_key_leaves_it_unknown(old, new, clock):
    publisher = Publisher(old)
    keys = PublishedKeys(publisher, clock=clock)
    assert await is_found(keys, old)
    publisher.error = FetchError("status 502")
    assert not await is_found(keys, new)
    assert await is_found(keys, old)


async def test_an_answer_that_is_no_key_set_changes_nothing(old, clock):
    answers = [old.jwks(), {"nonsense": 1}, {"keys": {}}]
    keys = PublishedKeys(lambda: answers.pop(0), clock=clock)
    for _ in range(3):
        assert await is_found(keys, old)
        clock.now += 300
    assert answers == []


async def test_an_empty_key_set_is_an_answer(old, clock):
    publisher = Publisher(old)
    keys = PublishedKeys(publisher, clock=clock)
    assert await is_found(keys, old)
    publisher.issuers = []
    clock.now += 300
    assert not await is_found(keys, old)


async def test_nobody_waits_for_ever(old, clock, monkeypatch):
    monkeypatch.setattr(keys_module, "MAX_WAIT", timedelta(seconds=0.05))
    publisher = Publisher(old)
    publisher.gate.clear()
    keys = PublishedKeys(publisher, clock=clock)
    with pytest.raises(Unavailable):
        await keys.find(old.kid)
    publisher.gate.set()


async def test_a_fetch_that_another_one_just_finished_is_not_repeated(old, clock):
    publisher = Publisher(old)
    keys = PublishedKeys(publisher, clock=clock)
    assert await is_found(keys, old)
    assert (await keys._renewed()).keys.keys() == {old.kid}
    assert publisher.calls == 1


def serve(metadata: object, jwks: object, seen: list[str]):
    async def app(scope, receive, send):
        seen.append(scope["path"])
        answer = jwks if scope["path"] == "/jwks" else metadata
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})

    return app


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("", "/.well-known/oauth-authorization-server"),
        ("/", "/.well-known/oauth-authorization-server"),
        ("/tenant/a", "/.well-known/oauth-authorization-server/tenant/a"),
    ],
)
def test_metadata_say_where_the_keys_are(running, old, path, place):
    metadata, seen = {}, []
    with running(serve(metadata, old.jwks(), seen)) as url:
        metadata.update(issuer=url + path, jwks_uri=url + "/jwks")
        assert fetch_by_metadata(url + path) == old.jwks()
    assert seen == [place, "/jwks"]


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "https://other.test"},
        {"issuer": None},
        {"jwks_uri": None},
        {"jwks_uri": 7},
        {"jwks_uri": "http://other.test/jwks"},
        {"jwks_uri": "file:///etc/passwd"},
    ],
)
def test_metadata_that_are_not_the_issuers_are_refused(running, old, change):
    metadata, seen = {}, []
    with running(serve(metadata, old.jwks(), seen)) as url:
        metadata.update({"issuer": url, "jwks_uri": url + "/jwks"} | change)
        with pytest.raises(FetchError):
            fetch_by_metadata(url)
    assert "/jwks" not in seen
