from __future__ import annotations

import asyncio
import os
import sys
import threading

import pytest

from tokenhouse.accounts import pool as module
from tokenhouse.accounts.pool import HashPool
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import Busy


class Gate:
    """Work that has begun and does not end before it is let go."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.opened = threading.Event()

    def __call__(self) -> str:
        self.begun.set()
        assert self.opened.wait(10)
        return "done"

    async def reached(self) -> None:
        assert await asyncio.to_thread(self.begun.wait, 10)


@pytest.fixture
def small():
    made = HashPool(workers=1, queue=1, niceness=0)
    yield made
    made.close()


async def hold(pool, work):
    async with pool.place():
        return await pool.run(work)


async def test_work_never_runs_on_the_thread_of_the_loop(small):
    name = await hold(small, lambda: threading.current_thread().name)
    assert name.startswith("tokenhouse-hash")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux knows priorities of threads")
async def test_the_threads_of_the_pool_and_no_other_have_a_lower_priority():
    pool = HashPool(workers=1, queue=0, niceness=10)
    before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    inside = await hold(pool, lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
    pool.close()
    assert inside == 10
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before


async def test_a_system_without_thread_priorities_is_left_alone(monkeypatch):
    asked = []
    monkeypatch.setattr(module.sys, "platform", "darwin")
    monkeypatch.setattr(module.os, "setpriority", lambda *given: asked.append(given), raising=False)
    pool = HashPool(workers=1, queue=0, niceness=10)
    assert await hold(pool, lambda: 7) == 7
    pool.close()
    assert asked == []


async def test_a_full_pool_refuses_and_says_when_to_come_back(small):
    async with small.place(), small.place():
        assert small.taken == 2
        with pytest.raises(Busy) as refused:
            async with small.place():
                pytest.fail("there was no place")
    assert (refused.value.cause, refused.value.retry_after) == (Cause.BUSY, 1)
    assert small.taken == 0


async def test_who_asks_first_is_told_whether_there_is_room_without_taking_it(small):
    small.require_room()
    assert small.taken == 0
    async with small.place(), small.place():
        with pytest.raises(Busy):
            small.require_room()
    small.require_room()


async def test_a_place_is_free_again_after_work_that_failed(small):
    with pytest.raises(ZeroDivisionError):
        await hold(small, lambda: 1 // 0)
    assert small.taken == 0


async def test_a_cancelled_caller_keeps_its_place_until_the_thread_is_done(small):
    gate = Gate()
    caller = asyncio.create_task(hold(small, gate))
    await gate.reached()
    caller.cancel()
    await asyncio.sleep(0.01)
    assert small.taken == 1
    assert not caller.done()
    gate.opened.set()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert small.taken == 0


async def test_the_loop_runs_on_while_a_password_is_hashed(small):
    gate = Gate()
    caller = asyncio.create_task(hold(small, gate))
    await gate.reached()
    for _ in range(100):
        await asyncio.sleep(0)
    assert not caller.done()
    gate.opened.set()
    assert await caller == "done"
