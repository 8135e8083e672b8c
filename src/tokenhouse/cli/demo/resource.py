"""The sample resource server: a process of its own, which knows the published keys and nothing else."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator

from tokenhouse.cli.demo.data import DemoData
from tokenhouse.cli.demo.ports import Addresses

_STOP_SECONDS = 5


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


@contextlib.contextmanager
def running(command: list[str] | None) -> Iterator[None]:
    """Keep the process running inside the block."""
    if command is None:
        yield
        return
    process = subprocess.Popen(command)  # noqa: S603 -- our own interpreter and arguments
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
