"""Serving and administering; the loops themselves run in the journeys, as processes."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import structlog

from tokenhouse.config.settings import Admin, Database, Mount, Secrets, Server, Tls
from tokenhouse.protocol.secret import Secret
from tokenhouse.server.running import NotMigrated, _warn_of_plain_listeners, manage, open_store, serve
from tokenhouse.sql.lock import StoreLocked
from tokenhouse.tokens.envelope import WrongKeyEncryptionKey


@pytest.fixture
def at(config: Any, database: Path) -> Any:
    """A configuration whose database is the test's, on ports of its own."""
    return msgspec.structs.replace(
        config,
        database=Database(url=f"sqlite:///{database}"),
        server=Server(bind="127.0.0.1:0"),
        admin=Admin(bind="127.0.0.1:0", socket=database.with_name("s.sock")),
    )


def test_an_unmigrated_database_is_refused(at: Any, tmp_path: Path) -> None:
    missing = msgspec.structs.replace(at, database=Database(url=f"sqlite:///{tmp_path / 'none.db'}"))
    with pytest.raises(NotMigrated):
        open_store(missing)


async def test_a_store_is_managed_by_one_process(at: Any) -> None:
    async with manage(at) as management:
        assert (await management.do("setup.missing", "test")).is_complete is False
        await management.do("setup.prepare", "test")
        with pytest.raises(StoreLocked):
            open_store(at)
    async with manage(at) as management:
        assert (await management.do("setup.missing", "test")).is_complete is True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
async def test_a_server_drains_when_it_is_told_to_stop(
    at: Any, capsys: pytest.CaptureFixture[str], number: signal.Signals
) -> None:
    at = msgspec.structs.replace(at, mount=(Mount(dialect="yindo", client="nobody-yet"),))
    async with manage(at) as management:
        await management.do("setup.prepare", "test")
    serving = asyncio.create_task(serve(at))
    while not at.admin.socket.exists():
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    os.kill(os.getpid(), number)
    await asyncio.wait_for(serving, 10)
    printed = capsys.readouterr().out
    assert "server.stopped" in printed
    assert "mount.client_missing" in printed
    assert "nobody-yet" in printed
    assert not at.admin.socket.exists()


async def test_with_another_key_encryption_key_nothing_starts_and_the_store_is_given_back(at: Any) -> None:
    async with manage(at) as management:
        await management.do("setup.prepare", "test")
    other = msgspec.structs.replace(at, secrets=Secrets(key_encryption_key=Secret("/" * 43 + "=")))
    for _ in range(2):
        with pytest.raises(WrongKeyEncryptionKey):
            await serve(other)
    async with manage(at) as management:
        assert (await management.do("setup.missing", "test")).is_complete is True


async def test_a_server_with_tls_looks_at_its_files_when_it_is_hung_up(
    at: Any, new_pair: Callable[..., Tls], capsys: pytest.CaptureFixture[str]
) -> None:
    server = Server(bind="127.0.0.1:0", tls=new_pair(), trusted_proxies=())
    at = msgspec.structs.replace(at, issuer="https://id.example.com", server=server)
    async with manage(at) as management:
        await management.do("setup.prepare", "test")
    serving = asyncio.create_task(serve(at))
    printed = ""
    for awaited, number in (("certificate.loaded", signal.SIGHUP), ("certificate.unchanged", signal.SIGTERM)):
        while awaited not in printed:
            await asyncio.sleep(0.01)
            printed += capsys.readouterr().out
        os.kill(os.getpid(), number)
    await asyncio.wait_for(serving, 10)
    assert "listener.plain" not in printed


def test_a_listener_that_refuses_nearly_everything_is_spoken_of(at: Any) -> None:
    open_to_all = msgspec.structs.replace(
        at, issuer="https://id.example.com", development=False, server=Server(bind="0.0.0.0:8400")
    )
    with structlog.testing.capture_logs() as log:
        _warn_of_plain_listeners(open_to_all, structlog.get_logger())
        _warn_of_plain_listeners(at, structlog.get_logger())
    assert [(line["event"], line["log_level"]) for line in log] == [("listener.plain", "warning")]
