"""The driver against small real servers: it counts what was answered, and never uses a token twice."""

import asyncio
import contextlib
import re

import loading
import pytest
from driver import drive
from plan import Plan, Rotation, Stream
from processes import free_port, serving

REQUEST = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nhi"


@pytest.fixture
def serve():
    """Answer each request with what ``answer`` makes of it; yields the port."""

    @contextlib.asynccontextmanager
    async def run(answer):
        writers = []

        async def talk(reader, writer):
            writers.append(writer)
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                while True:
                    head = await reader.readuntil(b"\r\n\r\n")
                    length = int(re.search(rb"content-length: (\d+)", head)[1])
                    writer.write(await answer(await reader.readexactly(length)))
            writer.close()

        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for writer in writers:
                writer.close()
            await server.wait_closed()

    return run


def reply(status, body=b"{}"):
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


async def test_all_answers_are_counted_by_their_status(serve):
    statuses = iter(range(10**9))

    async def answer(body):
        assert body == b"hi"
        return reply(200 if next(statuses) % 2 else 503)

    async with serve(answer) as port:
        (outcome,) = await drive(Plan(port, 0.3, [Stream("mixed", 4, [REQUEST])], lead_seconds=0.05))
    assert outcome.all.count == sum(timing.count for timing in outcome.by_status.values()) > 20
    assert abs(outcome.by_status[200].count - outcome.by_status[503].count) <= 1
    assert outcome.bad == outcome.by_status[503].count
    assert outcome.is_void
    assert outcome.all.p50 <= outcome.all.p99


async def test_an_answer_in_pieces_is_one_answer(serve):
    async def answer(body):
        await asyncio.sleep(0.001)
        return reply(200, b"x" * 200_000)

    async with serve(answer) as port:
        (outcome,) = await drive(Plan(port, 0.2, [Stream("large", 2, [REQUEST])], lead_seconds=0.0))
    assert outcome.all.count > 2
    assert not outcome.is_void


async def test_a_token_is_used_once_and_its_successor_comes_back(serve):
    used = set()

    async def answer(body):
        token = body.decode()
        assert token not in used
        used.add(token)
        return reply(200, b'{"a":1,"refresh_token":"%06d"}' % (int(token) + 100))

    rotation = Rotation(b"POST / HTTP/1.1\r\ncontent-length: 6\r\n\r\n", b"", [f"{n:06}" for n in range(8)])
    async with serve(answer) as port:
        (outcome,) = await drive(Plan(port, 0.3, [Stream("refresh", 4, rotation=rotation)], lead_seconds=0.05))
    assert len(used) > 20
    assert not outcome.is_void
    assert len(outcome.tokens) == 8
    assert not used & set(outcome.tokens)


async def test_connections_without_a_token_starve(serve):
    async def answer(body):
        return reply(200)

    rotation = Rotation(b"POST / HTTP/1.1\r\ncontent-length: 1\r\n\r\n", b"", ["a", "b"])
    async with serve(answer) as port:
        (outcome,) = await drive(Plan(port, 0.1, [Stream("refresh", 4, rotation=rotation)], lead_seconds=0.0))
    assert outcome.starved >= 2
    assert outcome.is_void


async def test_a_steady_pace_is_kept_and_waiting_for_a_connection_counts(serve):
    async def answer(body):
        await asyncio.sleep(0.02)
        return reply(200)

    stream = Stream("steady", 1, [REQUEST], per_second=200.0)
    async with serve(answer) as port:
        (outcome,) = await drive(Plan(port, 0.4, [stream], lead_seconds=0.0))
    assert outcome.all.count <= 21
    # One connection answers fifty a second: those that are due wait longer and longer.
    assert outcome.all.p99 > 100


async def test_a_closed_connection_is_told(serve):
    async def answer(body):
        raise ConnectionError

    async with serve(answer) as port:
        (outcome,) = await drive(Plan(port, 0.1, [Stream("gone", 2, [REQUEST])], lead_seconds=0.0))
    assert outcome.is_void


def test_the_echo_is_measured_from_a_process_of_its_own(tmp_path):
    port = free_port()
    with serving("echo", str(port), port, cpu=None, log=tmp_path / "echo.log") as echo:
        (outcome,) = loading.run(Plan(port, 1.0, [Stream("raw", 8, [REQUEST])], server_pid=echo.pid))
    assert echo.ended
    assert outcome.rate > 100
    assert not outcome.is_void
    assert outcome.shares.driver > 0


def test_a_server_that_does_not_start_says_where_to_look(tmp_path):
    log = tmp_path / "house.log"
    with (
        pytest.raises(RuntimeError, match=r"house\.log"),
        serving("house", str(tmp_path / "none.toml"), 1, cpu=None, log=log),
    ):
        pytest.fail("it has no configuration")
    assert b"none.toml" in log.read_bytes()
