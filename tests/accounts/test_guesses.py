from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tokenhouse.accounts.guesses import Guesses, GuessLimits
from tokenhouse.accounts.lockout import Attempt
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.contract import LockoutPolicy
from tokenhouse.protocol.refusals import Limited


@pytest.fixture
def few(house):
    return Guesses(house.store, house.keys.digest, GuessLimits(account=3, source=5, window_seconds=60))


async def spend(guesses, clock, times, name="alice", source="192.0.2.1"):
    return [await guesses.reserve("account", name, source, clock.now) for _ in range(times)]


async def test_a_spent_account_is_limited_wherever_the_guess_comes_from(few, clock):
    await spend(few, clock, 3)
    with pytest.raises(Limited) as refused:
        await spend(few, clock, 1, source="192.0.2.2")
    assert (refused.value.cause, refused.value.retry_after) == (Cause.LIMITED, 60)


async def test_a_spent_source_is_limited_whomever_it_guesses(few, clock):
    for name in "abcde":
        await spend(few, clock, 1, name=name)
    with pytest.raises(Limited):
        await spend(few, clock, 1, name="f")


async def test_a_refused_guess_takes_nothing_from_either_budget(few, clock, budgets):
    await spend(few, clock, 3)
    before = sorted(budgets())
    with pytest.raises(Limited):
        await spend(few, clock, 1)
    assert sorted(budgets()) == before


async def test_a_guess_that_is_given_back_was_never_made(few, clock, house, budgets):
    ((refunds, locked),) = await spend(few, clock, 1)
    assert not locked
    await house.store.commit(refunds)
    assert budgets() == []


async def test_the_budget_is_full_again_when_the_window_is_over(few, clock):
    await spend(few, clock, 3)
    clock.pass_(seconds=59)
    with pytest.raises(Limited):
        await spend(few, clock, 1)
    clock.pass_(seconds=1)
    await spend(few, clock, 1)


async def test_a_thousand_guesses_at_once_are_no_more_than_ten_in_a_row(guesses, clock):
    reserved = await asyncio.gather(
        *(guesses.reserve("account", "alice", str(n), clock.now) for n in range(1000)), return_exceptions=True
    )
    assert sum(isinstance(one, tuple) for one in reserved) == 10
    assert sum(isinstance(one, Limited) for one in reserved) == 990


async def test_budgets_hold_no_names(few, clock, budgets):
    await spend(few, clock, 1)
    for name, _ in budgets():
        assert len(name) == 16
        assert b"alice" not in name
        assert b"192.0" not in name


async def test_a_name_is_counted_by_itself_whoever_is_meant(few, clock, house, budgets):
    for n in range(3):
        await few.reserve("account", f"meant {n}", "192.0.2.1", clock.now, asked="called")
    with pytest.raises(Limited):
        await few.reserve("account", "meant 4", "192.0.2.1", clock.now, asked="called")
    reserved = await few.reserve("account", "meant 4", "192.0.2.1", clock.now, asked="called otherwise")
    assert len(budgets()) == 7
    await house.store.commit(reserved.refunds)
    assert sorted(used for _, used in budgets()) == [1, 1, 1, 3, 3]


async def test_account_client_and_source_of_one_name_have_budgets_of_their_own(few, clock):
    found = {await few.budget(kind, "same", clock.now) for kind in ("account", "client", "source")}
    assert len(found) == 3


THREE = Attempt("contract\0alice", LockoutPolicy(3, timedelta(seconds=40)))


async def attempt(guesses, clock, attempt=THREE, name="alice", source="192.0.2.1"):
    return await guesses.reserve("account", name, source, clock.now, attempt=attempt)


async def test_the_last_failure_locks_for_a_whole_window_from_then_on(guesses, clock):
    assert [(await attempt(guesses, clock)).locked for _ in range(2)] == [False, False]
    clock.pass_(seconds=39)
    assert not (await attempt(guesses, clock)).locked
    assert (await attempt(guesses, clock)).locked
    clock.pass_(seconds=39)
    assert (await attempt(guesses, clock)).locked, "trying on neither ends the lock nor moves it"
    clock.pass_(seconds=1)
    assert not (await attempt(guesses, clock)).locked


async def test_a_lock_is_one_contract_s(guesses, clock):
    for _ in range(3):
        await attempt(guesses, clock)
    other = Attempt("other\0alice", THREE.policy)
    assert not (await attempt(guesses, clock, other)).locked
    assert (await attempt(guesses, clock)).locked


async def test_whoever_is_right_is_forgiven_what_was_wrong_before(guesses, clock, house):
    await attempt(guesses, clock)
    reserved = await attempt(guesses, clock)
    await house.store.commit(reserved.refunds)
    assert [(await attempt(guesses, clock)).locked for _ in range(4)] == [False, False, False, True]


async def test_the_limits_stand_above_the_lock_and_go_on_counting_below_it(few, clock):
    for _ in range(3):
        await attempt(few, clock, Attempt("c", LockoutPolicy(1, timedelta(hours=1))))
    with pytest.raises(Limited):
        await attempt(few, clock, Attempt("c", LockoutPolicy(1, timedelta(hours=1))))
    with pytest.raises(Limited):
        await attempt(few, clock, Attempt("d", LockoutPolicy(9, timedelta(hours=1))))


async def test_an_unlock_gives_no_guess_of_the_limits_back(few, clock, house, budgets):
    reserved = await attempt(few, clock)
    await house.store.commit((reserved.refunds[-1],))
    assert sorted(used for _, used in budgets()) == [1, 1]


async def test_guesses_at_once_pass_no_more_than_the_lock_allows(guesses, clock):
    reserved = await asyncio.gather(
        *(attempt(guesses, clock, name=str(n), source=str(n)) for n in range(100)), return_exceptions=True
    )
    assert sum(one.locked is False for one in reserved) == 3
    assert sum(one.locked is True for one in reserved) == 97


async def test_an_attempt_is_one_commit_of_the_same_statements_locked_or_not(guesses, clock, house, statements):
    await attempt(guesses, clock)
    runs = []
    for _ in range(4):
        with statements(house.store) as seen:
            await attempt(guesses, clock)
        runs.append(list(seen))
    assert all(run == runs[0] for run in runs)
    assert sum("COMMIT" in text for text in runs[0]) == 1
