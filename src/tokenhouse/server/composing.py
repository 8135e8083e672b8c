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

from tokenhouse.accounts.guesses import Guesses, GuessLimits
from tokenhouse.accounts.hashing import Hashing
from tokenhouse.accounts.people import People
from tokenhouse.accounts.pool import HashPool
from tokenhouse.accounts.verifying import SlowVerifier
from tokenhouse.clients.authentication import Clients
from tokenhouse.clients.methods import Tools
from tokenhouse.clients.secrets import VerifiedSecrets
from tokenhouse.config.settings import Config
from tokenhouse.endpoints.metadata import authorization_server_metadata
from tokenhouse.endpoints.questions import Questions
from tokenhouse.endpoints.token import TokenCorridor
from tokenhouse.grants.client_credentials import ClientCredentials
from tokenhouse.grants.password import Password
from tokenhouse.grants.refresh_token import RefreshToken
from tokenhouse.grants.registry import Grants
from tokenhouse.http.documents import document, key_set
from tokenhouse.http.door import Door
from tokenhouse.http.metrics import Metrics
from tokenhouse.http.probes import Check, Readiness
from tokenhouse.http.records import Recorder
from tokenhouse.http.routing import Router
from tokenhouse.http.sources import Sources
from tokenhouse.http.visits import PlainEndpoint, QuestionEndpoint, TokenEndpoint
from tokenhouse.protocol.contract import Mount
from tokenhouse.server.mounting import MountedDialect, all_mounts, mount_dialects, mount_standard
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
    standard: Mount
    dialects: tuple[MountedDialect, ...]
    metrics: Metrics
    readiness: Readiness
    door: Door

    def forget(self) -> None:
        """Drop what is cached of clients and keys; called after an administrative change in this process."""
        self.clients.forget()
        self.keys.forget()

    async def close(self) -> None:
        """Let go of threads and the database."""
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
    core = _build_core(config, store, standard, dialects)
    metrics = Metrics()
    readiness = Readiness({"database": store.is_ready, "keys": _keys_check(core.keys, standard, clock)})
    router = Router()
    _add_standard(router, config, standard, core)
    _add_documents(router, config, core.keys, dialects, readiness=readiness, clock=clock)
    _add_dialects(router, dialects, core.corridor)
    recorder = Recorder(store, metrics, log or structlog.get_logger("tokenhouse"))
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
        standard=standard,
        dialects=tuple(dialects),
        metrics=metrics,
        readiness=readiness,
        door=_build_door(config, router, recorder, clock),
    )


class _Core(NamedTuple):
    """The rooms behind the door."""

    envelope: Envelope
    keys: KeyRing
    hashing: Hashing
    guesses: Guesses
    pool: HashPool
    clients: Clients
    corridor: TokenCorridor
    questions: Questions


def _build_core(config: Config, store: Store, standard: Mount, dialects: list[MountedDialect]) -> _Core:
    envelope = open_envelope(config)
    keys = KeyRing(store, envelope)
    limits = config.limits
    window = int(limits.guess_window.total_seconds())
    guesses = Guesses(store, keys.digest, GuessLimits(limits.account_guesses, limits.source_guesses, window))
    hashing = Hashing(config.passwords.memory_kib, config.passwords.passes)
    pool = HashPool(_workers(config), config.passwords.queue, config.passwords.niceness)
    verifier = SlowVerifier(guesses, hashing, pool)
    clients = Clients(store, Tools(keys.digest, verifier.check_client, VerifiedSecrets()))
    inspection = Inspection(keys, all_mounts(standard, dialects), store)
    refresh = RefreshToken(inspection, store, config.tokens.grace)
    grants = Grants((ClientCredentials(), Password(People(store, verifier)), refresh))
    corridor = TokenCorridor(clients, grants, Issuer(keys), store)
    questions = Questions(clients, inspection, store)
    return _Core(envelope, keys, hashing, guesses, pool, clients, corridor, questions)


def _build_door(config: Config, router: Router, recorder: Recorder, clock: Clock) -> Door:
    return Door(
        router,
        recorder,
        Sources(map(str, config.server.trusted_proxies)),
        clock,
        body_limit=config.server.body_limit,
        request_timeout=config.server.request_timeout.total_seconds(),
        plain_http=config.development or config.issuer.startswith("http:"),
    )


def _workers(config: Config) -> int:
    """Return the hashing threads: one core stays with the tokens."""
    if config.passwords.workers != "auto":
        return config.passwords.workers
    return max(1, (os.cpu_count() or 1) - 1)


def _add_standard(router: Router, config: Config, mount: Mount, core: _Core) -> None:
    prefix = config.standard.prefix
    router.add("POST", f"{prefix}/oauth2/token", TokenEndpoint(StandardCodec(), core.corridor, mount))
    router.add("POST", f"{prefix}/oauth2/introspect", QuestionEndpoint.introspection(core.questions, mount))
    router.add("POST", f"{prefix}/oauth2/revoke", QuestionEndpoint.revocation(core.questions, mount))


def _add_dialects(router: Router, dialects: list[MountedDialect], corridor: TokenCorridor) -> None:
    for one in dialects:
        for route in one.routes:
            endpoint = TokenEndpoint(route.codec, corridor, one.mount)
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
