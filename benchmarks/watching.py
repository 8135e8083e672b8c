"""Watching: who used how much processor time between two moments. None where the system does not tell (not Linux)."""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path
from typing import NamedTuple

import msgspec

_TICKS = os.sysconf("SC_CLK_TCK")


class Shares(msgspec.Struct, frozen=True):
    """Shares of one processor: the load driver's, the server's, everybody else's."""

    driver: float
    server: float | None = None
    foreign: float | None = None


class Moment(NamedTuple):
    """What everybody had used by then, in seconds."""

    at: float
    driver: float
    server: float | None
    all: float | None


def look(server_pid: int | None) -> Moment:
    """Return this moment; the driver is this process and the children that it has waited for."""
    own = sum(
        used.ru_utime + used.ru_stime
        for used in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    )
    return Moment(time.perf_counter(), own, cpu_seconds(server_pid), _all_seconds())


def between(one: Moment, other: Moment) -> Shares:
    """Return the shares of the time between two moments."""
    passed = other.at - one.at
    driver = (other.driver - one.driver) / passed
    if one.server is None or other.server is None or one.all is None or other.all is None:
        return Shares(driver)
    server = (other.server - one.server) / passed
    return Shares(driver, server, max(0.0, (other.all - one.all) / passed - server - driver))


def cpu_seconds(pid: int | None) -> float | None:
    """Return the processor time that a process has used."""
    fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS if fields else None


def rss_mib(pid: int) -> float | None:
    """Return the resident memory of a process."""
    for line in _read(f"/proc/{pid}/status").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return None


def _all_seconds() -> float | None:
    first = _read("/proc/stat").partition("\n")[0].split()
    if not first:
        return None
    values = [int(value) for value in first[1:9]]
    return (sum(values) - values[3] - values[4]) / _TICKS


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
