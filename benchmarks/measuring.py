"""Measuring: slices of load on one server, each watched from outside, interleaved with slices of the raw echo."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import loading
import msgspec
from figures import Spread, ratios, spread
from plan import FOREIGN_LIMIT, Outcome, Plan, Stream
from processes import HERE, Served
from rows import CONNECTIONS, RAW, REFRESH, Ground, Row
from watching import rss_mib


class Sample(msgspec.Struct, frozen=True):
    """One slice. Shares are of one processor; None where the system does not tell."""

    rate: float
    p50: float
    p99: float
    bad: int
    starved: int
    lost: int
    void: bool
    driver_cpu: float
    server_cpu: float | None = None
    cpu_us: float | None = None
    rss_mib: float | None = None
    foreign: float | None = None


class Taken(msgspec.Struct, frozen=True):
    """One slice of a row, the rate of the raw echo right before it, and the round's password hashes a second."""

    sample: Sample
    raw: float
    hashes: float | None


class Figures(msgspec.Struct):
    """One row over all rounds."""

    name: str
    driver: str
    rate: Spread
    p50_ms: float
    p99_ms: float
    bad: int
    starved: int
    lost: int
    void: bool
    driver_cpu: float
    dirty: int
    to_raw: Spread | None = None
    to_hash: Spread | None = None
    cpu_to_beside: Spread | None = None
    server_cpu: float | None = None
    cpu_us: float | None = None
    rss_mib: float | None = None


class Bench:
    """One measurement under way."""

    def __init__(
        self, ground: Ground, *, seconds: float, tries: int, wrk: bool, cpu: int | None, scratch: Path
    ) -> None:
        self.ground = ground
        self._seconds = seconds
        self._tries = tries
        self._wrk = wrk
        self._cpu = cpu
        self._scratch = scratch

    def warm(self, row: Row) -> None:
        """Let the server meet a row once: caches, and the slow check of a human-chosen secret."""
        self._row(row)

    def row(self, row: Row) -> Sample:
        """Take a slice of a row."""
        return self._clean(lambda: self._row(row))

    def raw(self, row: Row) -> Sample:
        """Take a slice of the raw echo, half as long, by the driver that ``row`` uses."""
        request = b"POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 43\r\n\r\n" + b"x" * 43
        stream = Stream(RAW, CONNECTIONS, [request])
        own = self.driver(row) == "own"
        return self._clean(lambda: self._slice(self.ground.echo, stream, self._seconds / 2, own=own))

    def hashes(self) -> float:
        """Return password hashes a second of the library alone, on one thread where the server runs."""
        pinned = [] if self._cpu is None else ["--cpu", str(self._cpu)]
        command = [sys.executable, str(HERE / "hashes.py"), *pinned, "--seconds", str(self._seconds / 2)]
        done = subprocess.run(command, capture_output=True, check=True, timeout=60 + self._seconds)
        rate: float = json.loads(done.stdout)
        return rate

    def driver(self, row: Row) -> str:
        """Return the name of the driver that a row is measured with."""
        return "wrk" if self._wrk and row.name != REFRESH else "own"

    def _row(self, row: Row) -> Sample:
        # A stream is made anew for each slice: the tokens of the one before are used up.
        stream = row.make(self.ground)
        stream.name = row.name
        return self._slice(self.ground.house, stream, self._seconds, own=self.driver(row) == "own")

    def _clean(self, take: Callable[[], Sample]) -> Sample:
        sample = take()
        for _ in range(self._tries - 1):
            if sample.foreign is None or sample.foreign <= FOREIGN_LIMIT:
                break
            sample = take()
        return sample

    def _slice(self, server: Served, stream: Stream, seconds: float, *, own: bool) -> Sample:
        plan = Plan(server.port, seconds, [stream], server_pid=server.pid)
        outcome = loading.run(plan)[0] if own else loading.run_wrk(plan, self._scratch)
        if stream.rotation is not None:
            self.ground.refresh_tokens = outcome.tokens
        return sample_of(outcome, rss_mib(server.pid))


def sample_of(outcome: Outcome, rss: float | None) -> Sample:
    """Return what a slice says of its server."""
    shares = outcome.shares
    return Sample(
        rate=outcome.rate,
        p50=outcome.all.p50,
        p99=outcome.all.p99,
        bad=outcome.bad,
        starved=outcome.starved,
        lost=outcome.lost,
        void=outcome.is_void,
        driver_cpu=shares.driver,
        server_cpu=shares.server,
        cpu_us=None if shares.server is None or not outcome.rate else shares.server / outcome.rate * 1e6,
        rss_mib=rss,
        foreign=shares.foreign,
    )


def figures(row: Row, driver: str, taken: Sequence[Taken], beside: Sequence[Sample] | None) -> Figures:
    """Return a row of all its slices; ``beside`` are the slices of the row it is compared with, round by round."""
    samples = [one.sample for one in taken]
    rates = [sample.rate for sample in samples]
    return Figures(
        name=row.name,
        driver=driver,
        rate=spread(rates) or Spread(0, 0, 0),
        p50_ms=statistics.median(sample.p50 for sample in samples),
        p99_ms=statistics.median(sample.p99 for sample in samples),
        bad=sum(sample.bad for sample in samples),
        starved=sum(sample.starved for sample in samples),
        lost=sum(sample.lost for sample in samples),
        void=any(sample.void for sample in samples),
        driver_cpu=max(sample.driver_cpu for sample in samples),
        dirty=sum(sample.foreign is not None and sample.foreign > FOREIGN_LIMIT for sample in samples),
        to_raw=ratios(rates, [one.raw for one in taken]),
        to_hash=ratios(rates, [one.hashes for one in taken]) if row.is_login else None,
        cpu_to_beside=None if beside is None else ratios(_cpu(samples), _cpu(beside)),
        server_cpu=_median(sample.server_cpu for sample in samples),
        cpu_us=_median(sample.cpu_us for sample in samples),
        rss_mib=samples[-1].rss_mib,
    )


def _cpu(samples: Sequence[Sample]) -> list[float | None]:
    return [sample.cpu_us for sample in samples]


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None
