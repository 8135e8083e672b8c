"""Putting the rooms together: each gets the ports it names and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from tokenhouse.accounts.guesses import Guesses
from tokenhouse.accounts.hashing import Hashing
from tokenhouse.accounts.pool import HashPool
from tokenhouse.clients.authentication import Clients
from tokenhouse.config.settings import Config
from tokenhouse.egress.client import Egress
from tokenhouse.grants.targets import Targets
from tokenhouse.http.door import Door
from tokenhouse.http.metrics import Metrics
from tokenhouse.http.probes import Check, Readiness
from tokenhouse.http.records import Recorder
from tokenhouse.http.routing import Router
from tokenhouse.http.sources import Sources
from tokenhouse.mail.outbox import Outbox
from tokenhouse.protocol.contract import Mount
from tokenhouse.server.mounting import MountedDialect, mount_dialects, mount_standard
from tokenhouse.server.peopling import add_people, open_outbox
from tokenhouse.server.rooms import build_rooms
from tokenhouse.server.routes import add_dialects, add_documents, add_standard
from tokenhouse.store.ports import Store
from tokenhouse.tokens.envelope import Envelope
from tokenhouse.tokens.keys import KeyRing, MissingKey

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the time; handed in everywhere, so that tests can hand in another."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class House:
    """Everything that was put together."""

    config: Config
    clock: Clock
    store: Store
    envelope: Envelope
    keys: KeyRing
    hashing: Hashing
    guesses: Guesses
    pool: HashPool
    clients: Clients
    targets: Targets
    egress: Egress
    standard: Mount
    dialects: tuple[MountedDialect, ...]
    metrics: Metrics
    readiness: Readiness
    outbox: Outbox | None
    door: Door

    def forget(self) -> None:
        """Drop what is cached of clients and keys; called after an administrative change in this process."""
        self.clients.forget()
        self.targets.forget()
        self.keys.forget()

    async def close(self) -> None:
        """Let go of threads and the database, when mail on its way out has had its last chance."""
        if self.outbox is not None:
            await self.outbox.close(self.config.mail.timeout.total_seconds())
        self.egress.close()
        self.pool.close()
        await self.store.close()


def build(
    config: Config,
    store: Store,
    clock: Clock = utc_now,
    dialects: list[MountedDialect] | None = None,
    log: structlog.typing.FilteringBoundLogger | None = None,
) -> House:
    """Put a server together on an open store.

    ``dialects`` None: those that the configuration mounts. ``log`` None: this process's log.

    Raises:
        Problems, MountConflict, RouteConflict: the contracts cannot be mounted as configured.
        MissingSecret: no key-encryption key is configured.

    """
    standard = mount_standard(config)
    dialects = mount_dialects(config) if dialects is None else dialects
    log = log or structlog.get_logger("tokenhouse")
    rooms = build_rooms(config, store, standard, dialects, log)
    metrics = Metrics()
    readiness = Readiness({"database": store.is_ready, "keys": _keys_check(rooms.keys, standard, clock)})
    router = Router()
    add_standard(router, config, standard, rooms)
    add_documents(router, config, rooms.keys, dialects, readiness=readiness, clock=clock)
    add_dialects(router, dialects, rooms)
    outbox = open_outbox(config, clock, metrics.mailed)
    if outbox is not None:
        add_people(router, config, rooms, outbox, (one.mount for one in dialects))
    return House(
        config=config,
        clock=clock,
        store=store,
        envelope=rooms.envelope,
        keys=rooms.keys,
        hashing=rooms.hashing,
        guesses=rooms.guesses,
        pool=rooms.pool,
        clients=rooms.clients,
        targets=rooms.targets,
        egress=rooms.egress,
        standard=standard,
        dialects=tuple(dialects),
        metrics=metrics,
        readiness=readiness,
        outbox=outbox,
        door=_build_door(config, router, Recorder(store, metrics, log), clock),
    )


def _build_door(config: Config, router: Router, recorder: Recorder, clock: Clock) -> Door:
    return Door(
        router,
        recorder,
        Sources(map(str, config.server.trusted_proxies)),
        clock,
        body_limit=config.server.body_limit,
        request_timeout=config.server.request_timeout.total_seconds(),
        plain_http=config.development or config.issuer.startswith("http:"),
        keep_https=config.issuer.startswith("https:") and not config.development,
    )


def _keys_check(keys: KeyRing, standard: Mount, clock: Clock) -> Check:
    async def check() -> str:
        now = clock()
        try:
            await keys.refresh(now)
            keys.sealing(standard.key_tenant, now)
            keys.signing(standard.key_tenant, standard.contract.name, "ES256", now)
        except MissingKey:
            return "no active key; run: tokenhouse keys rotate"
        return "ok"

    return check
