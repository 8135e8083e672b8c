"""Processes: started, pinned, watched and stopped. Only what was started here is ever stopped."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
START_SECONDS = 30.0
_STOP_SECONDS = 10.0


def pin(cpu: int | None) -> None:
    """Keep this process, and what it starts, on one processor, where the system can do that."""
    if cpu is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {cpu})


def yield_to_others() -> None:
    """Let whoever else wakes up on this processor go first, where the system can do that."""
    if hasattr(os, "SCHED_IDLE"):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def processors() -> list[int]:
    """Return the processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Served:
    """A running server."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self._process = process
        self.port = port

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether it is gone."""
        return self._process.poll() is not None


@contextlib.contextmanager
def serving(what: str, where: str, port: int, *, cpu: int | None, log: Path, path: str = "/") -> Iterator[Served]:
    """Run ``serving.py`` until the block ends; ready when ``path`` is answered with 200.

    Raises:
        RuntimeError: it did not become ready; its log says why.

    """
    command = [sys.executable, str(HERE / "serving.py"), *([] if cpu is None else ["--cpu", str(cpu)]), what, where]
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        served = Served(process, port)
        try:
            _wait(served, path, log)
            yield served
        finally:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait(served: Served, path: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and not served.ended:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if get(served.port, path) == 200:
                return
        time.sleep(0.05)
    raise RuntimeError(f"the server did not start; see {log}")


def get(port: int, path: str) -> int:
    """Return the status that a GET is answered with."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()
