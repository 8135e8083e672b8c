"""A configured server's directory with keys in its store, and the command line run against it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tokenhouse.cli.root import root
from tokenhouse.http.listeners import Listener, Listeners

CONFIG = """\
issuer = "http://127.0.0.1:8400"
development = true

[secrets]
key_encryption_key_file = "key-encryption.key"

[passwords]
memory_kib = 8
passes = 1

[[mount]]
dialect = "mcs"
tenant = "mcs"
"""
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"


@dataclass
class Place:
    """A server's directory."""

    directory: Path

    @property
    def config(self) -> Path:
        return self.directory / "tokenhouse.toml"

    def run(self, *arguments: str, given: str | bytes | None = None, code: int = 0) -> Result:
        """Run the command line; standard output is data only."""
        result = run(*arguments, "--config", str(self.config), given=given)
        assert result.exit_code == code, (result.output, result.exception)
        return result

    def json(self, *arguments: str, given: str | bytes | None = None, code: int = 0) -> Any:
        """Run the command line and return the document it prints."""
        return json.loads(self.run(*arguments, "--json", given=given, code=code).stdout)

    def refused(self, *arguments: str, given: str | bytes | None = None, code: int) -> str:
        """Run the command line and return what it complains of."""
        result = self.run(*arguments, given=given, code=code)
        assert "Traceback" not in result.output
        return result.stderr


def run(*arguments: str, given: str | bytes | None = None) -> Result:
    return CliRunner().invoke(root, list(arguments), input=given, prog_name="tokenhouse")


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of whoever runs the tests gets in."""
    for name in list(os.environ):
        if name.startswith("TOKENHOUSE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ".cache"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def cli() -> Callable[..., Result]:
    return run


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory, empty_database: bytes) -> Path:
    """A directory whose store has its keys: made once, because an RSA key takes longer than most tests."""
    directory = tmp_path_factory.mktemp("furnished")
    (directory / "tokenhouse.toml").write_text(CONFIG)
    (directory / "key-encryption.key").write_text(KEY)
    (directory / "tokenhouse.db").write_bytes(empty_database)
    Place(directory).run("keys", "prepare")
    return directory


@pytest.fixture
def place(tmp_path: Path, furnished: Path) -> Place:
    for name in ("tokenhouse.toml", "key-encryption.key", "tokenhouse.db"):
        shutil.copy(furnished / name, tmp_path / name)
    return Place(tmp_path)


@pytest.fixture
def serving(place: Place) -> Iterator[Place]:
    """The same, with its management socket served by a thread that holds the store."""
    import asyncio

    from tokenhouse.config.loading import load
    from tokenhouse.console.socket import socket_app
    from tokenhouse.server import manage

    config = load(place.config, {}).config
    started = threading.Event()
    held: dict[str, Any] = {}

    async def serve() -> None:
        async with manage(config) as management:
            listeners = Listeners([Listener(socket_app(management), config.admin.socket)], 5)
            held.update(listeners=listeners, loop=asyncio.get_running_loop())
            started.set()
            await listeners.run()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert started.wait(10)
    _wait_until_open(config.admin.socket)
    yield place
    held["loop"].call_soon_threadsafe(held["listeners"].stop)
    thread.join(10)
    assert not thread.is_alive()


def _wait_until_open(path: Path) -> None:
    for _ in range(500):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            if probe.connect_ex(str(path)) == 0:
                return
        time.sleep(0.01)
    pytest.fail("nobody listens")
