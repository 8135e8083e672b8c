"""Real mail servers, and letters to send."""

from __future__ import annotations

import asyncio
import socket
import ssl
import warnings
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
import trustme

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from aiosmtpd.smtp import SMTP, AuthResult

from tokenhouse.mail.letters import Letter


@dataclass
class Postman:
    """Takes mail, or answers what it is told to."""

    says: list[str] = field(default_factory=list)
    taken: list[Any] = field(default_factory=list)

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:  # noqa: N802 -- the library's name
        if address.startswith("nobody@"):
            return "550 5.1.1 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 -- the library's name
        answer = self.says.pop(0) if self.says else "250 OK"
        if answer.startswith("250"):
            self.taken.append((session, envelope))
        return answer


@dataclass
class Server:
    """A running mail server."""

    postman: Postman
    port: int

    @property
    def mails(self) -> list[bytes]:
        return [envelope.content for _, envelope in self.postman.taken]


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def own_tls(authority: trustme.CA) -> ssl.SSLContext:
    """What the mail server speaks."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    return context


@pytest.fixture(scope="session")
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """What a client speaks that knows the authority."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest_asyncio.fixture
async def start() -> AsyncIterator[Callable[..., Any]]:
    """Start mail servers: ``await start(tls_context=…, at_once=True, word=…)``."""
    running: list[asyncio.Server] = []

    async def start(*, at_once: ssl.SSLContext | None = None, word: bytes | None = None, **more: Any) -> Server:
        postman = Postman()

        def check(server, session, envelope, mechanism, data) -> AuthResult:
            return AuthResult(success=(data.login, data.password) == (b"user", word), handled=False)

        if word is not None:
            more |= {"authenticator": check, "auth_required": True, "auth_require_tls": at_once is None}
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: SMTP(postman, hostname="mail.test", ident="test", **more), "127.0.0.1", 0, ssl=at_once
        )
        running.append(server)
        return Server(postman, server.sockets[0].getsockname()[1])

    yield start
    for server in running:
        server.close()
        await server.wait_closed()


@pytest.fixture
def letter() -> Callable[..., Letter]:
    def make(to: str | None = "alice@example.com", text: str = "Hello\n", **facts: Any) -> Letter:
        return Letter("reset", "cafe", to, facts.get("language", "en"), facts.get("subject", "A subject"), text)

    return make


@pytest.fixture
def unused_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
    return port
