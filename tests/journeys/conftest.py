"""Real processes on real sockets: the demo, started as a newcomer starts it, on free ports."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import msgspec
import pytest
import pytest_asyncio

from tokenhouse.config.settings import Config, Standard
from tokenhouse.config.settings import Mount as MountSettings
from tokenhouse.server import mounting
from tokenhouse.server.composing import House
from tokenhouse.server.running import management
from tokenhouse.server.seeding import seed_samples

CONTRACTS = Path(__file__).with_name("contracts.toml")


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def _call_port(
    port: int, method: str, path: str, headers: dict[str, str] | None = None, body: bytes | None = None
) -> Reply:
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
    with contextlib.closing(connection):
        connection.putrequest(method, path, skip_host="Host" in (headers or {}), skip_accept_encoding=True)
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())


def _three_free_ports() -> int:
    """Return the first of three ports in a row that were free a moment ago."""
    for first in random.sample(range(20_000, 30_000, 3), 200):
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            for port in range(first, first + 3):
                stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return first
    pytest.fail("no three free ports in a row")


def _wait_ready(port: int, process: subprocess.Popen[Any], seconds: float = 40) -> None:
    """Wait until the server on ``port`` says that it is ready."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            pytest.fail(f"the server ended with {process.returncode}")
        with contextlib.suppress(OSError, http.client.HTTPException):
            if _call_port(port, "GET", "/readyz").status == 200:
                return
        time.sleep(0.05)
    pytest.fail("the server did not become ready")


@dataclass
class Demo:
    """A running demo."""

    process: subprocess.Popen[Any]
    folder: Path
    port: int
    admin_port: int
    resource_port: int
    printed: Path

    def call(self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes | None = None) -> Reply:
        return _call_port(self.port, method, path, headers, body)

    def resource(self, method: str, path: str, headers: dict[str, str] | None = None) -> Reply:
        return _call_port(self.resource_port, method, path, headers)

    def introspect(self, token: str, authorization: str) -> dict[str, Any]:
        headers = {"Authorization": authorization, "Content-Type": "application/x-www-form-urlencoded"}
        reply = self.call("POST", "/oauth2/introspect", headers, urlencode({"token": token}).encode())
        assert reply.status == 200, reply
        return dict(json.loads(reply.body))

    def cli(self, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """Run the command line against the running demo."""
        return subprocess.run(
            [sys.executable, "-m", "tokenhouse", *arguments],
            cwd=self.folder,
            env=os.environ | {"TOKENHOUSE_CONFIG": str(self.folder / ".demo" / "tokenhouse.toml")},
            input=given,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


def _start_demo(folder: Path) -> Demo:
    """Start a demo in ``folder`` and wait until it answers."""
    port = _three_free_ports()
    printed = folder / "printed.txt"
    with printed.open("wb") as output:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tokenhouse", "demo", "--directory", str(folder / ".demo")),
                *("--port", str(port)),
            ],
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
        )
    _wait_ready(port, process)
    until = time.monotonic() + 20
    while time.monotonic() < until and b"Ctrl-C" not in printed.read_bytes():
        time.sleep(0.05)
    return Demo(process, folder, port, port + 1, port + 2, printed)


def _stop(process: subprocess.Popen[Any], number: int = signal.SIGTERM) -> int:
    """Stop a process and return its code."""
    process.send_signal(number)
    try:
        return process.wait(40)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What the command line remembers for the shell goes elsewhere than to whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def call_port() -> Callable[..., Reply]:
    return _call_port


@pytest.fixture
def start_demo() -> Callable[[Path], Demo]:
    return _start_demo


@pytest.fixture(scope="session")
def find_three_free_ports() -> Callable[[], int]:
    return _three_free_ports


@pytest.fixture
def three_free_ports() -> int:
    return _three_free_ports()


@pytest.fixture(scope="session")
def wait_ready() -> Callable[..., None]:
    return _wait_ready


@pytest.fixture(scope="session")
def stop() -> Callable[..., int]:
    return _stop


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    running = _start_demo(tmp_path_factory.mktemp("demo"))
    yield running
    _stop(running.process)


_read_once = functools.cache(mounting.read_dialect)
_SEEDED: dict[Any, bytes] = {}
"""The database of `contracts` by its key, as bytes: what the first test of a run has seeded, the others copy."""


def _key(config: Config) -> str:
    secret = config.secrets.key_encryption_key
    assert secret is not None
    return secret.reveal()


@pytest.fixture
def seeded(database: Path, config: Config) -> bool:
    """Return whether the test's database is a copy of one that has the rows of `contracts` already."""
    copied = _SEEDED.get(_key(config))
    if copied is not None:
        database.write_bytes(copied)
    return copied is not None


@pytest_asyncio.fixture
async def contracts(
    make_house: Any,
    seeded: bool,  # noqa: FBT001 -- a fixture
    config: Config,
    new_client: Any,
    new_user: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> House:
    """A house with every shipped contract, the samples of each, and a standard app with its user."""
    monkeypatch.setattr(mounting, "read_dialect", _read_once)
    mounts = msgspec.convert(tomllib.loads(CONTRACTS.read_text())["mount"], tuple[MountSettings, ...])
    settings = msgspec.structs.replace(config, mount=mounts, standard=Standard(tenant="*"))
    house: House = await make_house(settings, tenants=("default", *(mount.tenant for mount in mounts)))
    if seeded:
        return house
    manager = management(house)
    for one in house.dialects:
        await seed_samples(manager, one.dialect, one.mount.tenant or "", one.mount.client_id)
    await new_client(house, "standard-app", grants=("password", "refresh_token"), introspection="tenant")
    await new_user(house, "standard-user")
    for tenant in ("default", *(mount.tenant for mount in mounts)):
        contract = "standard" if tenant == "default" else tenant
        await new_client(house, f"{tenant}-api", tenant=tenant, contracts=(contract,), introspection="tenant")
    copy = tmp_path / "seeded.db"
    house.store._writer._connection.execute("VACUUM INTO ?", (str(copy),))  # type: ignore[attr-defined]
    _SEEDED[_key(config)] = await asyncio.to_thread(copy.read_bytes)
    return house
