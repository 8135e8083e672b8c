"""Putting the rooms together: each gets the ports it names and nothing else."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlsplit

import structlog

from tokenhouse.accounts.choosing import NewPasswords
from tokenhouse.accounts.guesses import Guesses, GuessLimits
from tokenhouse.accounts.hashing import Hashing
from tokenhouse.accounts.people import People
from tokenhouse.accounts.pool import HashPool
from tokenhouse.accounts.verifying import SlowVerifier
from tokenhouse.clients.authentication import Clients
from tokenhouse.clients.methods import Tools
from tokenhouse.clients.secrets import VerifiedSecrets
from tokenhouse.config.settings import Config
from tokenhouse.egress.client import Egress
from tokenhouse.egress.targets import Rules
from tokenhouse.endpoints.bearers import Bearers
from tokenhouse.endpoints.calls import Calls
from tokenhouse.endpoints.credentials import PresentedCredentials
from tokenhouse.endpoints.metadata import authorization_server_metadata
from tokenhouse.endpoints.profiles import Profiles
from tokenhouse.endpoints.questions import Questions
from tokenhouse.endpoints.token import TokenCorridor
from tokenhouse.grants.assertion import Assertion
from tokenhouse.grants.client_credentials import ClientCredentials
from tokenhouse.grants.named_subject import NamedSubject
from tokenhouse.grants.password import Password
from tokenhouse.grants.refresh_token import RefreshToken
from tokenhouse.grants.registry import Grants
from tokenhouse.grants.targets import Targets
from tokenhouse.http.documents import document, key_set
from tokenhouse.http.door import Door
from tokenhouse.http.metrics import Metrics
from tokenhouse.http.probes import Check, Readiness
from tokenhouse.http.records import Recorder
from tokenhouse.http.routing import Router
from tokenhouse.http.sources import Sources
from tokenhouse.http.visits import PlainEndpoint, QuestionEndpoint, TokenEndpoint
from tokenhouse.mail.outbox import Outbox
from tokenhouse.protocol.contract import Mount
from tokenhouse.providers.registry import Providers
from tokenhouse.server.mounting import MountedDialect, all_mounts, mount_dialects, mount_standard
from tokenhouse.server.peopling import Rooms, add_people, open_outbox
from tokenhouse.store.ports import Store
from tokenhouse.tokens.envelope import Envelope
from tokenhouse.tokens.inspection import Inspection
from tokenhouse.tokens.issuer import Issuer
from tokenhouse.tokens.keys import KeyRing, MissingKey
from tokenhouse.wire.standard import StandardCodec

Clock = Callable[[], datetime]


class MissingSecret(Exception):
    """No key-encryption key is configured."""


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


def open_envelope(config: Config) -> Envelope:
    """Return the envelope under the configured key-encryption key.

    Raises:
        MissingSecret: there is none.

    """
    secret = config.secrets.key_encryption_key
    if secret is None:
        raise MissingSecret
    return Envelope(base64.b64decode(secret.reveal()))


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
    core = _build_core(config, store, standard, dialects, log)
    metrics = Metrics()
    readiness = Readiness({"database": store.is_ready, "keys": _keys_check(core.keys, standard, clock)})
    router = Router()
    _add_standard(router, config, standard, core)
    _add_documents(router, config, core.keys, dialects, readiness=readiness, clock=clock)
    _add_dialects(router, dialects, core)
    outbox = open_outbox(config, clock, metrics.mailed)
    if outbox is not None:
        rooms = Rooms(store, core.keys, core.guesses, core.people, core.passwords)
        add_people(router, config, rooms, outbox, (one.mount for one in dialects))
    return House(
        config=config,
        clock=clock,
        store=store,
        envelope=core.envelope,
        keys=core.keys,
        hashing=core.hashing,
        guesses=core.guesses,
        pool=core.pool,
        clients=core.clients,
        targets=core.targets,
        egress=core.egress,
        standard=standard,
        dialects=tuple(dialects),
        metrics=metrics,
        readiness=readiness,
        outbox=outbox,
        door=_build_door(config, router, Recorder(store, metrics, log), clock),
    )


class _Core(NamedTuple):
    """The rooms behind the door."""

    envelope: Envelope
    keys: KeyRing
    hashing: Hashing
    guesses: Guesses
    pool: HashPool
    people: People
    passwords: NewPasswords
    clients: Clients
    targets: Targets
    egress: Egress
    corridor: TokenCorridor
    calls: Calls
    questions: Questions


def _build_core(
    config: Config,
    store: Store,
    standard: Mount,
    dialects: list[MountedDialect],
    log: structlog.typing.FilteringBoundLogger,
) -> _Core:
    envelope = open_envelope(config)
    keys = KeyRing(store, envelope)
    limits = config.limits
    window = int(limits.guess_window.total_seconds())
    guesses = Guesses(store, keys.digest, GuessLimits(limits.account_guesses, limits.source_guesses, window))
    hashing = Hashing(config.passwords.memory_kib, config.passwords.passes)
    pool = HashPool(_workers(config), config.passwords.queue, config.passwords.niceness)
    verifier = SlowVerifier(guesses, hashing, pool)
    clients = Clients(store, Tools(keys.digest, verifier.check_client, VerifiedSecrets()))
    mounts = all_mounts(standard, dialects)
    inspection = Inspection(keys, mounts, store)
    refresh = RefreshToken(inspection, store, config.tokens.grace)
    people = People(store, verifier)
    egress = Egress(Rules(config.egress.ports, config.egress.allow))
    assertion = Assertion(Providers(config.provider, egress, log), store)
    grants = Grants((ClientCredentials(), Password(people), NamedSubject(people), assertion, refresh))
    targets = Targets(store)
    corridor = TokenCorridor(clients, grants, targets, Issuer(keys), store)
    passwords = NewPasswords(hashing, pool, config.passwords.min_length)
    calls = Calls(Bearers(inspection, keys, people, store), clients, people, Profiles(store, passwords), store)
    presented = PresentedCredentials(clients, keys, mounts, store)
    questions = Questions(clients, inspection, presented, store)
    return _Core(
        envelope, keys, hashing, guesses, pool, people, passwords, clients, targets, egress, corridor, calls, questions
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


def _workers(config: Config) -> int:
    """Return the hashing threads: one core stays with the tokens."""
    if config.passwords.workers != "auto":
        return config.passwords.workers
    return max(1, (os.cpu_count() or 1) - 1)


def _add_standard(router: Router, config: Config, mount: Mount, core: _Core) -> None:
    prefix = config.standard.prefix
    router.add("POST", f"{prefix}/oauth2/token", TokenEndpoint(StandardCodec(), core.corridor, core.calls, mount))
    router.add("POST", f"{prefix}/oauth2/introspect", QuestionEndpoint.introspection(core.questions, mount))
    router.add("POST", f"{prefix}/oauth2/revoke", QuestionEndpoint.revocation(core.questions, mount))


def _add_dialects(router: Router, dialects: list[MountedDialect], core: _Core) -> None:
    for one in dialects:
        for route in one.routes:
            endpoint = TokenEndpoint(route.codec, core.corridor, core.calls, one.mount)
            router.add(route.method, one.prefix + route.path, endpoint, one.hosts)


def _add_documents(
    router: Router,
    config: Config,
    keys: KeyRing,
    dialects: list[MountedDialect],
    *,
    readiness: Readiness,
    clock: Clock,
) -> None:
    base = config.issuer.rstrip("/") + config.standard.prefix
    metadata = authorization_server_metadata(config.issuer, base)
    path = urlsplit(config.issuer).path.rstrip("/")
    documents = {
        f"/.well-known/oauth-authorization-server{path}": document(metadata),
        f"{config.standard.prefix}/.well-known/jwks.json": key_set(keys, clock),
        "/readyz": readiness.answer,
    }
    for name in {one.dialect.name for one in dialects if one.dialect.contract.signs}:
        documents[f"{config.standard.prefix}/.well-known/jwks/{name}.json"] = key_set(keys, clock, name)
    for at, make in documents.items():
        router.add("GET", at, PlainEndpoint(make))
        router.add("HEAD", at, PlainEndpoint(make))


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
