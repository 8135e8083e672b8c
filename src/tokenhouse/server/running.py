"""Running a server, and administering a store that no server has open."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import sys
from collections.abc import AsyncIterator

import structlog
import uvloop

from tokenhouse.accounts.lockout import longest_window
from tokenhouse.config.listening import cautions
from tokenhouse.config.settings import Config
from tokenhouse.console.management import Management
from tokenhouse.console.socket import socket_app
from tokenhouse.http.listeners import Listeners
from tokenhouse.model.effects import Prune
from tokenhouse.protocol.refusals import Busy
from tokenhouse.server.composing import House, build
from tokenhouse.server.listening import open_listeners
from tokenhouse.server.logs import configure
from tokenhouse.sql.sqlite import SqliteStore
from tokenhouse.sql.upgrade import HEAD, current_revision

_PRUNE_SECONDS = 600
_TURN_SECONDS = 0.0001
"""How long a busy event loop may keep the interpreter from the writer, who needs it for each statement of a commit."""


class NotMigrated(Exception):
    """The database has no schema, or another one than this program's."""


def open_store(config: Config) -> SqliteStore:
    """Open the configured database.

    Raises:
        NotMigrated: `tokenhouse db upgrade` has not been run.
        StoreLocked: another process has it open.

    """
    path = config.database.path
    if current_revision(path) != HEAD:
        raise NotMigrated(str(path))
    return SqliteStore(path, revision=HEAD)


@contextlib.asynccontextmanager
async def manage(config: Config) -> AsyncIterator[Management]:
    """Yield the management operations on a store that no server has open.

    Raises:
        NotMigrated, StoreLocked: see `open_store`.
        WrongKeyEncryptionKey: the configured one is not that of the keys in the store.

    """
    house = await _open_house(config)
    try:
        yield management(house)
    finally:
        await house.close()


async def _open_house(config: Config) -> House:
    """Build on the configured store; what cannot be built gives the store's lock back."""
    store = open_store(config)
    try:
        house = build(config, store)
        await house.keys.refresh(house.clock())  # with another key-encryption key nothing is served, and no key is made
    except BaseException:
        await store.close()
        raise
    return house


def management(house: House) -> Management:
    """Return the management operations of a house."""
    return Management(
        store=house.store,
        envelope=house.envelope,
        keys=house.keys,
        hashing=house.hashing,
        guesses=house.guesses,
        mounts=(house.standard, *(one.mount for one in house.dialects)),
        settings=house.config,
        clock=house.clock,
        forget=house.forget,
    )


def run(config: Config) -> None:
    """Serve until SIGTERM or SIGINT, without TLS also SIGHUP; whatever is in flight is answered first.

    Raises:
        NotMigrated, StoreLocked, WrongKeyEncryptionKey, AddressTaken, UnusableCertificate: the server cannot start.

    """
    configure(config.log)
    sys.setswitchinterval(_TURN_SECONDS)
    uvloop.run(serve(config))


async def serve(config: Config) -> None:
    """Build, listen, serve, drain."""
    house = await _open_house(config)
    log = structlog.get_logger("tokenhouse")
    await _warn_of_missing_clients(house, log)
    try:
        listeners, renewal = open_listeners(house, socket_app(management(house)), log)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, _drain, house, listeners)
        aside = [asyncio.create_task(_prune(house))]
        if renewal.is_needed:
            loop.add_signal_handler(signal.SIGHUP, renewal.at_once)
            aside.append(asyncio.create_task(renewal.watch()))
        _settle()
        log.info("server.listening", public=config.server.bind, admin=config.admin.bind, issuer=config.issuer)
        _warn_of_plain_listeners(config, log)
        await listeners.run()
        for task in aside:
            task.cancel()
    finally:
        await house.close()
        gc.unfreeze()
        log.info("server.stopped")


def _settle() -> None:
    """Take what lives as long as the server out of the collector's sight: walking it stops the loop for 20 ms."""
    gc.collect()
    gc.freeze()


def _warn_of_plain_listeners(config: Config, log: structlog.typing.FilteringBoundLogger) -> None:
    """Say which listeners refuse nearly everything, because nobody reaches them over https."""
    for sentence in cautions(config):
        log.warning("listener.plain", why=sentence)


async def _warn_of_missing_clients(house: House, log: structlog.typing.FilteringBoundLogger) -> None:
    """Say which mounts name a client that nobody has created yet; until then all their calls are refused."""
    for one in house.dialects:
        client_id = one.mount.client_id
        if client_id is not None and not await house.store.find_clients(client_id, one.mount.tenant):
            log.warning("mount.client_missing", contract=one.dialect.name, tenant=one.mount.tenant, client_id=client_id)


def _drain(house: House, listeners: Listeners) -> None:
    house.readiness.draining = True
    listeners.stop()


async def _prune(house: House) -> None:
    """Forget spent guesses and over-aged revocations now and then; nothing depends on it."""
    mounts = [one.mount for one in house.dialects]
    least = max(house.config.limits.guess_window, house.config.mail.limit_window)
    window = int(longest_window(mounts, least).total_seconds())
    while True:
        with contextlib.suppress(Busy):  # the disk is full or the queue is; the next round is soon enough
            await house.store.commit((Prune(house.clock(), window),))
        await asyncio.sleep(_PRUNE_SECONDS)
