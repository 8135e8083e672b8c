"""How many calls may be under way: few to one host, and a bounded number in all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tokenhouse.egress.failures import EgressError, Failure


@dataclass(slots=True)
class _Host:
    free: asyncio.Semaphore
    callers: int = field(default=0)


class Places:
    """Holds back what is too much: ``per_host`` go at once, others wait; beyond ``total`` nobody even waits."""

    def __init__(self, per_host: int, total: int) -> None:
        self._per_host = per_host
        self._total = total
        self._taken = 0
        self._hosts: dict[str, _Host] = {}

    @property
    def hosts(self) -> int:
        """How many hosts are being called or waited for."""
        return len(self._hosts)

    @asynccontextmanager
    async def take(self, host: str) -> AsyncIterator[None]:
        """Hold a place for one call to ``host``; bounding the wait is the caller's business.

        Raises:
            EgressError: busy.

        """
        if self._taken >= self._total:
            raise EgressError(Failure.BUSY)
        place = self._hosts.setdefault(host, _Host(asyncio.Semaphore(self._per_host)))
        self._taken += 1
        place.callers += 1
        try:
            async with place.free:
                yield
        finally:
            self._taken -= 1
            place.callers -= 1
            if not place.callers:
                del self._hosts[host]
