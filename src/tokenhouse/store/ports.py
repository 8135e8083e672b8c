"""Narrow read ports and the commit contract. Each room asks for the ports it needs and no more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from tokenhouse.model.effects import Effect
from tokenhouse.model.records import Account, AuditRecord, Authorization, Client, ClientSecret, KeyRecord, Tenant


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


class Store(Directory, AuthorizationReader, KeyReader, Ledger, Protocol):
    """What an engine implements."""

    async def is_ready(self) -> str:
        """Return "ok", or in a few words what is missing."""
        ...

    async def close(self) -> None:
        """Finish what was acknowledged and let go of the database."""
        ...
