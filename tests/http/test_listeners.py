from __future__ import annotations

import asyncio
import contextlib
import socket
import stat
import tempfile
from pathlib import Path

import pytest

from tokenhouse.http.listeners import AddressTaken, Listener, Listeners

REQUEST = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n"


class App:
    """An application that may be held while it answers."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()
        self.opened.set()

    async def __call__(self, scope, receive, send):
        self.reached.set()
        await self.opened.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
def socket_path():
    """A Unix socket's path is short, whatever the folder of the tests is."""
    with tempfile.TemporaryDirectory(prefix="th") as folder:
        yield Path(folder) / "s"


@contextlib.asynccontextmanager
async def running(*listeners, drain_seconds=5):
    listening = Listeners([Listener(app, bind) for app, bind in listeners], drain_seconds)
    ports = [bound.getsockname()[1] for bound in listening._sockets if bound.family != socket.AF_UNIX]
    serving = asyncio.create_task(listening.run())
    for _ in range(10_000):
        if all(server.started for server in listening._servers):
            break
        await asyncio.sleep(0.001)
    try:
        yield listening, ports
    finally:
        listening.stop()
        await serving


async def ask(reader, writer):
    writer.write(REQUEST)
    head = await reader.readuntil(b"\r\n\r\n")
    return head.split(b"\r\n")[0], await reader.readexactly(2), head


async def over_tcp(port, host="127.0.0.1"):
    reader, writer = await asyncio.open_connection(host, port)
    answer = await ask(reader, writer)
    writer.close()
    await writer.wait_closed()
    return answer


async def test_several_listeners_serve_in_one_loop(socket_path):
    async with running((App(), "127.0.0.1:0"), (App(), "127.0.0.1:0"), (App(), socket_path)) as (_, ports):
        for port in ports:
            status, body, _ = await over_tcp(port)
            assert (status, body) == (b"HTTP/1.1 200 OK", b"ok")
        reader, writer = await asyncio.open_unix_connection(socket_path)
        assert (await ask(reader, writer))[1] == b"ok"
        writer.close()
        await writer.wait_closed()


async def test_an_answer_does_not_name_the_server():
    async with running((App(), "127.0.0.1:0")) as (_, (port,)):
        _, _, head = await over_tcp(port)
    assert b"server:" not in head.lower()
    assert b"date:" in head.lower()


async def test_a_websocket_is_answered_as_any_other_request():
    async with running((App(), "127.0.0.1:0")) as (_, (port,)):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(REQUEST[:-2] + b"connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\r\n")
        assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
        writer.close()
        await writer.wait_closed()


def can_bind_ipv6():
    with socket.socket(socket.AF_INET6) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            return False
    return True


@pytest.mark.skipif(not can_bind_ipv6(), reason="this machine has no IPv6 loopback")
async def test_an_ipv6_address_is_written_in_brackets():
    async with running((App(), "[::1]:0")) as (_, (port,)):
        assert (await over_tcp(port, "::1"))[1] == b"ok"


async def test_a_unix_socket_belongs_to_its_owner_alone_and_goes_when_the_server_goes(socket_path):
    async with running((App(), socket_path)):
        assert stat.S_IMODE(socket_path.stat().st_mode) == 0o600
    assert not socket_path.exists()


async def test_a_socket_that_a_killed_server_left_behind_is_replaced(socket_path):
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(socket_path))
    async with running((App(), socket_path)):
        reader, writer = await asyncio.open_unix_connection(socket_path)
        assert (await ask(reader, writer))[1] == b"ok"
        writer.close()
        await writer.wait_closed()


async def test_a_port_that_somebody_has_is_named_and_nothing_stays_open(socket_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(AddressTaken, match=taken):
            Listeners([Listener(App(), "127.0.0.1:0"), Listener(App(), taken)], 1)


async def test_a_socket_that_cannot_be_made_is_named(socket_path):
    with pytest.raises(AddressTaken, match="nowhere"):
        Listeners([Listener(App(), socket_path.parent / "nowhere" / "s")], 1)


async def test_a_request_in_flight_is_answered_before_the_server_goes():
    app = App()
    app.opened.clear()
    async with running((app, "127.0.0.1:0")) as (listening, (port,)):
        answer = asyncio.create_task(over_tcp(port))
        await app.reached.wait()
        listening.stop()
        await asyncio.sleep(0.15)
        with pytest.raises(OSError):
            await asyncio.open_connection("127.0.0.1", port)
        assert not answer.done()
        app.opened.set()
        status, body, _ = await answer
    assert (status, body) == (b"HTTP/1.1 200 OK", b"ok")
