from __future__ import annotations

import asyncio
import threading
from datetime import timedelta

import pytest

from tokenhouse.accounts.hashing import Hashing
from tokenhouse.accounts.lockout import Attempt
from tokenhouse.accounts.pool import HashPool
from tokenhouse.accounts.verifying import SlowVerifier
from tokenhouse.model.effects import ReturnGuess
from tokenhouse.protocol.contract import LockoutPolicy
from tokenhouse.protocol.refusals import Busy, Limited
from tokenhouse.protocol.secret import Secret

RIGHT = Secret("right")


@pytest.fixture
def check(verifier, clock):
    async def check(phcs, secret=RIGHT):
        checked = await verifier.check("account", "alice", phcs, secret, form="raw", source="192.0.2.1", now=clock.now)
        return checked.refunds

    return check


async def test_a_right_password_gives_both_guesses_back(check, hashing, house, budgets):
    effects = await check([hashing.hash(RIGHT, "raw")])
    assert [type(effect) for effect in effects] == [ReturnGuess, ReturnGuess]
    assert [used for _, used in budgets()] == [1, 1]
    await house.store.commit(effects)
    assert budgets() == []


async def test_a_wrong_password_keeps_its_guess(check, hashing, budgets):
    assert await check([hashing.hash(Secret("other"), "raw")]) is None
    assert [used for _, used in budgets()] == [1, 1]


async def test_without_a_hash_the_same_work_is_done_for_nothing(check, hashing, budgets):
    assert await check([]) is None
    assert hashing.looked == 1
    assert [used for _, used in budgets()] == [1, 1]


async def test_several_hashes_are_one_guess(check, hashing, budgets):
    assert await check([hashing.hash(Secret("other"), "raw"), hashing.hash(RIGHT, "raw")])
    assert [used for _, used in budgets()] == [1, 1]


async def test_a_full_pool_costs_the_database_nothing(guesses, hashing, house, statements, clock):
    pool = HashPool(workers=1, queue=0, niceness=0)
    verifier = SlowVerifier(guesses, hashing, pool)
    with statements(house.store) as seen:
        async with pool.place():
            with pytest.raises(Busy):
                await verifier.check("account", "a", ["x"], RIGHT, form="raw", source="s", now=clock.now)
    pool.close()
    assert seen == []


async def test_a_spent_budget_costs_the_processor_nothing(check, hashing):
    for _ in range(10):
        await check([])
    with pytest.raises(Limited):
        await check([])
    assert hashing.looked == 10


async def test_a_client_secret_has_a_budget_of_its_own(verifier, hashing, clock, check):
    for _ in range(10):
        await check([])
    phc = hashing.hash(RIGHT, "raw")
    assert await verifier.check_client("alice", [phc], RIGHT, "192.0.2.2", clock.now)
    assert await verifier.check_client("alice", [phc], Secret("wrong"), "192.0.2.2", clock.now) is None


async def test_an_old_hash_is_renewed_and_a_current_one_left(verifier, hashing):
    old = Hashing(memory_kib=16, passes=1).hash(RIGHT, "raw")
    renewed = await verifier.renew(old, RIGHT, "raw")
    assert hashing.is_current(renewed)
    assert hashing.verify(renewed, RIGHT, "raw")
    assert await verifier.renew(renewed, RIGHT, "raw") is None


async def test_a_full_pool_leaves_the_renewal_to_the_next_login(guesses, hashing):
    pool = HashPool(workers=1, queue=0, niceness=0)
    gate = threading.Event()

    async def occupy():
        async with pool.place():
            await pool.run(lambda: gate.wait(10))

    occupied = asyncio.create_task(occupy())
    await asyncio.sleep(0)
    assert await SlowVerifier(guesses, hashing, pool).renew("$argon2id$old", RIGHT, "raw") is None
    gate.set()
    await occupied
    pool.close()


async def test_a_locked_one_is_hashed_all_the_same_and_never_right(verifier, hashing, clock):
    attempt = Attempt("contract\0alice", LockoutPolicy(1, timedelta(minutes=5)))
    phc = hashing.hash(RIGHT, "raw")
    told = {"form": "raw", "source": "192.0.2.1", "now": clock.now, "attempt": attempt}
    first = await verifier.check("account", "alice", [phc], Secret("wrong"), **told)
    locked = await verifier.check("account", "alice", [phc], RIGHT, **told)
    assert (first.refunds, first.is_locked) == (None, False)
    assert (locked.refunds, locked.is_locked) == (None, True)
    assert hashing.looked == 2
