"""A request that does not get on is ended, whatever it consists of; one that is merely large is not."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from tokenhouse.http.heads import LONGEST_HEAD
from tokenhouse.http.listeners import Listener, Listeners

PIECE = 4096


async def _echo(scope, receive, send):
    size, more = 0, True
    while more:
        message = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    body = b"%d" % size
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@contextlib.asynccontextmanager
async def connected():
    listening = Listeners([Listener(_echo, "127.0.0.1:0")], 5)
    serving = asyncio.create_task(listening.run())
    port = listening._sockets[0].getsockname()[1]
    while not listening._servers[0].started:
        await asyncio.sleep(0.001)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        listening.stop()
        await serving


async def pour(reader, writer, start, piece, pieces):
    """Send ``start`` and then many pieces, until the server has had enough; return what it says."""
    writer.write(start)
    with contextlib.suppress(ConnectionError):
        for _ in range(pieces):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        return await asyncio.wait_for(reader.read(), 10)
    return b""


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        (b"POST / HTTP/1.1\r\nx: ", b"a" * PIECE),
        (b"POST / HTTP/1.1\r\n", b"x: y\r\n" * (PIECE // 6)),
        (b"GET /", b"a" * PIECE),
        (b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n0\r\nx: ", b"a" * PIECE),
        (b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1;x=", b"a" * PIECE),
    ],
    ids=["value", "fields", "target", "trailer", "extension"],
)
async def test_what_does_not_end_is_ended(start, piece):
    async with connected() as (reader, writer):
        said = await pour(reader, writer, start, piece, 8 * LONGEST_HEAD // PIECE)
    assert b" 200 " not in said
    assert said == b"" or said.startswith((b"HTTP/1.1 431 ", b"HTTP/1.1 400 "))


async def test_a_large_head_and_a_large_body_pass():
    body = b"b" * (4 * LONGEST_HEAD)
    head = b"POST / HTTP/1.1\r\nx: %s\r\ncontent-length: %d\r\n\r\n" % (b"a" * (LONGEST_HEAD // 2), len(body))
    async with connected() as (reader, writer):
        for _ in range(2):
            writer.write(head + body)
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
            assert await reader.readexactly(6) == b"%d" % len(body)
