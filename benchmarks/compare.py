"""Two checkouts side by side: each round runs the benchmark of both, one after the other, and pairs their ratios.

    .venv/bin/python benchmarks/compare.py ../before --only client_credentials --rounds 5

``../before`` is another checkout (`git worktree add ../before COMMIT`); it is run by this interpreter.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[1]


def arguments() -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("before", type=Path, help="the other checkout")
    parser.add_argument("--only", metavar="NAME", help="rows whose name contains NAME")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="length of a slice")
    return parser.parse_args()


def measure(checkout: Path, asked: argparse.Namespace, report: Path) -> dict[str, float]:
    """Return the rate of each row of a checkout, as a share of the raw echo of the same run."""
    command = [sys.executable, str(checkout / "benchmarks" / "run.py"), "--rounds", "1", "--json", str(report)]
    command += ["--seconds", str(asked.seconds), *(["--only", asked.only] if asked.only else [])]
    source = os.pathsep.join(str(checkout / part) for part in ("src", "sdk/src"))
    done = subprocess.run(
        command, env=os.environ | {"PYTHONPATH": source}, cwd=checkout, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{checkout}: {done.stdout}{done.stderr}")
    return ratios(json.loads(report.read_text()))


def ratios(report: dict[str, Any]) -> dict[str, float]:
    """Return what share of the raw echo each row of a report reaches; of the hash library where it hashes."""
    shares = {row["name"]: row["to_hash"] or row["to_raw"] for row in report["rows"] if not row["void"]}
    return {name: share["median"] for name, share in shares.items() if share}


def main() -> None:
    """Run both, alternating who goes first; print what the one reaches of the other."""
    asked = arguments()
    scratch = HERE / ".bench"
    scratch.mkdir(exist_ok=True)
    shares: dict[str, list[float]] = {}
    for number in range(asked.rounds):
        order = [asked.before.resolve(), HERE]
        found = {
            checkout: measure(checkout, asked, scratch / "compare.json")
            for checkout in (order if number % 2 else order[::-1])
        }
        for name, ratio in found[HERE].items():
            before = found[order[0]].get(name)
            if before:
                shares.setdefault(name, []).append(ratio / before)
    for name, each in shares.items():
        print(f"{name:<32} {statistics.median(each):.3f}  [{min(each):.3f}-{max(each):.3f}] of the other checkout")


if __name__ == "__main__":
    main()
