"""What each effect changes, and what it refuses to change."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from tokenhouse.model import effects, registrations
from tokenhouse.model.effects import (
    AdvanceRefresh,
    ClearGuesses,
    Effect,
    EndOldestSessions,
    EndSessions,
    NoteSignIn,
    OpenAuthorization,
    Prune,
    RaceLost,
    RenewAccess,
    ReplacePassword,
    ReserveGuess,
    ReturnGuess,
    RevokeAuthorization,
    RevokeToken,
    SetAccountState,
    SetPassword,
)
from tokenhouse.model.registrations import SetClientEnabled
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import InvalidGrant, Limited
from tokenhouse.sql.apply import CHANGES, changes

EFFECTS = [
    kind
    for kind in {**vars(effects), **vars(registrations)}.values()
    if isinstance(kind, type) and issubclass(kind, Effect) and kind is not Effect
]


def test_every_effect_has_its_statements_and_nothing_else_has():
    assert set(CHANGES) == set(EFFECTS)


@pytest.fixture
def sessions(furnished, look):
    """Return the ids of the sessions that live."""
    return lambda: [
        row[0] for row in look(furnished, "SELECT id FROM authorizations WHERE revoked_at IS NULL ORDER BY id")
    ]


async def test_a_login_is_opened_as_it_was_decided(furnished, make_row):
    await furnished.commit((OpenAuthorization(make_row(5), 1, 1),))
    assert await furnished.find_authorization(5) == make_row(5)


CHANGED = [
    SetPassword("default", "us_1", "$new", "nfkc"),
    SetAccountState("default", "us_1", None, enabled=False),
    EndSessions("default", "us_1", datetime(2026, 11, 20, tzinfo=UTC)),
    SetClientEnabled("default", "app", enabled=False),
]


@pytest.mark.parametrize("change", CHANGED, ids=lambda change: type(change).__name__)
async def test_a_login_that_was_still_being_checked_does_not_come_to_life(furnished, make_row, sessions, change):
    await furnished.commit((change,))
    with pytest.raises(InvalidGrant) as refused:
        await furnished.commit((OpenAuthorization(make_row(5), 1, 1),))
    assert refused.value.cause is Cause.BAD_CREDENTIALS
    assert sessions() == []


@pytest.mark.parametrize("change", CHANGED, ids=lambda change: type(change).__name__)
@pytest.mark.parametrize("kind", [AdvanceRefresh, RenewAccess])
async def test_a_refresh_that_was_decided_before_a_change_is_decided_again(furnished, make_row, at, change, kind):
    await furnished.commit((OpenAuthorization(make_row(5), 1, 1), change))
    before = await furnished.find_authorization(5)
    later = at + timedelta(seconds=1)
    refresh = AdvanceRefresh(5, 0, later, 9, 1, 1) if kind is AdvanceRefresh else RenewAccess(5, 0, later, 1, 1)
    with pytest.raises(RaceLost):
        await furnished.commit((refresh,))
    assert await furnished.find_authorization(5) == before


@pytest.mark.parametrize("facts", [{"tenant": "other"}, {"client_id": "other"}, {"subject": "us_2"}, {"subject": None}])
async def test_a_login_of_nobody_is_not_opened(furnished, make_row, sessions, facts):
    with pytest.raises(InvalidGrant):
        await furnished.commit((OpenAuthorization(make_row(5, **facts), 1, 1),))
    assert sessions() == []


async def test_a_client_of_its_own_needs_no_account(furnished, make_row, sessions):
    await furnished.commit((OpenAuthorization(make_row(5, subject=None), None, 1),))
    assert sessions() == [5]


async def test_a_refresh_moves_the_row_on_by_one(furnished, make_row, at):
    await furnished.commit((OpenAuthorization(make_row(5, has_refresh=True), 1, 1),))
    later = at + timedelta(hours=1)
    await furnished.commit((AdvanceRefresh(5, 0, later, 77, 1, 1),))
    expected = make_row(5, has_refresh=True, generation=1, access_nonce=77, advanced_at=later, last_used_at=later)
    assert await furnished.find_authorization(5) == expected


async def test_a_kept_refresh_only_notes_the_time(furnished, make_row, at):
    await furnished.commit((OpenAuthorization(make_row(5), 1, 1),))
    later = at + timedelta(hours=1)
    await furnished.commit((RenewAccess(5, 0, later, 1, 1),))
    assert await furnished.find_authorization(5) == make_row(5, last_used_at=later)


@pytest.mark.parametrize("generation", [1, -1, 2])
async def test_another_generation_is_a_lost_race(furnished, make_row, at, generation):
    await furnished.commit((OpenAuthorization(make_row(5), 1, 1),))
    for refresh in (AdvanceRefresh(5, generation, at, 0, 1, 1), RenewAccess(5, generation, at, 1, 1)):
        with pytest.raises(RaceLost):
            await furnished.commit((refresh,))


async def test_an_ended_login_is_not_refreshed(furnished, make_row, at):
    await furnished.commit((OpenAuthorization(make_row(5), 1, 1), RevokeAuthorization(5, at)))
    for refresh in (AdvanceRefresh(5, 0, at, 0, 1, 1), RenewAccess(5, 0, at, 1, 1)):
        with pytest.raises(RaceLost):
            await furnished.commit((refresh,))


async def _open_many(store, make_row, at):
    """Six sessions, oldest first, of two devices and two contracts; the fifth is over."""
    for n in range(1, 7):
        row = make_row(
            n,
            issued_at=at + timedelta(minutes=n),
            device="a" if n % 2 else "b",
            contract="other" if n == 2 else "standard",
            expires_at=at if n == 5 else None,
        )
        await store.commit((OpenAuthorization(row, 1, 1),))


@pytest.mark.parametrize(
    ("facts", "left"),
    [
        ({"limit": 2}, [2, 4, 6]),
        ({"limit": 10}, [1, 2, 3, 4, 6]),
        ({"limit": 1, "device": "a"}, [2, 3, 4, 6]),
        ({"limit": 1, "client_id": "app"}, [2, 6]),
        ({"limit": 1, "client_id": "another"}, [1, 2, 3, 4, 5, 6]),
        ({"limit": 1, "subject": "us_2"}, [1, 2, 3, 4, 5, 6]),
        ({"limit": 1, "tenant": "other"}, [1, 2, 3, 4, 5, 6]),
        ({"limit": 1, "contract": "other"}, [1, 2, 3, 4, 5, 6]),
        ({"limit": 0}, [2]),
    ],
)
async def test_the_oldest_sessions_over_the_limit_end(furnished, make_row, at, sessions, facts, left):
    await _open_many(furnished, make_row, at)
    settings = {
        "tenant": "default",
        "contract": "standard",
        "subject": "us_1",
        "client_id": None,
        "device": None,
        "at": at + timedelta(hours=1),
    }
    await furnished.commit((EndOldestSessions(**(settings | facts)),))
    assert sessions() == left


async def test_one_token_alone_is_ended_once(furnished, at):
    until = at + timedelta(hours=1)
    for _ in range(2):
        await furnished.commit((RevokeToken(b"handle", until),))
    assert await furnished.is_token_revoked(b"handle")
    assert not await furnished.is_token_revoked(b"handl")


async def _guess(store, at, limit=3, window=60):
    outcome = await asyncio.gather(store.commit((ReserveGuess(b"b", limit, window, at),)), return_exceptions=True)
    assert [one.retry_after for one in outcome if isinstance(one, Limited)] in ([], [window])
    return outcome == [None]


async def test_a_budget_is_spent_and_comes_back_with_its_window(store, at):
    assert [await _guess(store, at + timedelta(seconds=n)) for n in range(5)] == [True] * 3 + [False] * 2
    assert not await _guess(store, at + timedelta(seconds=59))
    again = at + timedelta(seconds=60)
    assert [await _guess(store, again) for _ in range(5)] == [True] * 3 + [False] * 2


async def test_a_refused_guess_does_not_prolong_the_window(store, at):
    for n in range(0, 60, 10):
        await _guess(store, at + timedelta(seconds=n), limit=1)
    assert await _guess(store, at + timedelta(seconds=60), limit=1)


async def test_the_guess_that_spends_a_locking_budget_starts_its_window_anew(store, at):
    def reserve(seconds):
        return store.commit((ReserveGuess(b"b", 3, 60, at + timedelta(seconds=seconds), locks=True),))

    for seconds in (0, 10, 50):
        await reserve(seconds)
    for seconds in (60, 109):
        with pytest.raises(Limited):
            await reserve(seconds)
    await reserve(110)
    assert (await store.find_guesses(b"b")).used == 1


async def test_what_is_spent_can_be_read(store, at):
    assert await store.find_guesses(b"b") is None
    await _guess(store, at)
    await _guess(store, at + timedelta(seconds=1))
    assert await store.find_guesses(b"b") == (2, at)


async def test_a_sign_in_is_noted_and_moves_no_version(furnished, at):
    await furnished.commit((NoteSignIn("default", "us_1", at),))
    account = await furnished.find_account_by_id("default", "us_1")
    assert (account.signed_in_at, account.security_version) == (at, 1)


async def test_a_window_from_before_the_clock_was_set_back_is_over(store, at, look):
    ahead = at + timedelta(days=400)
    assert [await _guess(store, ahead, limit=1) for _ in range(2)] == [True, False]
    assert [await _guess(store, at, limit=1) for _ in range(2)] == [True, False]
    assert not await _guess(store, at - timedelta(seconds=60), limit=1)

    await store.commit((ReserveGuess(b"ahead", 5, 60, ahead), Prune(at, 60)))
    assert look(store, "SELECT budget FROM guess") == [(b"b",)]


async def test_a_right_guess_is_given_back(store, at, look):
    assert await _guess(store, at, limit=1)
    await store.commit((ReturnGuess(b"b"),))
    assert look(store, "SELECT * FROM guess") == []
    assert [await _guess(store, at, limit=2) for _ in range(3)] == [True, True, False]
    await store.commit((ReturnGuess(b"b"),))
    assert [await _guess(store, at, limit=2) for _ in range(2)] == [True, False]


async def test_nothing_is_given_back_that_was_not_taken(store, look):
    await store.commit((ReturnGuess(b"b"),))
    assert look(store, "SELECT * FROM guess") == []


async def test_an_operator_gives_a_whole_budget_back(store, at):
    assert [await _guess(store, at, limit=2) for _ in range(3)] == [True, True, False]
    await store.commit((ClearGuesses(b"b"),))
    assert await _guess(store, at, limit=2)


async def test_a_better_hash_replaces_only_the_hash_it_was_made_from(furnished):
    for old, new, expected in (("$old", "$new", "$new"), ("$old", "$newer", "$new")):
        await furnished.commit((ReplacePassword("default", "us_1", old, new),))
        account = await furnished.find_account_by_id("default", "us_1")
        assert (account.password, account.security_version) == (expected, 1)


async def test_pruning_forgets_what_is_over_and_nothing_else(store, at, look):
    soon = at + timedelta(seconds=30)
    await store.commit((RevokeToken(b"over", at), RevokeToken(b"alive", soon)))
    await store.commit((ReserveGuess(b"old", 5, 60, at - timedelta(seconds=60)), ReserveGuess(b"new", 5, 60, at)))
    await store.commit((Prune(at, 60),))
    assert look(store, "SELECT handle FROM revoked_token") == [(b"alive",)]
    assert look(store, "SELECT budget FROM guess") == [(b"new",)]


def test_a_statement_carries_values_beside_its_text(at):
    (change,) = changes(RevokeToken(b"'; DROP TABLE client", at))
    assert "DROP" not in change.text
