"""Narrow read ports and the commit contract. Each room asks for the ports it needs and no more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from tokenhouse.model.effects import Effect
from tokenhouse.model.records import (
    Account,
    AuditRecord,
    Authorization,
    Client,
    ClientSecret,
    DeviceKey,
    KeyRecord,
    Resource,
    ScopeRecord,
    Tenant,
    Ticket,
)


class ClientEntry(NamedTuple):
    """A client with its living verifiers, and whether its tenant is open."""

    client: Client
    secrets: tuple[ClientSecret, ...]
    tenant_enabled: bool


class ClientReader(Protocol):
    """Reads clients."""

    async def find_clients(self, client_id: str, tenant: str | None) -> Sequence[ClientEntry]:
        """Return the clients of that id: of one tenant, or of all when ``tenant`` is None."""
        ...


class AccountReader(Protocol):
    """Reads people."""

    async def find_account(self, tenant: str, kind: str, canonical: str) -> Account | None:
        """Return the account that an identifier in canonical form names."""
        ...

    async def find_account_by_id(self, tenant: str, user_id: str) -> Account | None:
        """Return the account of that id."""
        ...


class Spent(NamedTuple):
    """What is gone of a guessing budget, and since when its window counts."""

    used: int
    started_at: datetime


class GuessReader(Protocol):
    """Reads guessing budgets."""

    async def find_guesses(self, budget: bytes) -> Spent | None:
        """Return what is spent of a budget; None: nothing. Whether its window is over is for the reader to judge."""
        ...


class IdentityReader(Protocol):
    """Reads whom a provider's subject is."""

    async def find_identity(self, tenant: str, provider: str, subject: str) -> str | None:
        """Return the id of the person that a provider's subject is linked to."""
        ...


class TicketReader(Protocol):
    """Reads links that were mailed."""

    async def find_ticket(self, digest: bytes) -> Ticket | None:
        """Return the link of that digest that was not followed yet, whether or not it is too old."""
        ...


class ResourceReader(Protocol):
    """Reads resources and scopes."""

    async def find_resource(self, tenant: str, identifier: str) -> Resource | None:
        """Return the resource of that identifier, compared character by character."""
        ...

    async def find_scope(self, tenant: str, name: str) -> ScopeRecord | None:
        """Return the scope of that name."""
        ...


class DeviceKeyReader(Protocol):
    """Reads device keys."""

    async def find_device_key(self, tenant: str, digest: bytes) -> DeviceKey | None:
        """Return the device key of that digest, whether or not it has ended."""
        ...


class SessionFilter(NamedTuple):
    """Which logins are meant; None: any. ``live_at`` leaves out those that have ended or expired by then."""

    tenant: str | None = None
    subject: str | None = None
    contract: str | None = None
    client_id: str | None = None
    device: str | None = None
    live_at: datetime | None = None


class AuditEntry(NamedTuple):
    """An audit record and its place in the log."""

    sequence: int
    record: AuditRecord


class AuthorizationReader(Protocol):
    """Reads logins and what was ended."""

    async def find_authorization(self, authorization_id: int) -> Authorization | None:
        """Return the row of that id."""
        ...

    async def is_token_revoked(self, handle: bytes) -> bool:
        """Return whether one token alone was ended."""
        ...


class KeyReader(Protocol):
    """Reads key records."""

    async def list_keys(self) -> Sequence[KeyRecord]:
        """Return all keys that are not retired yet, oldest first."""
        ...


class Ledger(Protocol):
    """Remembers."""

    async def commit(self, effects: Sequence[Effect]) -> None:
        """Remember all effects, durably, in one transaction; nothing to remember returns at once.

        A caller that goes away does not cancel it.

        Raises:
            Refusal: a condition did not hold; its consequences are remembered, the other effects are not.
            RaceLost: somebody was faster; nothing is remembered.
            Busy: the queue of waiting commits is full, or the database cannot be written; nothing is remembered.

        """
        ...


class Directory(ClientReader, AccountReader, Protocol):
    """What administration lists."""

    async def list_tenants(self) -> Sequence[Tenant]:
        """Return all tenants by name."""
        ...

    async def list_clients(self, tenant: str | None) -> Sequence[Client]:
        """Return clients by tenant and id."""
        ...

    async def list_accounts(self, tenant: str | None, limit: int) -> Sequence[Account]:
        """Return people by tenant and id, at most ``limit``."""
        ...

    async def list_audit(self, limit: int, since: datetime | None = None) -> Sequence[AuditRecord]:
        """Return the newest audit records, newest first."""
        ...

    async def list_audit_after(self, sequence: int, limit: int) -> Sequence[AuditEntry]:
        """Return audit records behind a place in the log, oldest first; -1: only the newest one."""
        ...

    async def find_audit(self, request_id: str) -> Sequence[AuditRecord]:
        """Return what the audit log says of one request, oldest first."""
        ...

    async def list_sessions(self, wanted: SessionFilter, limit: int) -> Sequence[Authorization]:
        """Return logins, newest first."""
        ...

    async def list_resources(self, tenant: str | None) -> Sequence[Resource]:
        """Return resources by tenant and identifier."""
        ...

    async def list_scopes(self, tenant: str | None) -> Sequence[ScopeRecord]:
        """Return scopes by tenant and name."""
        ...

    async def list_device_keys(self, tenant: str | None) -> Sequence[DeviceKey]:
        """Return device keys by tenant, contract and device."""
        ...


class Store(
    Directory,
    AuthorizationReader,
    GuessReader,
    IdentityReader,
    TicketReader,
    ResourceReader,
    DeviceKeyReader,
    KeyReader,
    Ledger,
    Protocol,
):
    """What an engine implements."""

    async def is_ready(self) -> str:
        """Return "ok", or in a few words what is missing."""
        ...

    async def close(self) -> None:
        """Finish what was acknowledged and let go of the database."""
        ...
