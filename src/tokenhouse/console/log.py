"""The audit log as operators read it."""

from __future__ import annotations

from datetime import datetime

from tokenhouse.console.desk import Desk
from tokenhouse.console.errors import Unusable
from tokenhouse.console.values import Input, Limit
from tokenhouse.model.records import AuditRecord


class Page(Input, frozen=True):
    """The newest records, ``limit`` of them, none before ``since``."""

    limit: Limit = 50
    since: datetime | None = None


async def list_newest(desk: Desk, asked: Page, _actor: str) -> list[AuditRecord]:
    """Return the newest records, newest first.

    Raises:
        Unusable: ``since`` has no time zone.

    """
    if asked.since is not None and asked.since.tzinfo is None:
        raise Unusable("the time has no time zone", "such as 2026-11-20T08:00:00Z")
    return list(await desk.store.list_audit(asked.limit, asked.since))
