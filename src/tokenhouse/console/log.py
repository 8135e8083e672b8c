"""The audit log as operators read it: its end, what comes next, and what it says of one request."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from tokenhouse.console.desk import Desk
from tokenhouse.console.errors import NotFound, Unusable
from tokenhouse.console.values import Input, Limit, RequestId
from tokenhouse.model.records import AuditRecord


class Page(Input, frozen=True):
    """The newest records, ``limit`` of them, none before ``since``."""

    limit: Limit = 50
    since: datetime | None = None


class Following(Input, frozen=True):
    """What came behind ``sequence``; -1: only where the log ends now."""

    sequence: int = -1
    limit: Limit = 1000


class Place(Struct, frozen=True):
    """A record and its place in the log."""

    sequence: int
    record: AuditRecord


class Asked(Input, frozen=True):
    """Which request: the id that its answer carried as ``X-Request-Id``."""

    request_id: RequestId


async def list_newest(desk: Desk, asked: Page, _actor: str) -> list[AuditRecord]:
    """Return the newest records, newest first.

    Raises:
        Unusable: ``since`` has no time zone.

    """
    if asked.since is not None and asked.since.tzinfo is None:
        raise Unusable("the time has no time zone", "such as 2026-11-20T08:00:00Z")
    return list(await desk.store.list_audit(asked.limit, asked.since))


async def follow(desk: Desk, asked: Following, _actor: str) -> list[Place]:
    """Return the records behind a place in the log, oldest first."""
    entries = await desk.store.list_audit_after(asked.sequence, asked.limit)
    return [Place(entry.sequence, entry.record) for entry in entries]


async def of_request(desk: Desk, asked: Asked, _actor: str) -> list[AuditRecord]:
    """Return what the log says of one request, oldest first.

    Raises:
        NotFound: nothing.

    """
    records = list(await desk.store.find_audit(asked.request_id))
    if not records:
        raise NotFound(
            f"the audit log says nothing of {asked.request_id}",
            "a granted request that opened no session is counted, not recorded: see /metrics; so is one at no contract",
        )
    return records
