"""The embedded engine: SQLite in WAL mode, every commit flushed, one writer, one reader on the event loop.

A read costs microseconds and runs inline; a thread hop would cost forty times as much.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import apsw

from tokenhouse.model.effects import Effect
from tokenhouse.model.records import (
    Account,
    AuditRecord,
    Authorization,
    Client,
    DeviceKey,
    KeyRecord,
    Resource,
    ScopeRecord,
    Tenant,
    Ticket,
)
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import Busy
from tokenhouse.sql import reads, rows
from tokenhouse.sql.lock import StoreLock
from tokenhouse.sql.times import from_db, to_db_or_none
from tokenhouse.sql.writer import Writer
from tokenhouse.store.ports import AuditEntry, ClientEntry, SessionFilter, Spent

_AUDIT_STEP, _AUDIT_EDGE = 10_000, 1_000
"""How many audit records are searched at a time, and how many of the step before once more."""

MINIMUM_LIBRARY = (3, 51, 3)
"""Older libraries have a race in WAL mode that can corrupt the file."""


_UNREADABLE = (apsw.IOError, apsw.CantOpenError, apsw.NoMemError, apsw.BusyError, apsw.CorruptError)
"""Failures of the storage, not of a statement: whoever asks is told to come back (503), never yes or no."""


class UnsafeLibrary(Exception):
    """The SQLite library is older than the fix of the WAL race."""


class NoDatabase(Exception):
    """The file is no SQLite database, is damaged at its very beginning, or may not be opened; the text says which."""


def open_connection(path: Path, *, read_only: bool = False) -> apsw.Connection:
    """Open a connection as the engine needs it.

    Raises:
        UnsafeLibrary: the linked SQLite is too old.
        NoDatabase: the file is something else, or cannot be opened.

    """
    version = tuple(int(part) for part in apsw.sqlite_lib_version().split("."))
    if version < MINIMUM_LIBRARY:
        raise UnsafeLibrary(apsw.sqlite_lib_version())
    try:
        connection = apsw.Connection(str(path), statementcachesize=200)
    except apsw.Error as error:
        raise NoDatabase(f"{path} cannot be opened: {error}") from None
    connection.set_busy_timeout(10_000)
    try:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-16000", "mmap_size=0"):
            connection.execute(f"PRAGMA {pragma}")
    except apsw.NotADBError:
        connection.close()
        raise NoDatabase(f"{path} is no SQLite database") from None
    except apsw.Error as error:
        connection.close()
        raise NoDatabase(f"{path} cannot be read: {error}") from None
    connection.execute(f"PRAGMA query_only={int(read_only)}")
    return connection


class SqliteStore:
    """The store port on one SQLite file. Holds the store's lock for as long as it is open.

    Raises:
        StoreLocked: another process has the store open.
        NoDatabase: the file cannot be opened, or the lock beside it.

    """

    def __init__(self, path: Path, *, revision: str | None = None) -> None:
        self._lock = StoreLock(path)
        try:
            self._lock.acquire()
        except OSError as error:
            raise NoDatabase(f"{self._lock.path} cannot be opened: {error.strerror}") from None
        self._revision = revision
        try:
            writing = open_connection(path)
            self._reader = open_connection(path, read_only=True)
        except BaseException:
            self._lock.release()
            raise
        self._writer = Writer(writing)

    def _all(self, text: str, **row: Any) -> list[Any]:
        try:
            return self._reader.execute(text, row).fetchall()
        except _UNREADABLE as error:
            raise Busy(Cause.BUSY, retry_after=5) from error

    def _one(self, text: str, **row: Any) -> Any:
        try:
            return self._reader.execute(text, row).fetchone()
        except _UNREADABLE as error:
            raise Busy(Cause.BUSY, retry_after=5) from error

    async def commit(self, effects: Sequence[Effect]) -> None:
        """See `store.ports.Ledger.commit`."""
        if effects:
            await self._writer.commit(effects)

    async def find_clients(self, client_id: str, tenant: str | None) -> Sequence[ClientEntry]:
        """See `store.ports.ClientReader`."""
        if tenant is None:
            found = self._all(reads.CLIENT_OF_ANY, client_id=client_id)
        else:
            found = self._all(reads.CLIENT_OF_TENANT, client_id=client_id, tenant=tenant)
        return [self._entry(rows.client(row)) for row in found]

    def _entry(self, client: Client) -> ClientEntry:
        secrets = self._all(reads.SECRETS, tenant=client.tenant, client_id=client.client_id)
        enabled = self._one(reads.TENANT_ENABLED, tenant=client.tenant)
        return ClientEntry(client, tuple(map(rows.secret, secrets)), bool(enabled and enabled[0]))

    async def find_account(self, tenant: str, kind: str, canonical: str) -> Account | None:
        """See `store.ports.AccountReader`."""
        row = self._one(reads.ACCOUNT_BY_IDENTIFIER, tenant=tenant, kind=kind, canonical=canonical)
        return rows.account(row) if row else None

    async def find_account_by_id(self, tenant: str, user_id: str) -> Account | None:
        """See `store.ports.AccountReader`."""
        row = self._one(reads.ACCOUNT_BY_ID, tenant=tenant, user_id=user_id)
        return rows.account(row) if row else None

    async def find_authorization(self, authorization_id: int) -> Authorization | None:
        """See `store.ports.AuthorizationReader`."""
        row = self._one(reads.AUTHORIZATION_BY_ID, id=authorization_id)
        return rows.authorization(row) if row else None

    async def is_token_revoked(self, handle: bytes) -> bool:
        """See `store.ports.AuthorizationReader`."""
        return self._one(reads.TOKEN_REVOKED, handle=handle) is not None

    async def list_keys(self) -> Sequence[KeyRecord]:
        """See `store.ports.KeyReader`."""
        return [rows.key(row) for row in self._all(reads.KEYS)]

    async def list_tenants(self) -> Sequence[Tenant]:
        """See `store.ports.Directory`."""
        return [rows.tenant(row) for row in self._all(reads.TENANTS)]

    async def list_clients(self, tenant: str | None) -> Sequence[Client]:
        """See `store.ports.Directory`."""
        return [rows.client(row) for row in self._all(reads.CLIENTS, tenant=tenant)]

    async def list_accounts(self, tenant: str | None, limit: int) -> Sequence[Account]:
        """See `store.ports.Directory`."""
        return [rows.account(row) for row in self._all(reads.ACCOUNTS, tenant=tenant, limit=limit)]

    async def list_audit(self, limit: int, since: datetime | None = None) -> Sequence[AuditRecord]:
        """See `store.ports.Directory`."""
        found = self._all(reads.AUDIT_NEWEST, limit=limit, since=to_db_or_none(since))
        return [rows.audit(row) for row in found]

    async def list_audit_after(self, sequence: int, limit: int) -> Sequence[AuditEntry]:
        """See `store.ports.Directory`."""
        found = self._all(reads.AUDIT_AFTER, sequence=sequence, limit=limit)
        return [AuditEntry(row[0], rows.audit(row[1:])) for row in found]

    async def find_audit(self, request_id: str) -> Sequence[AuditRecord]:
        """See `store.ports.Directory`. There is no index on requests: the log is read backwards, others go between."""
        found: list[AuditRecord] = []
        upto = self._one(reads.AUDIT_END)[0]
        while upto > 0 and not found:
            above = upto - _AUDIT_STEP
            # A request's records may lie on both sides of a step's edge.
            part = self._all(reads.AUDIT_OF_REQUEST, above=above - _AUDIT_EDGE, upto=upto, request_id=request_id)
            found = [rows.audit(row) for row in part]
            upto = above
            await asyncio.sleep(0)
        return found

    async def list_sessions(self, wanted: SessionFilter, limit: int) -> Sequence[Authorization]:
        """See `store.ports.Directory`."""
        # The living logins of one person have an index of their own, which the general text cannot use.
        of_subject = wanted.tenant is not None and wanted.subject is not None and wanted.live_at is not None
        row = wanted._asdict() | {"live_at": to_db_or_none(wanted.live_at), "limit": limit}
        found = self._all(reads.SESSIONS_OF_SUBJECT if of_subject else reads.SESSIONS, **row)
        return [rows.authorization(row) for row in found]

    async def find_guesses(self, budget: bytes) -> Spent | None:
        """See `store.ports.GuessReader`."""
        row = self._one(reads.GUESSES, budget=budget)
        return Spent(row[0], from_db(row[1])) if row else None

    async def find_identity(self, tenant: str, provider: str, subject: str) -> str | None:
        """See `store.ports.IdentityReader`."""
        row = self._one(reads.IDENTITY, tenant=tenant, provider=provider, subject=subject)
        return row[0] if row else None

    async def find_ticket(self, digest: bytes) -> Ticket | None:
        """See `store.ports.TicketReader`."""
        row = self._one(reads.TICKET_BY_DIGEST, digest=digest)
        return rows.ticket(row) if row else None

    async def find_resource(self, tenant: str, identifier: str) -> Resource | None:
        """See `store.ports.ResourceReader`."""
        row = self._one(reads.RESOURCE_BY_ID, tenant=tenant, identifier=identifier)
        return rows.resource(row) if row else None

    async def list_resources(self, tenant: str | None) -> Sequence[Resource]:
        """See `store.ports.Directory`."""
        return [rows.resource(row) for row in self._all(reads.RESOURCES, tenant=tenant)]

    async def find_scope(self, tenant: str, name: str) -> ScopeRecord | None:
        """See `store.ports.ResourceReader`."""
        row = self._one(reads.SCOPE_BY_NAME, tenant=tenant, name=name)
        return rows.scope(row) if row else None

    async def list_scopes(self, tenant: str | None) -> Sequence[ScopeRecord]:
        """See `store.ports.Directory`."""
        return [rows.scope(row) for row in self._all(reads.SCOPES, tenant=tenant)]

    async def find_device_key(self, tenant: str, digest: bytes) -> DeviceKey | None:
        """See `store.ports.DeviceKeyReader`."""
        row = self._one(reads.DEVICE_KEY_BY_DIGEST, tenant=tenant, digest=digest)
        return rows.device_key(row) if row else None

    async def list_device_keys(self, tenant: str | None) -> Sequence[DeviceKey]:
        """See `store.ports.Directory`."""
        return [rows.device_key(row) for row in self._all(reads.DEVICE_KEYS, tenant=tenant)]

    async def is_ready(self) -> str:
        """See `store.ports.Store`."""
        try:
            row = self._one(reads.REVISION)
        except (apsw.Error, Busy) as error:
            return f"unreadable: {type(error.__cause__ or error).__name__}"
        if self._revision is not None and (row is None or row[0] != self._revision):
            return "schema is not at the revision of this program"
        return "ok"

    async def close(self) -> None:
        """See `store.ports.Store`."""
        self._writer.close()
        self._reader.close()
        self._lock.release()
