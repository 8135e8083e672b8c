"""The rooms behind the door: each gets the ports it names and nothing else."""

from __future__ import annotations

import base64
import os
from typing import NamedTuple

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
from tokenhouse.protocol.contract import Mount
from tokenhouse.providers.registry import Providers
from tokenhouse.server.mounting import MountedDialect, all_mounts
from tokenhouse.store.ports import Store
from tokenhouse.tokens.envelope import Envelope
from tokenhouse.tokens.inspection import Inspection
from tokenhouse.tokens.issuer import Issuer
from tokenhouse.tokens.keys import KeyRing


class MissingSecret(Exception):
    """No key-encryption key is configured."""


class Rooms(NamedTuple):
    """The rooms behind the door, on an open store."""

    store: Store
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


def build_rooms(
    config: Config,
    store: Store,
    standard: Mount,
    dialects: list[MountedDialect],
    log: structlog.typing.FilteringBoundLogger,
) -> Rooms:
    """Return the rooms, each with the ports that it names.

    Raises:
        MissingSecret: no key-encryption key is configured.

    """
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
    shared = (store, envelope, keys, hashing, guesses, pool, people, passwords, clients, targets, egress)
    return Rooms(*shared, corridor=corridor, calls=calls, questions=questions)


def open_envelope(config: Config) -> Envelope:
    """Return the envelope under the configured key-encryption key.

    Raises:
        MissingSecret: there is none.

    """
    secret = config.secrets.key_encryption_key
    if secret is None:
        raise MissingSecret
    return Envelope(base64.b64decode(secret.reveal()))


def _workers(config: Config) -> int:
    """Return the hashing threads: one core stays with the tokens."""
    if config.passwords.workers != "auto":
        return config.passwords.workers
    return max(1, (os.cpu_count() or 1) - 1)
