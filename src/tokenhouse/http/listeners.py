"""Listeners: several uvicorn servers in one loop, started and drained together.

Signals are the composition root's business, so uvicorn's own handlers stay out.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from tokenhouse.http.heads import BoundedHeads


@dataclass(frozen=True, slots=True)
class Listener:
    """An application at an address: `host:port`, or a Unix socket that only its owner may open."""

    app: Any
    bind: str | Path


class AddressTaken(Exception):
    """Somebody else listens there already, or it cannot be bound."""


class _Quiet(uvicorn.Server):
    """A server that leaves signals alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do nothing; whoever runs the listeners stops them."""
        yield


class Listeners:
    """Runs listeners until ``stop``; in-flight requests get ``drain_seconds`` to finish."""

    def __init__(self, listeners: list[Listener], drain_seconds: float) -> None:
        self._sockets = _bind_all([listener.bind for listener in listeners])
        self._paths = [listener.bind for listener in listeners if isinstance(listener.bind, Path)]
        self._servers = [
            _Quiet(
                uvicorn.Config(
                    listener.app,
                    loop="none",
                    http=BoundedHeads,
                    ws="none",
                    lifespan="off",
                    log_config=None,
                    access_log=False,
                    server_header=False,
                    date_header=True,
                    proxy_headers=False,
                    timeout_keep_alive=15,
                    timeout_graceful_shutdown=int(drain_seconds),
                    backlog=2048,
                )
            )
            for listener in listeners
        ]

    async def run(self) -> None:
        """Serve until ``stop`` has been called and everything in flight is answered."""
        try:
            await asyncio.gather(
                *(server.serve([bound]) for server, bound in zip(self._servers, self._sockets, strict=True))
            )
        finally:
            for path in self._paths:
                path.unlink(missing_ok=True)

    def stop(self) -> None:
        """Stop accepting and drain."""
        for server in self._servers:
            server.should_exit = True


def _bind_all(binds: list[str | Path]) -> list[socket.socket]:
    with contextlib.ExitStack() as bound:
        sockets = [bound.enter_context(_bind(bind)) for bind in binds]
        bound.pop_all()
    return sockets


def _bind(bind: str | Path) -> socket.socket:
    try:
        return _bind_unix(bind) if isinstance(bind, Path) else _bind_tcp(bind)
    except OSError as error:
        raise AddressTaken(f"{bind}: {error.strerror}") from error


def _bind_unix(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)
    with contextlib.ExitStack() as kept:
        bound = kept.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        bound.bind(str(path))
        path.chmod(0o600)
        kept.pop_all()
    return bound


def _bind_tcp(bind: str) -> socket.socket:
    host, _, port = bind.rpartition(":")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with contextlib.ExitStack() as kept:
        bound = kept.enter_context(socket.socket(family, socket.SOCK_STREAM))
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host.strip("[]"), int(port)))
        kept.pop_all()
    return bound
