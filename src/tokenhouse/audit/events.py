"""Audit events and the records of a corridor. Names are constants: they are searched for at three in the morning."""

from __future__ import annotations

from datetime import datetime

from tokenhouse.model.decision import Decision, Step
from tokenhouse.model.effects import RecordAudit
from tokenhouse.model.records import AuditRecord, Authorization
from tokenhouse.protocol.causes import Cause

LOGIN = "login"
CLIENT_TOKEN = "client_token"
REFRESH = "refresh"
REVOKE = "revoke"
REUSE = "refresh_reuse"
REFUSED = "refused"
ADMINISTRATION = "administration"


def granted(decision: Decision, row: Authorization, request_id: str, source: str) -> RecordAudit:
    """Return the record of a login, a client's own token with a row, or a refresh."""
    opened = CLIENT_TOKEN if row.subject is None else LOGIN
    event = opened if decision.step is Step.OPEN else REFRESH
    reason = "repeated" if decision.step is Step.REPEAT else ""
    return _of_row(row, event, decision.now, request_id, source, reason)


def ended(row: Authorization, event: str, now: datetime, request_id: str, source: str) -> RecordAudit:
    """Return the record of an ended login: asked for (`revoke`) or because its token was stolen (`refresh_reuse`)."""
    return _of_row(row, event, now, request_id, source, "")


def _of_row(  # noqa: PLR0917 -- the columns of a record
    row: Authorization, event: str, now: datetime, request_id: str, source: str, reason: str
) -> RecordAudit:
    return RecordAudit(
        AuditRecord(
            at=now,
            event=event,
            outcome="ok",
            tenant=row.tenant,
            contract=row.contract,
            request_id=request_id,
            reason=reason,
            client_id=row.client_id,
            subject=row.subject,
            source=source,
            authorization_id=row.id,
        )
    )


def token_ended(
    tenant: str,
    contract: str,
    client_id: str,
    row: Authorization | None,
    *,
    now: datetime,
    request_id: str,
    source: str,
) -> RecordAudit:
    """Return the record of one token that was ended alone."""
    return RecordAudit(
        AuditRecord(
            at=now,
            event=REVOKE,
            outcome="ok",
            tenant=tenant,
            contract=contract,
            request_id=request_id,
            reason="token",
            client_id=client_id,
            subject=row.subject if row else None,
            source=source,
            authorization_id=row.id if row else None,
        )
    )


def refused(
    cause: Cause,
    *,
    now: datetime,
    tenant: str,
    contract: str,
    request_id: str,
    source: str,
    client_id: str | None,
) -> RecordAudit:
    """Return the record of a refused request."""
    return RecordAudit(
        AuditRecord(
            at=now,
            event=REFUSED,
            outcome="refused",
            tenant=tenant,
            contract=contract,
            request_id=request_id,
            reason=cause.value,
            client_id=client_id,
            source=source,
        )
    )


def administered(what: str, tenant: str, *, now: datetime, actor: str, about: str) -> RecordAudit:
    """Return the record of an operator's change; ``about`` is the id of what was changed."""
    return RecordAudit(
        AuditRecord(
            at=now,
            event=f"{ADMINISTRATION}.{what}",
            outcome="ok",
            tenant=tenant,
            contract="",
            request_id="",
            source=actor,
            subject=about,
        )
    )
