"""The report: what was measured as aligned text, and as one JSON document."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
from figures import Spread
from flooding import LIMIT, Flood
from measuring import Figures

BUSY_DRIVER = 0.8
_HEAD = (
    "row",
    "rate/s",
    "range",
    "p50 ms",
    "p99 ms",
    "/ RAW",
    "range",
    "cpu us",
    "server",
    "driver",
    "RSS MiB",
    "notes",
)


class Report(msgspec.Struct):
    """Everything that one run says."""

    machine: dict[str, str]
    rounds: int
    seconds: float
    raw_per_second: Spread | None
    hashes_per_second: Spread | None
    rows: list[Figures]
    flood: Flood | None = None


def machine() -> dict[str, str]:
    """Return what a reader must know of the machine."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor() or platform.machine(),
    )
    return {
        "processor": model,
        "processors": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.release()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
    }


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def write(report: Report) -> str:
    """Return the report as text."""
    lines = [", ".join(report.machine.values()), f"{report.rounds} rounds of {report.seconds:g} s, one server process"]
    if report.raw_per_second is not None:
        lines.append(f"RAW   {_spread(report.raw_per_second, 0)} raw echoes/s")
    if report.hashes_per_second is not None:
        lines.append(f"HASH  {_spread(report.hashes_per_second, 1)} password hashes/s on one thread")
    if report.rows:
        lines += ["", *table([_HEAD, *map(_row, report.rows)])]
    if report.flood is not None:
        lines += ["", *_flood(report.flood)]
    return "\n".join(lines)


def table(rows: Sequence[Sequence[str]]) -> Iterable[str]:
    """Return rows as aligned lines: the first column and the last to the left, the others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        first, *middle, last = (
            cell.ljust(width) if column in {0, len(row) - 1} else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join((first, *middle, last)).rstrip()


def _row(row: Figures) -> tuple[str, ...]:
    return (
        row.name,
        f"{row.rate.median:,.0f}",
        f"{row.rate.lowest:,.0f}-{row.rate.highest:,.0f}",
        f"{row.p50_ms:.1f}",
        f"{row.p99_ms:.1f}",
        "-" if row.to_raw is None else f"{row.to_raw.median:.3f}",
        "-" if row.to_raw is None else f"{row.to_raw.lowest:.3f}-{row.to_raw.highest:.3f}",
        _number(row.cpu_us, 0),
        _number(row.server_cpu, 2),
        f"{row.driver_cpu:.2f}",
        _number(row.rss_mib, 0),
        _notes(row),
    )


def _notes(row: Figures) -> str:
    notes = []
    if row.void:
        notes.append(f"VOID: {row.bad} not 2xx, {row.starved} starved, {row.lost} lost")
    if row.to_hash is not None:
        notes.append(f"{_spread(row.to_hash, 2)} of HASH")
    if row.cpu_to_beside is not None:
        notes.append(f"{_spread(row.cpu_to_beside, 2)} times the cpu of the standard codec")
    if row.driver_cpu > BUSY_DRIVER:
        notes.append("the driver was nearly busy")
    if row.dirty:
        notes.append(f"{row.dirty} slices with others at work")
    notes.append(f"by {row.driver}")
    return "; ".join(notes)


def _flood(flood: Flood) -> Iterable[str]:
    yield (
        f"Flood: {flood.offered_per_second:,.0f} logins/s offered, {flood.seconds:.0f} s in all"
        + ("; VOID: steady requests failed" if flood.void else "")
        + (f"; {flood.dirty} rounds with others at work" if flood.dirty else "")
    )
    for status, timing in flood.logins.items():
        yield f"  {timing.count:6} logins answered {status}, median {timing.p50:.1f} ms, p99 {timing.p99:.1f} ms"
    for victim in flood.victims:
        verdict = "within" if victim.within else "ABOVE"
        yield (
            f"  {victim.name}: p50 {victim.quiet_p50_ms:.2f} -> {victim.flood_p50_ms:.2f} ms, "
            f"p99 quiet {_spread(victim.quiet_p99_ms, 2)} ms, flood {_spread(victim.flood_p99_ms, 2)} ms, "
            f"ratio {_spread(victim.ratio, 2)}: {verdict} {LIMIT}"
        )


def _spread(spread: Spread, digits: int) -> str:
    return f"{spread.median:,.{digits}f} [{spread.lowest:,.{digits}f}-{spread.highest:,.{digits}f}]"


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
