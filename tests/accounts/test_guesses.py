from __future__ import annotations

import asyncio

import pytest

from tokenhouse.accounts.guesses import Guesses, GuessLimits
from tokenhouse.protocol.causes import Cause
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
    (effects,) = await spend(few, clock, 1)
    await house.store.commit(effects)
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
    effects = await few.reserve("account", "meant 4", "192.0.2.1", clock.now, asked="called otherwise")
    assert len(budgets()) == 7
    await house.store.commit(effects)
    assert sorted(used for _, used in budgets()) == [1, 1, 1, 3, 3]


async def test_account_client_and_source_of_one_name_have_budgets_of_their_own(few, clock):
    found = {await few.budget(kind, "same", clock.now) for kind in ("account", "client", "source")}
    assert len(found) == 3
