"""Listeners: several uvicorn servers in one loop, started and drained together.

Signals are the composition root's business, so uvicorn's own handlers stay out. With TLS a listener accepts with one
context after the other: the socket is shared between them, so that nobody who connects meanwhile is turned away.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from tokenhouse.http.heads import BoundedHeads


@dataclass(frozen=True, slots=True)
class Listener:
    """An application at an address: `host:port`, or a Unix socket that only its owner may open; TLS with a context."""

    app: Any
    bind: str | Path
    context: ssl.SSLContext | None = None


_HANDSHAKE_SECONDS = 10.0
_GOODBYE_SECONDS = 3.0
"""How long a peer may take to say goodbye too; a client that keeps an idle connection does not, and holds up a stop."""


class AddressTaken(Exception):
    """Somebody else listens there already, or it cannot be bound."""


class _Server(uvicorn.Server):
    """A server that leaves signals alone, and whose TLS context may change while it accepts."""

    def __init__(
        self, config: uvicorn.Config, bound: socket.socket, context: ssl.SSLContext | None, handshake_seconds: float
    ) -> None:
        super().__init__(config)
        self.servers: list[asyncio.base_events.Server] = []
        self._bound = bound
        self._context = context
        self._timeouts = {"ssl_handshake_timeout": handshake_seconds, "ssl_shutdown_timeout": _GOODBYE_SECONDS}

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do nothing; whoever runs the listeners stops them."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002 -- uvicorn's signature
        """Accept; uvicorn's own way has no bound for a handshake."""
        await self.accept(self._context)
        self.started = True

    async def accept(self, context: ssl.SSLContext | None) -> None:
        """Accept with ``context`` from now on; who was accepted before goes on with what it began with."""
        if self._is_stopping():
            return
        accepting = await self._listen(context)
        before, self.servers = self.servers, [accepting]
        if self._is_stopping():  # it was stopped meanwhile, and has closed the one before
            before.append(accepting)
        for server in before:
            server.close()

    def _is_stopping(self) -> bool:
        return self.should_exit

    async def _listen(self, context: ssl.SSLContext | None) -> asyncio.base_events.Server:
        """Begin to accept on a handle of its own of the one socket."""
        timeouts: dict[str, Any] = self._timeouts if context else {}
        with contextlib.ExitStack() as kept:
            handle = kept.enter_context(self._bound.dup())
            accepting = await asyncio.get_running_loop().create_server(
                self._protocol, sock=handle, ssl=context, backlog=self.config.backlog, **timeouts
            )
            kept.pop_all()
        return accepting

    def _protocol(self) -> BoundedHeads:
        return BoundedHeads(config=self.config, server_state=self.server_state, app_state={})


class Listeners:
    """Runs listeners until ``stop``; in-flight requests get ``drain_seconds`` to finish."""

    def __init__(
        self, listeners: list[Listener], drain_seconds: float, handshake_seconds: float = _HANDSHAKE_SECONDS
    ) -> None:
        self._sockets = _bind_all([listener.bind for listener in listeners])
        self._paths = [listener.bind for listener in listeners if isinstance(listener.bind, Path)]
        self._servers = [
            _Server(_configured(listener.app, drain_seconds), bound, listener.context, handshake_seconds)
            for listener, bound in zip(listeners, self._sockets, strict=True)
        ]

    async def renew(self, position: int, context: ssl.SSLContext) -> None:
        """Let the listener at ``position`` accept with another context.

        Raises:
            OSError: there is no handle left; it accepts as before.

        """
        await self._servers[position].accept(context)

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


def _configured(app: Any, drain_seconds: float) -> uvicorn.Config:
    return uvicorn.Config(
        app,
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
