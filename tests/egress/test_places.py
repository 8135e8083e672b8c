"""Few calls to one host, a bounded number in all, and nothing left of hosts that nobody calls."""

from __future__ import annotations

import asyncio

import pytest

from tokenhouse.egress.failures import EgressError, Failure
from tokenhouse.egress.places import Places


async def test_hosts_do_not_wait_for_each_other() -> None:
    places = Places(per_host=1, total=3)
    async with places.take("a"), places.take("b"):
        waiting = asyncio.create_task(hold(places, "a"))
        await asyncio.sleep(0)
        assert not waiting.done()
        with pytest.raises(EgressError) as raised:
            await hold(places, "c")
        assert raised.value.failure is Failure.BUSY
        assert places.hosts == 2
    await waiting
    assert places.hosts == 0


async def test_whoever_stops_waiting_frees_the_place() -> None:
    places = Places(per_host=1, total=2)
    async with places.take("a"):
        waiting = asyncio.create_task(hold(places, "a"))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        async with places.take("b"):
            assert places.hosts == 2
    assert places.hosts == 0
    await hold(places, "a")


async def hold(places: Places, host: str) -> None:
    async with places.take(host):
        pass
