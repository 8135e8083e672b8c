"""Client authentication: credentials become a caller, or a refusal that says nothing.

Spec: RFC 6749 §2.3, §3.2.1.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from tokenhouse.clients.methods import METHODS, Tools
from tokenhouse.model.decision import Caller
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.contract import Mount
from tokenhouse.protocol.messages import Credentials
from tokenhouse.protocol.refusals import InvalidClient
from tokenhouse.store.ports import ClientEntry, ClientReader

_FRESH = timedelta(seconds=1)
_MOST_CACHED = 10_000


class Clients:
    """Authenticates clients; what it has read of them is at most one second old."""

    def __init__(self, reader: ClientReader, tools: Tools) -> None:
        self._reader = reader
        self._tools = tools
        self._cached: dict[tuple[str | None, str], tuple[datetime, ClientEntry | None]] = {}

    async def authenticate(self, credentials: Credentials, mount: Mount, source: str, now: datetime) -> Caller:
        """Return the caller that ``credentials`` prove.

        Raises:
            InvalidClient: nobody, or somebody else, or by a method that is not the client's own.
            Limited, Busy: a human-chosen secret could not be checked now.

        """
        client_id = credentials.client_id if credentials.client_id is not None else mount.client_id
        if credentials.malformed or not client_id:
            raise InvalidClient(Cause.BAD_CLIENT)
        entry = await self._find(client_id, mount.tenant, now)
        if entry is None:
            raise InvalidClient(Cause.UNKNOWN_CLIENT)
        if credentials.method not in entry.client.auth_methods:
            raise InvalidClient(Cause.WRONG_SECRET)
        effects = await METHODS[credentials.method](self._tools, entry, credentials, source, now)
        if effects is None:
            raise InvalidClient(Cause.WRONG_SECRET)
        return Caller(entry.client, mount, entry.tenant_enabled, effects)

    def forget(self) -> None:
        """Read clients anew at the next use; called when this process itself has changed one."""
        self._cached.clear()

    async def _find(self, client_id: str, tenant: str | None, now: datetime) -> ClientEntry | None:
        key = (tenant, client_id)
        cached = self._cached.get(key)
        if cached is not None and cached[0] <= now < cached[0] + _FRESH:
            return cached[1]
        entries = await self._reader.find_clients(client_id, tenant)
        entry = entries[0] if len(entries) == 1 else None
        if len(self._cached) >= _MOST_CACHED:
            self._cached.clear()
        self._cached[key] = (now, entry)
        return entry
