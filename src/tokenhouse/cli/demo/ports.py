"""The demo's three addresses on loopback."""

from __future__ import annotations

import socket
from typing import NamedTuple

from tokenhouse.cli.failures import Exit, Failure

_HOST = "127.0.0.1"
DEFAULT_PORT = 8400


class Addresses(NamedTuple):
    """Where the demo listens: three ports in a row."""

    server: str
    admin: str
    resource: str

    @property
    def binds(self) -> tuple[str, ...]:
        """The addresses as host and port."""
        return tuple(url.removeprefix("http://") for url in self)


def addresses(first: int) -> Addresses:
    """Return the addresses from port ``first`` on."""
    return Addresses(*(f"http://{_HOST}:{first + offset}" for offset in range(3)))


def require_free(binds: tuple[str, ...]) -> None:
    """Pass if nobody listens there.

    Raises:
        Failure: a port is taken.

    """
    for bind in binds:
        host, _, port = bind.rpartition(":")
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, int(port)))
            except OSError as error:
                message = f"the address {bind} is taken ({error.strerror})"
                raise Failure(
                    Exit.FAILURE, message, "stop what listens there (another demo?), or give --port"
                ) from None


def is_open(bind: str) -> bool:
    """Return whether somebody listens there."""
    host, _, port = bind.rpartition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, int(port))) == 0
