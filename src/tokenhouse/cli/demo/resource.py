"""The sample resource server: a process of its own, which knows the published keys and nothing else."""

from __future__ import annotations

import contextlib
import ctypes
import signal
import subprocess
import sys
from collections.abc import Iterator

from tokenhouse.cli.demo.data import DemoData
from tokenhouse.cli.demo.ports import Addresses

_STOP_SECONDS = 5
_PR_SET_PDEATHSIG = 1


def arguments(at: Addresses, data: DemoData) -> list[str] | None:
    """Return the command line; None if no contract of the demo has a resource server."""
    for name, mount in data.mount.items():
        if mount.resource_server:
            issuer = mount.issuer or f"{at.server}/contracts/{name}/{name}"
            keys = f"{at.server}/.well-known/jwks/{name}.json"
            port = at.resource.rpartition(":")[2]
            command = [sys.executable, "-m", "tokenhouse_verify.sample"]
            return [*command, "--issuer", issuer, "--jwks", keys, "--port", port]
    return None


def _end_with_the_demo() -> None:
    """Ask the kernel to end this process when the demo is killed, so that its port is free for the next one."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@contextlib.contextmanager
def running(command: list[str] | None) -> Iterator[None]:
    """Keep the process running inside the block."""
    if command is None:
        yield
        return
    with_us = _end_with_the_demo if sys.platform == "linux" else None
    process = subprocess.Popen(command, preexec_fn=with_us)  # noqa: S603, PLW1509 -- our own command; no threads yet
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
