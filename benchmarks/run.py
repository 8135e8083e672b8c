"""`make bench`: measure the server side by side with a raw echo. See README.md for how each number is taken."""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path

import flooding
import loading
import msgspec
from figures import spread
from measuring import Bench, Figures, Taken, figures
from processes import free_port, pin, processors, serving
from report import Report, machine, write
from rows import Ground, chosen
from seeding import seed

SCRATCH = Path(__file__).resolve().parents[1] / ".bench"
FLOOD = "login flood"


def arguments() -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round of half a second: does everything still run")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="length of a slice")
    parser.add_argument("--tries", type=int, default=3, help="a slice that others disturbed is taken so often")
    parser.add_argument("--only", metavar="NAME", help=f"rows whose name contains NAME; the last one is {FLOOD!r}")
    parser.add_argument("--driver", choices=("own", "wrk"), default="own", help="wrk, if installed, for single calls")
    parser.add_argument("--json", type=Path, default=SCRATCH / "report.json", metavar="FILE")
    asked = parser.parse_args()
    if asked.quick:
        asked.rounds, asked.seconds, asked.tries = 1, 0.5, 1
    if asked.driver == "wrk" and not loading.has_wrk():
        parser.error("wrk is not installed")
    return asked


def main() -> None:
    """Measure, print, and leave a JSON document."""
    asked = arguments()
    SCRATCH.mkdir(exist_ok=True)
    usable = processors()
    server_cpu, load_cpu = (usable[0], usable[1]) if len(usable) > 1 else (None, None)
    public, admin, echo = free_port(), free_port(), free_port()
    seeded = seed(SCRATCH / "house", public, admin)
    pin(load_cpu)
    with ExitStack() as servers:
        raw = servers.enter_context(serving("echo", str(echo), echo, cpu=server_cpu, log=SCRATCH / "echo.log"))
        house = servers.enter_context(
            serving("house", str(seeded.config), public, cpu=server_cpu, log=SCRATCH / "house.log", path="/readyz")
        )
        ground = Ground(house, raw, seeded)
        bench = Bench(
            ground, seconds=asked.seconds, tries=asked.tries, wrk=asked.driver == "wrk", cpu=server_cpu, scratch=SCRATCH
        )
        report = measure(bench, asked)
    print(write(report))
    asked.json.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2))
    voids = [row.name for row in report.rows if row.void]
    if voids or (report.flood is not None and report.flood.void):
        sys.exit(f"void: {', '.join(voids) or FLOOD}")


def measure(bench: Bench, asked: argparse.Namespace) -> Report:
    """Take all rounds."""
    rows = chosen(asked.only)
    with_flood = asked.only is None or asked.only.lower() in FLOOD
    taken: dict[str, list[Taken]] = {row.name: [] for row in rows}
    hashes: list[float] = []
    for row in rows:
        bench.warm(row)
    for number in range(asked.rounds):
        _progress(f"round {number + 1} of {asked.rounds}")
        per_second = bench.hashes() if with_flood or any(row.is_login for row in rows) else None
        hashes += [] if per_second is None else [per_second]
        for row in rows:
            raw = bench.raw(row)
            taken[row.name].append(Taken(bench.row(row), raw.rate, per_second))
    flood = None
    if with_flood:
        capacity = max(hashes)
        rounds = []
        for number in range(asked.rounds):
            _progress(f"flood {number + 1} of {asked.rounds}")
            rounds.append(flooding.take(bench.ground, capacity, asked.seconds * 2, asked.tries))
        flood = flooding.summary(rounds, capacity)
    return Report(
        machine=machine(),
        rounds=asked.rounds,
        seconds=asked.seconds,
        raw_per_second=spread([one.raw for each in taken.values() for one in each]),
        hashes_per_second=spread(hashes),
        rows=[_figures(bench, name, taken) for name in taken],
        flood=flood,
    )


def _figures(bench: Bench, name: str, taken: dict[str, list[Taken]]) -> Figures:
    (row,) = (each for each in chosen(None) if each.name == name)
    other = taken.get(row.beside) if row.beside else None
    return figures(row, bench.driver(row), taken[name], other and [one.sample for one in other])


def _progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
