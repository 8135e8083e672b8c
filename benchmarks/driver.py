"""The load driver: keep-alive connections, ready-made bytes, one process of its own.

Reads a `Plan` as JSON from standard input, writes a list of `Outcome` to standard output.
A paced request is timed from the moment it was due and the driver awake, so waiting for a free connection counts.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
import sys
import time
from collections import deque
from collections.abc import Iterator
from typing import cast

import msgspec
import uvloop
from figures import HIGH, MEDIAN, percentile
from plan import Outcome, Plan, Stream, Timing
from processes import yield_to_others
from watching import Shares, between, look

DRAIN_SECONDS = 8.0
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_END = b"\r\n\r\n"


class Connection(asyncio.Protocol):
    """One keep-alive connection: at most one request under way."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._buffer = b""
        self.transport: asyncio.Transport | None = None
        self.begun = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not asyncio.Transport by descent: uvloop has its own.
        self.transport = cast("asyncio.Transport", transport)

    def send(self, request: bytes, begun: float) -> None:
        assert self.transport is not None
        self.begun = begun
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        if self._buffer:
            data = self._buffer + data
        end = data.find(_END)
        if end < 0:
            self._buffer = data
            return
        length = _LENGTH.search(data, 0, end)
        size = end + len(_END) + (int(length[1]) if length else 0)
        if len(data) < size:
            self._buffer = data
            return
        self._buffer = b""
        self._load.answered(self, int(data[9:12]), data)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._load.gone(self)


class Load:
    """One stream under way."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._requests: Iterator[bytes] = itertools.cycle(stream.requests)
        rotation = stream.rotation
        self._rotation = rotation
        self._tokens = deque(rotation.tokens if rotation else ())
        self._successor = re.compile(rb'"%s" *: *"([^"]+)"' % rotation.member.encode()) if rotation else None
        self._idle: deque[Connection] = deque()
        self._due: deque[float] = deque()
        self._open: list[Connection] = []
        self._times: dict[int, list[float]] = {}
        self._window = (0.0, 0.0)
        self._under_way = 0
        self._starved = 0
        self._lost = 0
        self._closing = False
        self._quiet = asyncio.Event()

    async def connect(self, host: str, port: int) -> None:
        """Open all connections."""
        loop = asyncio.get_running_loop()
        for _ in range(self._stream.connections):
            _, connection = await loop.create_connection(lambda: Connection(self), host, port)
            self._open.append(connection)
            self._idle.append(connection)

    async def run(self, begins: float, ends: float) -> None:
        """Send until ``ends``, then wait for what is under way."""
        self._window = (begins, ends)
        if self._stream.per_second is None:
            for _ in range(len(self._idle)):  # not until it is empty: a starved connection comes back
                self._next(self._idle.popleft(), time.perf_counter())
        else:
            await self._pace(self._stream.per_second, ends)
        await asyncio.sleep(ends - time.perf_counter())
        if self._under_way:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._quiet.wait(), DRAIN_SECONDS)
        self._lost += self._under_way
        self._closing = True
        for connection in self._open:
            if connection.transport is not None:
                connection.transport.abort()

    async def _pace(self, per_second: float, ends: float) -> None:
        due = time.perf_counter()
        while due < ends:
            now = time.perf_counter()
            if due > now:
                await asyncio.sleep(due - now)
                continue
            if self._idle:
                self._next(self._idle.popleft(), now)
            else:
                self._due.append(now)
            due += 1 / per_second
        self._due.clear()

    def _next(self, connection: Connection, begun: float) -> None:
        if self._rotation is None:
            request = next(self._requests)
        elif self._tokens:
            request = self._rotation.before + self._tokens.popleft().encode() + self._rotation.after
        else:
            self._starved += 1
            self._idle.append(connection)
            return
        self._under_way += 1
        connection.send(request, begun)

    def answered(self, connection: Connection, status: int, data: bytes) -> None:
        """Take an answer; send the next request if the loop is closed or one is overdue."""
        now = time.perf_counter()
        self._under_way -= 1
        begins, ends = self._window
        if begins <= now < ends:
            self._times.setdefault(status, []).append(now - connection.begun)
        if self._successor is not None and status == 200:
            found = self._successor.search(data)
            if found is not None:
                self._tokens.append(found[1].decode())
        if now < ends and self._stream.per_second is None:
            self._next(connection, now)
        elif self._due:
            self._next(connection, self._due.popleft())
        else:
            self._idle.append(connection)
            if not self._under_way and now >= ends:
                self._quiet.set()

    def gone(self, connection: Connection) -> None:
        """Count a connection that the server closed."""
        if not self._closing:
            self._lost += 1
            if connection in self._idle:
                self._idle.remove(connection)
            else:
                self._under_way -= 1
            if not self._under_way and time.perf_counter() >= self._window[1]:
                self._quiet.set()

    def outcome(self, shares: Shares) -> Outcome:
        """Return what came of it."""
        every = [each for times in self._times.values() for each in times]
        begins, ends = self._window
        return Outcome(
            name=self._stream.name,
            seconds=ends - begins,
            all=_timing(every),
            by_status={status: _timing(times) for status, times in sorted(self._times.items())},
            starved=self._starved,
            lost=self._lost,
            shares=shares,
            tokens=list(self._tokens),
        )


def _timing(seconds: list[float]) -> Timing:
    ordered = sorted(seconds)
    return Timing(len(ordered), percentile(ordered, MEDIAN) * 1000, percentile(ordered, HIGH) * 1000)


async def drive(plan: Plan) -> list[Outcome]:
    """Run a plan."""
    loads = [Load(stream) for stream in plan.streams]
    for load in loads:
        await load.connect(plan.host, plan.port)
    begins = time.perf_counter() + plan.lead_seconds
    ends = begins + plan.seconds
    shares, *_ = await asyncio.gather(
        _watch(plan.server_pid, begins, ends), *(load.run(begins, ends) for load in loads)
    )
    return [load.outcome(shares) for load in loads]


async def _watch(server_pid: int | None, begins: float, ends: float) -> Shares:
    await asyncio.sleep(begins - time.perf_counter())
    first = look(server_pid)
    await asyncio.sleep(ends - time.perf_counter())
    return between(first, look(server_pid))


def main() -> None:
    """Run the plan on standard input."""
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    if plan.background:
        yield_to_others()
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(drive(plan))))


if __name__ == "__main__":
    main()
