"""A furnished town for tokens: a real store with keys, four contracts, clients and people."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from tokenhouse.model.decision import Caller, Decision, Step
from tokenhouse.model.effects import CreateAccount
from tokenhouse.model.records import Account, Client, KeyRecord, Tenant
from tokenhouse.model.registrations import AddKey, CreateClient, CreateTenant
from tokenhouse.protocol.contract import Contract, Mount, OpaqueForm, SessionPolicy, SignedForm, TokenPlan
from tokenhouse.protocol.names import TokenUse
from tokenhouse.sql.sqlite import SqliteStore
from tokenhouse.tokens.claims import standard_contract
from tokenhouse.tokens.envelope import Envelope
from tokenhouse.tokens.gate import admit
from tokenhouse.tokens.handle import SealKey
from tokenhouse.tokens.inspection import Inspection
from tokenhouse.tokens.issuer import Issuer
from tokenhouse.tokens.keys import KeyRing
from tokenhouse.tokens.making import make_secret_key, make_signing_key
from tokenhouse.tokens.mounts import Mounts
from tokenhouse.tokens.spelling import BASE64URL, HEX

START = datetime(2026, 11, 20, 12, tzinfo=UTC)
ISSUER = "https://as.example"


@pytest.fixture(scope="session")
def envelope() -> Envelope:
    return Envelope(os.urandom(32))


@pytest.fixture(scope="session")
def seal_key() -> SealKey:
    return SealKey("k1", b"\x01" * 64)


@pytest.fixture(scope="session")
def other_seal_key() -> SealKey:
    return SealKey("k2", b"\x02" * 64)


@pytest.fixture
def opaque_contract() -> Contract:
    """Return a contract of two opaque tokens, at most two sessions per client and user."""
    return Contract(
        "pair",
        "Pair",
        (
            TokenPlan("access", TokenUse.ACCESS, OpaqueForm(HEX, 64, prefix="at_"), timedelta(hours=1)),
            TokenPlan(
                "refresh",
                TokenUse.REFRESH,
                OpaqueForm(BASE64URL, 50, suffix="=="),
                timedelta(days=14),
                idle_ttl=timedelta(days=2),
            ),
        ),
        SessionPolicy(limit=2),
    )


def _kept_contract() -> Contract:
    form = OpaqueForm("0123456789", 78)
    return Contract(
        "kept",
        "Kept",
        (
            TokenPlan("user", TokenUse.REFRESH, OpaqueForm(BASE64URL, 43), timedelta(days=14), timedelta(days=3)),
            TokenPlan("access", TokenUse.ACCESS, form, timedelta(hours=1)),
        ),
        SessionPolicy(refresh="keep", per=("user", "device"), limit=1),
    )


def _signed_contract() -> Contract:
    def header(facts: Any) -> bytes:
        return msgspec.json.encode({"typ": "JWT", "alg": facts["key"]["alg"], "kid": facts["key"]["kid"]})

    def claims(facts: Any) -> bytes:
        token = facts["token"]
        told = {
            "nbf": int(token["issued_at"].timestamp()),
            "exp": int(token["expires_at"].timestamp()),
            "client_id": facts["client"]["id"],
            "jti": token["id"].hex().upper(),
            "life": token["lifetime"],
        }
        return msgspec.json.encode(told)

    form = SignedForm("RS256", header, claims, prefix="Bearer ")
    return Contract("signed", "Signed", (TokenPlan("access", TokenUse.ACCESS, form, timedelta(minutes=5)),))


def _client(tenant: str, client_id: str, **facts: Any) -> Client:
    settings: dict[str, Any] = {
        "contracts": ("standard", "pair", "kept", "signed"),
        "grants": ("password", "refresh_token", "client_credentials"),
        "scopes": ("read", "write"),
        "auth_methods": ("client_secret_basic",),
    }
    return Client(tenant, client_id, client_id, created_at=START, **(settings | facts))


class Town(SimpleNamespace):
    """Everything of the town, and the corridor from a decision to remembered tokens."""

    def caller(self, contract: str = "standard", client: str = "app", tenant: str = "default") -> Caller:
        found = self.clients[tenant, client]
        mount = self.mounts.find(tenant, contract)
        return Caller(found, mount, True)

    async def issue(self, decision: Decision) -> Any:
        issued = await self.issuer.issue(admit(decision))
        await self.store.commit(issued.effects)
        return issued

    async def login(self, contract: str = "standard", client: str = "app", **facts: Any) -> Any:
        tenant = facts.pop("tenant", "default")
        account = await self.store.find_account_by_id(tenant, facts.pop("user", "us_alice"))
        caller = self.caller(contract, client, tenant)
        settings: dict[str, Any] = {"scope": ("read",), "account": account}
        return await self.issue(Decision(caller, Step.OPEN, now=self.clock(), **(settings | facts)))

    async def renew(self, step: Step, row: Any, **facts: Any) -> Any:
        account = await self.store.find_account_by_id(row.tenant, row.subject)
        caller = self.caller(row.contract, row.client_id, row.tenant)
        settings: dict[str, Any] = {"scope": row.scope, "account": account, "authorization": row}
        return await self.issue(Decision(caller, step, now=self.clock(), **(settings | facts)))

    async def find(self, text: str, tenant: str = "default") -> Any:
        return await self.inspection.find(text, tenant, self.clock())

    async def live(self, text: str, tenant: str = "default") -> Any:
        return await self.inspection.require_live(await self.find(text, tenant), self.clock())

    async def add_client(self, client_id: str, tenant: str = "default", **facts: Any) -> Client:
        client = _client(tenant, client_id, **facts)
        await self.store.commit((CreateClient(client, None),))
        self.clients[tenant, client_id] = client
        return client


@pytest.fixture(scope="session")
def signing_keys(envelope: Envelope) -> list[KeyRecord]:
    """Signing keys of every town: making an RSA key takes longer than most tests."""
    return [
        make_signing_key(
            envelope,
            tenant="default",
            contract=contract,
            alg=alg,
            now=START,
            activates_at=START,
            certified=contract == "signed",
        )
        for contract, alg in (("standard", "ES256"), ("standard", "RS256"), ("signed", "RS256"))
    ]


@pytest.fixture(scope="session")
def clients() -> dict[tuple[str, str], Client]:
    return {(tenant, "app"): _client(tenant, "app") for tenant in ("default", "other")}


@pytest.fixture(scope="session")
def town_database(
    envelope: Envelope,
    signing_keys: list[KeyRecord],
    clients: dict[tuple[str, str], Client],
    empty_database: bytes,
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[bytes, dict[str, Any]]:
    """Two tenants with keys, a client and a person each, as the bytes of a database; and its keys, parsed.

    Parsing an RSA key takes as long as fifty tests.
    """
    path = tmp_path_factory.mktemp("town") / "town.db"
    path.write_bytes(empty_database)
    times = {"now": START, "activates_at": START}
    effects: list[Any] = [AddKey(make_secret_key(envelope, tenant="default", purpose="pepper", **times))]
    for tenant in ("default", "other"):
        effects += [
            CreateTenant(Tenant(name=tenant, enabled=True, created_at=START)),
            AddKey(make_secret_key(envelope, tenant=tenant, purpose="seal", **times)),
            CreateAccount(Account(tenant, "us_alice", "alice", None, None, "Alice", None, START), ()),
            CreateClient(clients[tenant, "app"], None),
        ]
    effects += map(AddKey, signing_keys)

    async def furnish() -> dict[str, Any]:
        store = SqliteStore(path)
        await store.commit(effects)
        ring = KeyRing(store, envelope)
        await ring.refresh(START)
        await store.close()
        return ring._parsed

    parsed = asyncio.run(furnish())
    return path.read_bytes(), parsed


@pytest_asyncio.fixture
async def town(
    tmp_path: Path,
    clock: Any,
    envelope: Envelope,
    clients: dict[tuple[str, str], Client],
    opaque_contract: Contract,
    town_database: tuple[bytes, dict[str, Any]],
) -> AsyncIterator[Town]:
    path = tmp_path / "town.db"
    database, parsed = town_database
    path.write_bytes(database)
    store = SqliteStore(path)
    standard = standard_contract(
        access_ttl=timedelta(minutes=10), refresh_ttl=timedelta(days=30), refresh_idle_ttl=timedelta(days=7)
    )
    contracts = (opaque_contract, _kept_contract(), _signed_contract())
    facts = {"issuer": ISSUER}
    mounts = Mounts(
        [
            Mount(standard, None, "default", ISSUER, server=facts),
            *(Mount(one, "default", "default", f"{ISSUER}/{one.name}", server=facts) for one in contracts),
        ]
    )
    ring = KeyRing(store, envelope)
    ring._parsed.update(parsed)
    yield Town(
        store=store,
        clock=clock,
        envelope=envelope,
        mounts=mounts,
        ring=ring,
        issuer=Issuer(ring),
        inspection=Inspection(ring, mounts, store),
        clients=dict(clients),
    )
    await store.close()
