"""Group commit: one flush for everybody who waits, and everybody's own outcome."""

from __future__ import annotations

import asyncio
import gc
import threading
from datetime import timedelta

import apsw
import pytest

from tokenhouse.model.effects import (
    AdvanceRefresh,
    Conflict,
    CreateAccount,
    Effect,
    OpenAuthorization,
    RaceLost,
    ReserveGuess,
    RevokeAuthorization,
    RevokeToken,
)
from tokenhouse.model.records import Account, Tenant
from tokenhouse.model.registrations import CreateTenant
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import Busy, InvalidGrant, Limited, Refusal
from tokenhouse.sql import apply
from tokenhouse.sql.change import Change
from tokenhouse.sql.sqlite import open_connection
from tokenhouse.sql.writer import Writer


class Consequence(Effect, frozen=True):
    """Never holds; refuses and remembers something instead."""

    handle: bytes
    until: object
    broken: bool = False

    def otherwise(self):
        tenant = CreateTenant(Tenant(name="default", enabled=True, created_at=self.until))
        more = (tenant,) if self.broken else ()
        return InvalidGrant(Cause.USED_TOKEN, effects=(RevokeToken(self.handle, self.until), *more))


class Broken(Effect, frozen=True):
    """A statement that no engine understands."""


@pytest.fixture(autouse=True)
def _known(monkeypatch):
    impossible = Change("UPDATE tenant SET enabled = enabled WHERE 0", {}, decides=True)
    monkeypatch.setitem(apply.CHANGES, Consequence, lambda _: (impossible,))
    monkeypatch.setitem(apply.CHANGES, Broken, lambda _: (Change("NOT SQL", {}),))


@pytest.fixture
def mark(at):
    """Return an effect that leaves a trace under one name."""
    return lambda name: RevokeToken(name.encode(), at + timedelta(days=1))


@pytest.fixture
def traces(look):
    return lambda store: sorted(row[0].decode() for row in look(store, "SELECT handle FROM revoked_token"))


async def test_requests_that_wait_together_share_one_transaction(store, mark, hold, traces):
    with hold(store) as held:
        first = asyncio.create_task(store.commit((mark("first"),)))
        await asyncio.to_thread(held.reached.wait, 10)
        others = [asyncio.create_task(store.commit((mark(f"{n:03}"),))) for n in range(200)]
        await asyncio.sleep(0)
        held.go.set()
        await asyncio.gather(first, *others)
    assert held.commits == 2
    assert len(traces(store)) == 201


async def test_a_batch_is_bounded(store, mark, hold):
    with hold(store) as held:
        first = asyncio.create_task(store.commit((mark("first"),)))
        await asyncio.to_thread(held.reached.wait, 10)
        others = [asyncio.create_task(store.commit((mark(f"{n:03}"),))) for n in range(257)]
        await asyncio.sleep(0)
        held.go.set()
        await asyncio.gather(first, *others)
    assert held.commits == 3


async def test_nothing_is_acknowledged_before_its_commit(store, mark, hold, traces):
    with hold(store) as held:
        task = asyncio.create_task(store.commit((mark("a"),)))
        await asyncio.to_thread(held.reached.wait, 10)
        await asyncio.sleep(0.01)
        assert not task.done()
        assert traces(store) == []
        held.go.set()
        await task
    assert traces(store) == ["a"]


async def test_a_refused_request_takes_nothing_of_the_others(store, mark, at, in_one_batch, traces):
    spent = ReserveGuess(b"b", 1, 60, at)
    outcomes = await in_one_batch(store, (spent,), (mark("a"),), (mark("refused"), spent, mark("after")), (mark("b"),))
    assert [type(one) for one in outcomes] == [type(None), Limited, type(None)]
    assert traces(store) == ["a", "b"]


async def test_the_consequences_of_a_refusal_are_remembered_instead(store, mark, at, in_one_batch, traces):
    _, refusal, _ = await in_one_batch(
        store, (mark("first"),), (mark("a"),), (mark("lost"), Consequence(b"consequence", at)), (mark("b"),)
    )
    assert isinstance(refusal, InvalidGrant)
    assert refusal.effects == ()
    assert traces(store) == ["a", "b", "consequence", "first"]


async def test_a_lost_race_leaves_nothing(store, mark, at, traces):
    with pytest.raises(RaceLost):
        await store.commit((mark("lost"), AdvanceRefresh(1, 0, at, 0, None, 1)))
    assert traces(store) == []


async def test_a_constraint_is_a_conflict_and_no_driver_error(furnished, at):
    account = Account("nowhere", "u", None, None, None, None, None, at)
    with pytest.raises(Conflict, match="CreateAccount"):
        await furnished.commit((CreateAccount(account, ()),))


async def test_a_broken_statement_fails_alone(store, mark, in_one_batch, traces):
    outcomes = await in_one_batch(store, (mark("first"),), (mark("a"),), (mark("lost"), Broken()), (mark("b"),))
    assert [type(one) for one in outcomes] == [type(None), apsw.SQLError, type(None)]
    assert traces(store) == ["a", "b", "first"]


async def test_an_unknown_effect_fails_alone(store, mark, in_one_batch, traces):
    outcomes = await in_one_batch(store, (mark("first"),), (mark("a"),), (Effect(),), (mark("b"),))
    assert [type(one) for one in outcomes] == [type(None), KeyError, type(None)]
    assert traces(store) == ["a", "b", "first"]


async def test_consequences_that_fail_themselves_end_neither_the_writer_nor_the_batch(
    furnished, mark, at, in_one_batch, traces
):
    broken = Consequence(b"consequence", at, broken=True)
    outcomes = await in_one_batch(furnished, (mark("first"),), (mark("a"),), (broken,), (mark("b"),))
    assert [type(one) for one in outcomes] == [type(None), Conflict, type(None)]
    assert traces(furnished) == ["a", "b", "first"]
    await furnished.commit((mark("later"),))


async def test_a_batch_that_the_database_rolled_back_is_run_again_one_by_one(store, mark, in_one_batch, traces):
    store._writer._connection.execute(
        """CREATE TRIGGER rolls_back BEFORE INSERT ON revoked_token WHEN NEW.handle = CAST('poison' AS BLOB)
           BEGIN SELECT RAISE(ROLLBACK, 'all of it'); END"""
    )
    outcomes = await in_one_batch(store, (mark("first"),), (mark("a"),), (mark("poison"),), (mark("b"),))
    assert [type(one) for one in outcomes] == [type(None), Conflict, type(None)]
    assert traces(store) == ["a", "b", "first"]


async def test_a_cancelled_caller_does_not_cancel_the_commit(store, mark, hold, traces):
    with hold(store) as held:
        task = asyncio.create_task(store.commit((mark("a"),)))
        await asyncio.to_thread(held.reached.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        held.go.set()
        await store.commit((mark("b"),))
    assert traces(store) == ["a", "b"]


async def test_a_refusal_that_nobody_waits_for_any_more_makes_no_noise(store, mark, at, hold, traces):
    heard = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: heard.append(context))
    with hold(store) as held:
        first = asyncio.create_task(store.commit((mark("a"),)))
        await asyncio.to_thread(held.reached.wait, 10)
        task = asyncio.create_task(store.commit((AdvanceRefresh(1, 0, at, 0, None, 1),)))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        held.go.set()
        await first
    await store.commit((mark("b"),))
    del task
    gc.collect()
    assert heard == []


async def test_a_future_that_is_over_is_left_alone(database, mark):
    loop = asyncio.get_running_loop()
    writer = Writer(open_connection(database))
    gone = loop.create_future()
    gone.cancel()
    writer._jobs.put(((mark("a"),), gone, loop))
    await writer.commit((mark("b"),))
    writer.close()
    assert gone.cancelled()


async def test_a_full_queue_is_busy_and_checks_nothing(database, mark):
    connection = open_connection(database)
    writer = Writer(connection, waiting=2)
    reached, go = threading.Event(), threading.Event()

    def stop() -> int:
        reached.set()
        go.wait(10)
        return 0

    connection.set_commit_hook(stop)
    first = asyncio.create_task(writer.commit((mark("a"),)))
    await asyncio.to_thread(reached.wait, 10)
    waiting = [asyncio.create_task(writer.commit((mark(name),))) for name in "bc"]
    await asyncio.sleep(0)
    with pytest.raises(Busy) as refused:
        await writer.commit((mark("d"),))
    go.set()
    await asyncio.gather(first, *waiting)
    assert refused.value.cause is Cause.BUSY
    assert refused.value.retry_after == 1
    assert [row[0] for row in connection.execute("SELECT handle FROM revoked_token ORDER BY 1")] == [b"a", b"b", b"c"]
    writer.close()


async def test_a_full_disk_is_busy_and_nothing_is_lost_afterwards(store, mark, at, in_one_batch, traces):
    await store.commit((mark("before"),))
    connection = store._writer._connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={pages}")
    big = Account("default", "u", None, None, None, "x" * 200_000, None, at)
    tenant = CreateTenant(Tenant(name="default", enabled=True, created_at=at))
    for effects in ((tenant, CreateAccount(big, ())), (mark("a"), tenant, CreateAccount(big, ()))):
        with pytest.raises(Busy) as refused:
            await store.commit(effects)
        assert isinstance(refused.value.__cause__, apsw.FullError)
        assert refused.value.retry_after == 5
    outcomes = await in_one_batch(store, (mark("first"),), (mark("b"),), (tenant, CreateAccount(big, ())))
    assert {type(one) for one in outcomes} == {Busy}
    assert traces(store) == ["before", "first"]
    connection.execute("PRAGMA max_page_count=1000000")
    await store.commit((tenant, CreateAccount(big, ())))
    assert await store.find_account_by_id("default", "u") == big


async def test_a_database_that_another_connection_writes_is_busy(database, store, mark, traces):
    store._writer._connection.set_busy_timeout(0)
    other = apsw.Connection(str(database))
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Busy):
        await store.commit((mark("a"),))
    other.execute("ROLLBACK")
    other.close()
    await store.commit((mark("b"),))
    assert traces(store) == ["b"]


async def test_a_commit_that_fails_is_rolled_back_and_the_next_one_works(store, mark, traces):
    answers = iter((True, False))
    store._writer._connection.set_commit_hook(lambda: next(answers))
    with pytest.raises(apsw.ConstraintError):
        await store.commit((mark("a"),))
    await store.commit((mark("b"),))
    assert traces(store) == ["b"]


async def test_closing_finishes_what_is_queued_and_refuses_what_comes_later(database, mark):
    connection = open_connection(database)
    writer = Writer(connection)
    reached, go = threading.Event(), threading.Event()

    def stop() -> int:
        reached.set()
        go.wait(10)
        return 0

    connection.set_commit_hook(stop)
    first = asyncio.create_task(writer.commit((mark("a"),)))
    await asyncio.to_thread(reached.wait, 10)
    others = [asyncio.create_task(writer.commit((mark(name),))) for name in "bcd"]
    await asyncio.sleep(0)
    closing = asyncio.create_task(asyncio.to_thread(writer.close))
    while writer._waiting:
        await asyncio.sleep(0)
    with pytest.raises(Busy):
        await writer.commit((mark("late"),))
    go.set()
    await asyncio.gather(first, *others, closing)
    reader = open_connection(database, read_only=True)
    assert [row[0] for row in reader.execute("SELECT handle FROM revoked_token ORDER BY 1")] == [b"a", b"b", b"c", b"d"]
    reader.close()


async def test_several_event_loops_share_one_writer(store, mark, traces):
    failed: list[BaseException] = []

    def loop_of_its_own(name: str) -> None:
        async def many() -> None:
            await asyncio.gather(*(store.commit((mark(f"{name}{n:02}"),)) for n in range(25)))

        try:
            asyncio.run(many())
        except BaseException as error:  # noqa: BLE001 -- looked at below
            failed.append(error)

    threads = [threading.Thread(target=loop_of_its_own, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    await asyncio.gather(*(store.commit((mark(f"z{n:02}"),)) for n in range(25)))
    await asyncio.gather(*(asyncio.to_thread(thread.join) for thread in threads))
    assert failed == []
    assert len(traces(store)) == 100


async def test_a_loop_that_was_closed_meanwhile_does_not_stop_the_writer(store, mark, traces):
    other = asyncio.new_event_loop()
    orphan = other.create_future()
    other.close()
    store._writer._jobs.put(((mark("a"),), orphan, other))
    await store.commit((mark("b"),))
    assert traces(store) == ["a", "b"]


async def test_fifty_refreshes_of_one_token_have_one_winner(furnished, make_row, at, look):
    await furnished.commit((OpenAuthorization(make_row(7), 1, 1),))
    tries = [furnished.commit((AdvanceRefresh(7, 0, at + timedelta(seconds=n), n, 1, 1),)) for n in range(50)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert [type(one) for one in outcomes if one is not None] == [RaceLost] * 49
    winner = outcomes.index(None)
    assert look(furnished, "SELECT generation, access_nonce FROM authorizations") == [(1, winner)]


async def test_a_thousand_parallel_guesses_are_ten(store, at):
    tries = [store.commit((ReserveGuess(b"budget", 10, 60, at),)) for _ in range(1000)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(one is None for one in outcomes) == 10
    assert sum(isinstance(one, Limited) for one in outcomes) == 990


async def test_refusals_come_with_their_own_values(store, at):
    await store.commit((ReserveGuess(b"x", 1, 77, at),))
    with pytest.raises(Refusal) as refused:
        await store.commit((ReserveGuess(b"x", 1, 77, at),))
    assert refused.value.retry_after == 77


async def test_ending_twice_is_ending_once(furnished, make_row, at):
    await furnished.commit((OpenAuthorization(make_row(1), 1, 1), RevokeAuthorization(1, at)))
    await furnished.commit((RevokeAuthorization(1, at + timedelta(hours=1)),))
    row = await furnished.find_authorization(1)
    assert row.revoked_at == at
