"""The hash pool: few threads of lowered priority and a short queue, so that logins never hold up anybody else."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TypeVar

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import Busy

T = TypeVar("T")
Run = Callable[[Callable[[], T]], Awaitable[T]]


class HashPool:
    """Runs password hashes. ``workers`` at a time, ``queue`` more may wait; the rest is told to come back.

    ``niceness`` lowers the threads' priority where the system knows priorities of threads (Linux).
    """

    def __init__(self, workers: int, queue: int, niceness: int) -> None:
        self._places = workers + queue
        self._taken = 0
        self._threads = ThreadPoolExecutor(workers, "tokenhouse-hash", _lower_priority, (niceness,))

    @property
    def taken(self) -> int:
        """How many places are in use."""
        return self._taken

    def require_room(self) -> None:
        """Pass if there is a place; whoever asks before he looks anything up is turned away cheaply.

        Raises:
            Busy: all places are taken.

        """
        if self._taken >= self._places:
            raise Busy(Cause.BUSY, retry_after=1)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Hold a place in the queue; whoever has none does not even reserve a guess.

        Raises:
            Busy: all places are taken.

        """
        self.require_room()
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1

    async def run(self, work: Callable[[], T]) -> T:
        """Run ``work`` on a hashing thread; the caller holds a place.

        A caller that goes away does not free its place before the thread is free again.
        """
        future = asyncio.get_running_loop().run_in_executor(self._threads, work)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            await asyncio.wait([future])
            raise

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=True, cancel_futures=True)


def _lower_priority(niceness: int) -> None:
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), niceness)
