"""A store to measure on: every shipped dialect with its samples, standard clients, many people, a pool of live logins.

The samples are made by the code that the demo is seeded with.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from tokenhouse.accounts.identifiers import names
from tokenhouse.config.loading import load
from tokenhouse.config.settings import Config, Passwords
from tokenhouse.model.effects import CreateAccount
from tokenhouse.model.records import Account
from tokenhouse.protocol.names import DEFAULT_TENANT
from tokenhouse.protocol.secret import Secret
from tokenhouse.server.composing import build
from tokenhouse.server.mounting import shipped_dialects
from tokenhouse.server.running import management, open_store
from tokenhouse.server.seeding import seed_samples
from tokenhouse.sql.upgrade import upgrade
from tokenhouse.store.ports import Store
from tokenhouse.testing.dialect_suite import send
from tokenhouse.wire.dialect.examples import ExampleRequest

SECRET = "a-client-secret-with-more-than-enough-bits-in-it"
PASSWORD = "a password of the benchmark"
PEOPLE = 500
_ACTOR = "benchmark"
_FORM = (("content-type", "application/x-www-form-urlencoded"),)

CLIENTS = {
    "es256": {"grants": ("client_credentials",)},
    "rs256": {"grants": ("client_credentials",), "alg": "RS256"},
    "app": {"grants": ("password", "refresh_token")},
    "opaque": {"grants": ("password", "refresh_token"), "access_format": "opaque"},
    "api": {"grants": ("client_credentials",), "introspection": "tenant"},
}
"""Clients of the standard contract, all with the same secret."""


class Seeded(msgspec.Struct, frozen=True):
    """What was made: the configuration to serve, refresh tokens that are good for one use, one opaque access token."""

    config: Path
    refresh_tokens: list[str]
    opaque_token: str


def seed(folder: Path, public: int, admin: int, *, logins: int = 400) -> Seeded:
    """Make a fresh store in ``folder``, to be served on these ports."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    config_path = folder / "tokenhouse.toml"
    config_path.write_text(_configuration(public, admin), encoding="utf-8")
    config = load(config_path, {}).config
    upgrade(config.database.path)
    return asyncio.run(_fill(config, config_path, logins))


def person(number: int) -> str:
    """Return the name of one of the people."""
    return f"person-{number}"


def authorization(client_id: str) -> str:
    """Return the credentials of a standard client as a header's value."""
    return "Basic " + base64.b64encode(f"{client_id}:{SECRET}".encode()).decode()


def _configuration(public: int, admin: int) -> str:
    key = base64.b64encode(os.urandom(32)).decode()
    mounts = "".join(
        f'[[mount]]\ndialect = "{name}"\ntenant = "{name}"\nprefix = "/{name}"\n{_label(text, name)}'
        for name, text in shipped_dialects().items()
    )
    return f"""\
issuer = "http://127.0.0.1:{public}"
development = true

[server]
bind = "127.0.0.1:{public}"

[admin]
bind = "127.0.0.1:{admin}"

[secrets]
key_encryption_key = "{key}"

[tokens]
access_ttl = "12h" # one opaque token is introspected all along

[limits] # logins are measured, not limited
account_guesses = 1000000
source_guesses = 1000000

{mounts}"""


def _label(text: str, name: str) -> str:
    """Return the mount's client where the wire carries none."""
    return "" if "[[sample.client]]" in text else f'client = "{name}"\n'


async def _fill(config: Config, config_path: Path, logins: int) -> Seeded:
    store = open_store(config)
    house = build(config, store)
    manager = management(house)
    await manager.do("setup.prepare", _ACTOR)
    for one in house.dialects:
        await seed_samples(manager, one.dialect, one.mount.tenant or DEFAULT_TENANT, one.mount.client_id)
    for client_id, facts in CLIENTS.items():
        await manager.do(
            "client.create",
            _ACTOR,
            name=client_id,
            client_id=client_id,
            secret=SECRET,
            scopes=("read", "write"),
            password_until=datetime.now(UTC) + timedelta(days=30) if "password" in facts["grants"] else None,
            **facts,
        )
    await _people(store, house.hashing.hash(Secret(PASSWORD), "raw"), range(PEOPLE))
    house.pool.close()
    seeded = await _logins(config, config_path, store, logins)
    await store.close()
    return seeded


async def _people(store: Store, phc: str, numbers: Sequence[int], tenant: str = DEFAULT_TENANT) -> None:
    """Create people who share one password and its hash: making a hash for each would take longer than measuring."""
    now = datetime.now(UTC)
    accounts = [Account(tenant, f"us_{number:016}", person(number), None, None, None, phc, now) for number in numbers]
    await store.commit([CreateAccount(account, names(account)) for account in accounts])


async def _logins(config: Config, config_path: Path, store: Store, count: int) -> Seeded:
    """Log people in through the door of a house that hashes cheaply; the tokens are those of the real one."""
    cheap = msgspec.structs.replace(config, passwords=Passwords(memory_kib=8, passes=1))
    house = build(cheap, store)
    people = range(PEOPLE, PEOPLE + count)
    await _people(store, house.hashing.hash(Secret(PASSWORD), "raw"), people)

    async def log_in(client_id: str, number: int) -> dict[str, str]:
        body = f"grant_type=password&username={person(number)}&password={PASSWORD.replace(' ', '+')}"
        headers = (*_FORM, ("authorization", authorization(client_id)))
        answer = await send(house, ExampleRequest("POST", "/oauth2/token", "", headers, body.encode()))
        if answer.status != 200:
            raise RuntimeError(f"seeding: {answer.status} {answer.body.decode()}")
        told: dict[str, str] = json.loads(answer.body)
        return told

    refresh = [(await log_in("app", number))["refresh_token"] for number in people]
    opaque = (await log_in("opaque", PEOPLE))["access_token"]
    house.pool.close()
    return Seeded(config_path, refresh, opaque)
