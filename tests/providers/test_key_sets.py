"""Keys are fetched seldom: not for each stranger's idea of a key id, and not from a provider that is down.

Spec: OpenID Connect Discovery 1.0 §4.3, OpenID Connect Core 1.0 §10.1.1.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tokenhouse.egress.failures import EgressError, Failure
from tokenhouse.providers.key_sets import FIRST_PAUSE, FRESH, PAUSE, STALE, KeySet

SECOND = timedelta(seconds=1)


class Provider:
    """A provider that publishes keys, and can be broken."""

    def __init__(self, elsewhere, keys) -> None:
        self._elsewhere = elsewhere
        self._keys = keys
        self.document: dict[str, Any] = {"issuer": elsewhere.url, "jwks_uri": elsewhere.url + "/keys"}
        self.status = 200
        self.publish("ES256")
        elsewhere.routes["/.well-known/openid-configuration"] = lambda _: (200, self.document)
        elsewhere.routes["/keys"] = lambda _: (self.status, {"keys": self.published})

    def publish(self, *names: str) -> None:
        self.published = [self._keys.public(name) for name in names]

    @property
    def fetches(self) -> int:
        return [asked.path for asked in self._elsewhere.asked].count("/keys")


@pytest.fixture
def provider(elsewhere, keys) -> Provider:
    return Provider(elsewhere, keys)


@pytest.fixture
def told() -> list[Failure]:
    return []


@pytest.fixture
def key_set(egress, elsewhere, told) -> KeySet:
    return KeySet(egress, elsewhere.url, None, told.append)


async def failure(asking) -> Failure:
    with pytest.raises(EgressError) as raised:
        await asking
    return raised.value.failure


async def test_keys_are_found_through_the_issuer_and_kept(provider, key_set, now) -> None:
    for age in (timedelta(), SECOND, FRESH - SECOND):
        found = await key_set.find("ES256", "ES256", now + age)
        assert found.kid == "ES256"
    assert provider.fetches == 1


async def test_a_configured_place_needs_no_discovery(provider, egress, elsewhere, told, now) -> None:
    provider.document = {}
    key_set = KeySet(egress, elsewhere.url, elsewhere.url + "/keys", told.append)
    assert (await key_set.find("ES256", "ES256", now)).kid == "ES256"


async def test_an_issuer_that_ends_in_a_slash_is_its_own_name(provider, egress, elsewhere, told, now) -> None:
    """Discovery §4.1: the slash is left out of the address; §4.3: and not out of the name."""
    key_set = KeySet(egress, elsewhere.url + "/", None, told.append)
    assert await failure(key_set.find("ES256", "ES256", now)) is Failure.BAD_ANSWER
    provider.document["issuer"] += "/"
    assert (await key_set.find("ES256", "ES256", now + PAUSE)).kid == "ES256"


@pytest.mark.parametrize(
    "change",
    [{"issuer": "https://other.example"}, {"issuer": None}, {"jwks_uri": None}, {"jwks_uri": ["x"]}],
)
async def test_a_document_of_another_issuer_is_not_believed(provider, key_set, now, change) -> None:
    provider.document |= change
    assert await failure(key_set.find("ES256", "ES256", now)) is Failure.BAD_ANSWER
    assert provider.fetches == 0


async def test_a_document_cannot_lead_us_to_other_places(provider, key_set, now) -> None:
    provider.document["jwks_uri"] = "http://127.0.0.1:1/keys"
    assert await failure(key_set.find("ES256", "ES256", now)) is Failure.NOT_ALLOWED


async def test_a_new_key_is_found_at_once(provider, key_set, now) -> None:
    assert await key_set.find("ES256", "ES256", now)
    provider.publish("ES256", "ES256 new")
    assert (await key_set.find("ES256 new", "ES256", now + PAUSE)).kid == "ES256 new"
    assert provider.fetches == 2


async def test_ten_thousand_unknown_ids_ask_once_a_minute(provider, key_set, now) -> None:
    assert await key_set.find("ES256", "ES256", now)
    for number in range(10_000):
        at = now + timedelta(milliseconds=12 * number)
        assert await key_set.find(f"unknown {number}", "ES256", at) is None
    assert provider.fetches == 2
    flood = (key_set.find(f"other {number}", "ES256", now + 3 * PAUSE) for number in range(200))
    assert set(await asyncio.gather(*flood)) == {None}
    assert provider.fetches == 3


async def test_first_comers_ask_once_together(provider, key_set, now) -> None:
    found = await asyncio.gather(*(key_set.find("ES256", "ES256", now) for _ in range(50)))
    assert {key.kid for key in found} == {"ES256"}
    assert provider.fetches == 1


async def test_a_key_that_was_taken_back_is_gone_within_the_hour(provider, key_set, now) -> None:
    assert await key_set.find("ES256", "ES256", now)
    provider.publish("ES256 new")
    assert await key_set.find("ES256", "ES256", now + FRESH - SECOND)
    assert await key_set.find("ES256", "ES256", now + FRESH) is None


async def test_old_keys_are_used_while_the_provider_is_down(provider, key_set, told, now) -> None:
    assert await key_set.find("ES256", "ES256", now)
    provider.status = 503
    for age in (FRESH, FRESH + SECOND, FRESH + PAUSE, STALE - SECOND):
        assert await key_set.find("ES256", "ES256", now + age)
    assert provider.fetches == 4
    assert told == [Failure.BAD_STATUS] * 3
    assert await failure(key_set.find("ES256", "ES256", now + STALE)) is Failure.BAD_STATUS
    provider.status = 200
    assert await key_set.find("ES256", "ES256", now + STALE + PAUSE)


async def test_nobody_is_called_a_liar_while_the_provider_is_down(provider, key_set, now) -> None:
    assert await key_set.find("ES256", "ES256", now)
    provider.status = 500
    provider.publish("ES256 new")
    for age in (PAUSE, PAUSE + SECOND):
        assert await failure(key_set.find("ES256 new", "ES256", now + age)) is Failure.BAD_STATUS
    assert provider.fetches == 2


async def test_without_any_keys_it_is_asked_again_soon(provider, key_set, now) -> None:
    provider.status = 500
    for _ in range(20):
        assert await failure(key_set.find("ES256", "ES256", now)) is Failure.BAD_STATUS
    assert provider.fetches == 1
    provider.status = 200
    assert await key_set.find("ES256", "ES256", now + FIRST_PAUSE)


async def test_a_fetch_that_was_broken_off_says_nothing(provider, key_set, elsewhere, now) -> None:
    asking = asyncio.create_task(key_set.find("ES256", "ES256", now))
    while not asking.done() and not elsewhere.asked:
        await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert await failure(key_set.find("ES256", "ES256", now)) is Failure.BUSY
    assert await key_set.find("ES256", "ES256", now + FIRST_PAUSE)


async def test_nobody_waits_for_a_refresh_who_has_a_key(provider, key_set, now) -> None:
    assert await key_set.find("ES256", "ES256", now)
    refreshing = asyncio.create_task(key_set.find("ES256", "ES256", now + FRESH))
    await asyncio.sleep(0)
    async with asyncio.timeout(0.001):
        assert await key_set.find("ES256", "ES256", now + FRESH)
    assert await refreshing


async def test_without_an_id_there_must_be_one_that_fits(provider, key_set, now) -> None:
    provider.publish("ES256", "RS256")
    assert (await key_set.find(None, "ES256", now)).kid == "ES256"
    provider.publish("ES256", "ES256 new")
    assert await key_set.find(None, "ES256", now + FRESH) is None


async def test_an_id_that_two_keys_have_names_neither(provider, key_set, keys, now) -> None:
    provider.published = [keys.public("ES256"), keys.public("ES256 new", kid="ES256", alg="ES256")]
    assert await key_set.find("ES256", "ES256", now) is None


async def test_the_id_of_a_key_of_another_algorithm(provider, key_set, now) -> None:
    assert await key_set.find("ES256", "RS256", now) is None
