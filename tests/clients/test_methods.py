from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from tokenhouse.clients.methods import METHODS, SECRET_DIGEST, Tools
from tokenhouse.clients.secrets import VerifiedSecrets
from tokenhouse.model.effects import ReturnGuess
from tokenhouse.model.records import Client, ClientSecret
from tokenhouse.protocol.messages import Credentials
from tokenhouse.protocol.names import AuthMethod
from tokenhouse.protocol.secret import Secret
from tokenhouse.store.ports import ClientEntry

NOW = datetime(2026, 11, 20, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
REFUND = (ReturnGuess(b"budget"),)
SHARED = [AuthMethod.BASIC, AuthMethod.POST]


class SlowChecks:
    """A slow check whose verifiers are the secrets themselves."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[str, ...], str]] = []

    async def __call__(self, name, phcs, secret, source, now):
        self.asked.append((name, tuple(phcs), source))
        return REFUND if secret.reveal() in phcs else None


async def digest(purpose, data, now):
    assert purpose == SECRET_DIGEST
    return sha256(data).digest()


@pytest.fixture
def slow():
    return SlowChecks()


@pytest.fixture
def prove(slow):
    tools = Tools(digest, slow, VerifiedSecrets())

    async def prove(method, text, *secrets, now=NOW, slot=""):
        client = Client("t", "app", "App", (), (), (), (), NOW)
        credentials = Credentials(method, "app", None if text is None else Secret(text), slot=slot)
        return await METHODS[method](
            tools, ClientEntry(client, secrets, tenant_enabled=True), credentials, "192.0.2.1", now
        )

    return prove


def fast(text, expires_at=None, slot=""):
    return ClientSecret("f", "hmac-sha256", sha256(text.encode()).hexdigest(), NOW, expires_at, slot)


def chosen(text, expires_at=None, slot=""):
    return ClientSecret("s", "argon2id", text, NOW, expires_at, slot)


def test_every_method_is_registered():
    assert set(METHODS) == set(AuthMethod)


@pytest.mark.parametrize("method", SHARED)
async def test_a_random_secret_is_proven_by_its_digest(prove, slow, method):
    assert await prove(method, "right", fast("right")) == ()
    assert await prove(method, "wrong", fast("right")) is None
    assert slow.asked == []


@pytest.mark.parametrize("method", SHARED)
@pytest.mark.parametrize("shown", [None, ""])
async def test_an_empty_secret_proves_nothing(prove, method, shown):
    assert await prove(method, shown, fast(""), chosen("")) is None


async def test_a_client_without_a_secret_is_proven_by_none(prove):
    assert await prove(AuthMethod.BASIC, "anything") is None


async def test_either_of_two_secrets_will_do_until_one_ends(prove):
    both = fast("new"), fast("old", NOW + MINUTE)
    assert await prove(AuthMethod.BASIC, "new", *both) == ()
    assert await prove(AuthMethod.BASIC, "old", *both) == ()
    assert await prove(AuthMethod.BASIC, "old", *both, now=NOW + MINUTE) is None
    assert await prove(AuthMethod.BASIC, "new", *both, now=NOW + MINUTE) == ()


async def test_a_chosen_secret_is_checked_slowly_once_and_then_remembered(prove, slow):
    assert await prove(AuthMethod.BASIC, "right", chosen("right")) == REFUND
    assert await prove(AuthMethod.POST, "right", chosen("right")) == ()
    assert await prove(AuthMethod.BASIC, "right", chosen("right"), now=NOW + 5 * MINUTE) == REFUND
    assert slow.asked == [("t\0app", ("right",), "192.0.2.1")] * 2


async def test_a_wrong_chosen_secret_is_checked_each_time(prove, slow):
    for _ in range(2):
        assert await prove(AuthMethod.BASIC, "wrong", chosen("right")) is None
    assert len(slow.asked) == 2


async def test_two_chosen_secrets_are_one_check_and_both_are_remembered(prove, slow):
    both = chosen("new"), chosen("old")
    for shown in ("old", "new"):
        assert await prove(AuthMethod.BASIC, shown, *both) == REFUND
        assert await prove(AuthMethod.BASIC, shown, *both) == ()
    assert [phcs for _, phcs, _ in slow.asked] == [("new", "old")] * 2


async def test_a_remembered_secret_is_forgotten_with_its_verifier(prove):
    assert await prove(AuthMethod.BASIC, "old", chosen("new"), chosen("old", NOW + MINUTE)) == REFUND
    assert await prove(AuthMethod.BASIC, "old", chosen("new"), chosen("old", NOW + MINUTE), now=NOW + MINUTE) is None
    assert await prove(AuthMethod.BASIC, "old", chosen("new")) is None


async def test_a_chosen_secret_beside_a_random_one_costs_nothing_when_the_random_one_is_shown(prove, slow):
    assert await prove(AuthMethod.BASIC, "random", chosen("chosen"), fast("random")) == ()
    assert slow.asked == []
    assert await prove(AuthMethod.BASIC, "chosen", chosen("chosen"), fast("random")) == REFUND


async def test_a_public_client_shows_no_secret(prove):
    assert await prove(AuthMethod.NONE, None) == ()
    assert await prove(AuthMethod.NONE, "secret") is None
    assert await prove(AuthMethod.NONE, "") is None


@pytest.mark.parametrize("made", [fast, chosen])
async def test_a_secret_is_proven_in_its_slot_and_in_no_other(prove, made):
    secrets = made("plain"), made("back end", slot="api")
    for slot, right, wrong in (("", "plain", "back end"), ("api", "back end", "plain")):
        assert await prove(AuthMethod.BASIC, right, *secrets, slot=slot) is not None
        assert await prove(AuthMethod.BASIC, wrong, *secrets, slot=slot) is None
    assert await prove(AuthMethod.BASIC, "plain", *secrets, slot="other") is None


async def test_the_same_chosen_text_in_two_slots_is_remembered_and_counted_for_each(prove, slow):
    both = chosen("same"), chosen("same", slot="api")
    for slot in ("", "api"):
        assert await prove(AuthMethod.BASIC, "same", *both, slot=slot) == REFUND
        assert await prove(AuthMethod.BASIC, "same", *both, slot=slot) == ()
    assert [name for name, _, _ in slow.asked] == ["t\0app", "t\0app\0api"]


async def test_nobody_is_proven_by_nothing_where_a_slot_is_asked_for(prove):
    assert await prove(AuthMethod.NONE, None, slot="api") is None
