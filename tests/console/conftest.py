"""A desk on a real store in a folder of its own, with the standard contract and a legacy one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tokenhouse.accounts.guesses import Guesses, GuessLimits
from tokenhouse.accounts.hashing import Hashing
from tokenhouse.config.settings import Config, Passwords
from tokenhouse.console.management import Management
from tokenhouse.protocol.contract import Contract, CredentialForm, Mount, OpaqueForm, SignedForm, TokenPlan
from tokenhouse.protocol.names import TokenUse
from tokenhouse.sql.sqlite import SqliteStore
from tokenhouse.tokens.claims import standard_contract
from tokenhouse.tokens.envelope import Envelope
from tokenhouse.tokens.keys import KeyRing

ALNUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

ACME = Contract(
    name="acme",
    title="A legacy contract",
    tokens=(
        TokenPlan("access", TokenUse.ACCESS, SignedForm("RS256", lambda _: b"{}", lambda _: b"{}"), timedelta(hours=1)),
        TokenPlan("refresh", TokenUse.REFRESH, OpaqueForm(ALNUM, 43), timedelta(days=14)),
    ),
    grants=frozenset({"password", "client_credentials"}),
    default_scope=("things",),
    attributes={
        "user": {
            "nickname": "text",
            "age": "int",
            "vip": "bool",
            "since": "time",
            "tags": "list",
            "extra": "object",
            "plan": {"name": "text", "quota": "int"},
        },
        "client": {"owner": "text"},
    },
    credentials={
        "client_id": CredentialForm("AppKey", ALNUM, 20),
        "client_secret": CredentialForm("AppSecret", ALNUM, 40),
        "device_key": CredentialForm("deviceKey", ALNUM, 16),
    },
    presents=frozenset({"token", "client_secret", "device_key"}),
)
FOREVER = Contract(
    name="forever",
    title="A contract whose tokens end with it, and that signs nothing",
    tokens=(TokenPlan("access", TokenUse.ACCESS, OpaqueForm(ALNUM, 43), None),),
    grants=frozenset({"password"}),
)


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at


class House(SimpleNamespace):
    """What the tests reach into."""

    management: Management
    store: SqliteStore
    keys: KeyRing
    guesses: Guesses
    hashing: Hashing
    clock: Clock
    forgotten: list[None]

    async def do(self, name: str, /, **values: Any) -> Any:
        return await self.management.do(name, "tester", **values)

    async def audit(self) -> list[str]:
        return [f"{r.event} {r.tenant} {r.subject} {r.source}" for r in await self.store.list_audit(1000)][::-1]


def mounts() -> tuple[Mount, ...]:
    standard = standard_contract(
        access_ttl=timedelta(minutes=5), refresh_ttl=timedelta(days=90), refresh_idle_ttl=timedelta(days=14)
    )
    return (
        Mount(standard, None, "default", "https://id.example.com"),
        Mount(ACME, "acme", "acme", "https://id.example.com/acme", client_id="acme"),
        Mount(FOREVER, "forever", "forever", "https://id.example.com/forever"),
    )


@pytest.fixture
async def bare(database: Path) -> AsyncIterator[House]:
    """A store with a schema and nothing in it."""
    store, clock, envelope = SqliteStore(database), Clock(), Envelope(bytes(32))
    keys = KeyRing(store, envelope)
    guesses = Guesses(store, keys.digest, GuessLimits(2, 100, 900))
    hashing = Hashing(8, 1)
    forgotten: list[None] = []

    def forget() -> None:
        keys.forget()
        forgotten.append(None)

    settings = Config(issuer="https://id.example.com", passwords=Passwords(memory_kib=8, passes=1))
    management = Management(
        store=store,
        envelope=envelope,
        keys=keys,
        hashing=hashing,
        guesses=guesses,
        mounts=mounts(),
        settings=settings,
        clock=clock,
        forget=forget,
    )
    yield House(
        management=management,
        store=store,
        keys=keys,
        guesses=guesses,
        hashing=hashing,
        clock=clock,
        forgotten=forgotten,
    )
    await store.close()


@pytest.fixture
async def house(bare: House) -> House:
    """The same, with the tenants and keys that its contracts need."""
    await bare.do("setup.prepare")
    return bare
