"""Real servers that behave badly: they say the bytes that a test gives them, over plain http or TLS."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest
import trustme

from tokenhouse.egress.client import Egress
from tokenhouse.egress.targets import Rules

Script = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Server:
    """A server that says what it was told to; ``heard`` is what it was asked, ``met`` how often somebody came."""

    port: int = 0
    met: int = 0
    heard: list[bytes] = field(default_factory=list)

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str = "/") -> str:
        return f"http://{self.place}{path}"


@asynccontextmanager
async def serve(
    say: bytes | Script,
    tls: ssl.SSLContext | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    listens: bool = True,
) -> AsyncIterator[Server]:
    """Serve until left; ``listens`` False: it speaks before anybody has asked."""
    server = Server()
    tasks: set[asyncio.Task[None]] = set()

    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.met += 1
        try:
            await answer(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            writer.transport.abort()
        except asyncio.CancelledError:
            writer.transport.abort()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if listens:
            head = await reader.readuntil(b"\r\n\r\n")
            lengths = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")]
            length = int(lengths[0].split(b":")[1]) if lengths else 0
            server.heard.append(head + await reader.readexactly(length))
        if isinstance(say, bytes):
            writer.write(say)
            await writer.drain()
        else:
            await say(writer)

    async def tracked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        await met(reader, writer)

    listening = await asyncio.start_server(tracked, host, port, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for task in tasks.copy():
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def answer(body: bytes = b"{}", status: int = 200, *headers: bytes) -> bytes:
    lines = [b"HTTP/1.1 %d Said" % status, b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


@pytest.fixture(name="serve")
def serve_fixture():
    return serve


@pytest.fixture(name="answer")
def answer_fixture():
    return answer


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trust(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
def certified(authority: trustme.CA) -> Callable[..., ssl.SSLContext]:
    """Return the TLS of a server whose certificate names ``names``, by the tests' authority or another one."""

    def make(*names: str, by: trustme.CA | None = None) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        (by or authority).issue_cert(*names).configure_cert(context)
        return context

    return make


@pytest.fixture
def make_egress():
    """Make a client that may call the given servers; it is closed at the end."""
    made: list[Egress] = []

    def make(*servers: Server, **options) -> Egress:
        rules = options.pop("rules", None) or Rules(allow=tuple(server.place for server in servers))
        made.append(Egress(rules, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()
