"""Asking the resolver, on few threads of our own: one that hangs must hold up nobody else."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from tokenhouse.egress.failures import EgressError, Failure

Lookup = Callable[[str, int], Awaitable[Sequence[str]]]
"""Returns the addresses of a host, best first; none if it has none."""

_THREADS = 4


class Resolver:
    """The system's resolver. A question that nobody waits for any more keeps its thread until it is answered."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, "tokenhouse-resolve")
        self._asked = 0

    async def lookup(self, host: str, port: int) -> Sequence[str]:
        """Return the addresses of ``host``.

        Raises:
            EgressError: busy, all threads wait for an answer.

        """
        if self._asked >= _THREADS:
            raise EgressError(Failure.BUSY)
        self._asked += 1
        future = asyncio.get_running_loop().run_in_executor(self._threads, _ask, host, port)
        future.add_done_callback(self._answered)
        return await asyncio.shield(future)

    def _answered(self, _: object) -> None:
        self._asked -= 1

    def close(self) -> None:
        """Let the threads end, without waiting for a resolver that hangs."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _ask(host: str, port: int) -> Sequence[str]:
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    except (OSError, UnicodeError):
        return ()
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))
