"""Slices of load: by our own driver, or by wrk where it is installed and one request is repeated."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
from plan import Outcome, Plan, Timing
from processes import HERE
from watching import Shares, between, look

_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}
_GRACE_SECONDS = 40.0


def has_wrk() -> bool:
    """Return whether wrk is installed."""
    return shutil.which("wrk") is not None


def start(plan: Plan) -> subprocess.Popen[bytes]:
    """Start our driver on a plan; ``finish`` waits for it."""
    process = subprocess.Popen([sys.executable, str(HERE / "driver.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(msgspec.json.encode(plan))
    process.stdin.close()
    process.stdin = None
    return process


def finish(process: subprocess.Popen[bytes], seconds: float) -> list[Outcome]:
    """Return what came of a started plan that takes ``seconds``.

    Raises:
        RuntimeError: the driver failed.

    """
    try:
        told, _ = process.communicate(timeout=seconds + _GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise
    if process.returncode:
        raise RuntimeError("the load driver failed")
    return msgspec.json.decode(told, type=list[Outcome])


def run(plan: Plan) -> list[Outcome]:
    """Run a plan with our driver."""
    return finish(start(plan), plan.lead_seconds + plan.seconds)


def run_wrk(plan: Plan, scratch: Path) -> Outcome:
    """Run a plan of one request, closed loop, with wrk."""
    stream = plan.streams[0]
    script = scratch / "request.lua"
    script.write_text(f"local bytes = {_lua(stream.requests[0])}\nrequest = function() return bytes end\n")
    address = f"http://{plan.host}:{plan.port}/"
    command = ["wrk", "--latency", "-t1", f"-c{stream.connections}", "--timeout", "30s", "-s", str(script)]
    before = look(plan.server_pid)
    done = subprocess.run(
        [*command, "-d", f"{max(1, round(plan.seconds))}s", address], capture_output=True, check=True, text=True
    )
    return read_wrk(done.stdout, stream.name, between(before, look(plan.server_pid)))


def read_wrk(text: str, name: str, shares: Shares) -> Outcome:
    """Return what wrk's report says.

    Raises:
        ValueError: it is no report of wrk.

    """
    counted = re.search(r"(\d+) requests in ([\d.]+)(us|ms|s|m)\b", text)
    median, high = (re.search(rf"(?m)^\s+{share}%\s+([\d.]+)(us|ms|s|m)\s*$", text) for share in (50, 99))
    if counted is None or median is None or high is None:
        raise ValueError(f"not a report of wrk: {text[:200]}")
    count, seconds = int(counted[1]), float(counted[2]) * _UNITS[counted[3]] / 1000
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    bad = int(refused[1]) if refused else 0
    timing = Timing(count, *(float(each[1]) * _UNITS[each[2]] for each in (median, high)))
    by_status = {200: Timing(count - bad, timing.p50, timing.p99)} | ({0: Timing(bad, 0, 0)} if bad else {})
    lost = sum(map(int, broken.groups())) if broken else 0
    return Outcome(name, seconds, timing, by_status, 0, lost, shares)


def _lua(data: bytes) -> str:
    return '"' + "".join(f"\\{byte:03}" for byte in data) + '"'
