"""Connecting to the address that was checked, whatever the name leads to by then."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import httpcore2

from tokenhouse.egress.addresses import is_public, is_this_machine
from tokenhouse.egress.failures import EgressError, Failure
from tokenhouse.egress.lookup import Lookup
from tokenhouse.egress.targets import Target

_MOST_TRIED = 3
_CONNECT_SECONDS = 1.0
"""Per address, so that one that swallows packets leaves time for the next."""


async def require_addresses(target: Target, lookup: Lookup) -> tuple[str, ...]:
    """Return the addresses of ``target``, all of them checked: one bad address spoils a name.

    Raises:
        EgressError: unresolved, special_address, busy.

    """
    found = await lookup(target.url.host, target.url.port)
    if not found:
        raise EgressError(Failure.UNRESOLVED)
    is_good = is_this_machine if target.on_this_machine else is_public
    if not all(map(is_good, found)):
        raise EgressError(Failure.SPECIAL_ADDRESS)
    return tuple(found)


class PinnedBackend(httpcore2.AsyncNetworkBackend):
    """Opens one connection, to given addresses only; the host that it is asked for is for TLS to check."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = addresses[:_MOST_TRIED]
        self._network = httpcore2.AnyIOBackend()
        self._stream: httpcore2.AsyncNetworkStream | None = None

    async def connect_tcp(
        self,
        host: str,  # noqa: ARG002 -- resolved and checked before
        port: int,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 -- the base class names it; ours is per address
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Return a stream to the first of the addresses that takes the connection.

        Raises:
            EgressError: unreachable.

        """
        for address in self._addresses:
            try:
                self._stream = await self._network.connect_tcp(
                    address, port, _CONNECT_SECONDS, local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
            return self._stream
        raise EgressError(Failure.UNREACHABLE)

    async def aclose(self) -> None:
        """Close the connection, also one whose handshake was broken off: the library keeps no hold of that."""
        if self._stream is not None:
            await self._stream.aclose()
