"""Audit events and the records of a corridor. Names are constants: they are searched for at three in the morning."""

from __future__ import annotations

from datetime import datetime

from tokenhouse.model.decision import Decision, Step
from tokenhouse.model.effects import RecordAudit
from tokenhouse.model.records import Account, AuditRecord, Authorization
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.names import GrantType

LOGIN = "login"
NAMED_LOGIN = "login_named"
"""A back end has asked for the tokens of a person whom it named."""
PROVIDER_LOGIN = "login_by_provider"
CLIENT_TOKEN = "client_token"
REFRESH = "refresh"
REVOKE = "revoke"
REUSE = "refresh_reuse"
REGISTER = "register"
UPDATE = "update"
UNLOCK = "unlock"
SIGN_OUT_DEVICE = "sign_out_device"
SIGN_OUT_EVERYWHERE = "sign_out_everywhere"
SIGN_UP_ASKED = "sign_up_asked"
SIGN_UP = "sign_up"
RESET_ASKED = "password_reset_asked"
RESET = "password_reset"
PASSWORD_CHANGE = "password_change"
EMAIL_CHANGE_ASKED = "email_change_asked"
EMAIL_CHANGE = "email_change"
REFUSED = "refused"
ADMINISTRATION = "administration"

PEOPLE = "people"
"""The contract under which people help themselves."""

_LOGINS = {GrantType.NAMED_SUBJECT.value: NAMED_LOGIN, GrantType.ASSERTION.value: PROVIDER_LOGIN}
"""What a login is called whose person has shown no password."""


def granted(decision: Decision, row: Authorization, request_id: str, source: str, grant_type: str = "") -> RecordAudit:
    """Return the record of a login, a client's own token with a row, or a refresh."""
    opened = CLIENT_TOKEN if row.subject is None else _LOGINS.get(grant_type, LOGIN)
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


def of_person(
    event: str,
    account: Account,
    contract: str,
    *,
    now: datetime,
    request_id: str,
    source: str,
    client_id: str | None = None,
    row: Authorization | None = None,
    reason: str = "",
) -> RecordAudit:
    """Return the record of what happened to a person; ``row`` is the login with which it was asked for."""
    return RecordAudit(
        AuditRecord(
            at=now,
            event=event,
            outcome="ok",
            tenant=account.tenant,
            contract=contract,
            request_id=request_id,
            reason=reason,
            client_id=client_id,
            subject=account.user_id,
            source=source,
            authorization_id=row.id if row else None,
        )
    )


def self_service(
    event: str,
    tenant: str,
    account: Account | None,
    *,
    now: datetime,
    request_id: str,
    source: str,
    reason: str = "",
) -> RecordAudit:
    """Return the record of what somebody has asked of the pages for people; ``account`` None: nobody was meant by it.

    ``reason`` says why no letter was sent, where one could have been.
    """
    return RecordAudit(
        AuditRecord(
            at=now,
            event=event,
            outcome="ok",
            tenant=tenant,
            contract=PEOPLE,
            request_id=request_id,
            reason=reason,
            subject=account.user_id if account else None,
            source=source,
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
    subject: str | None = None,
) -> RecordAudit:
    """Return the record of a refused request; ``subject`` is the person whom it is about, if that is known."""
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
            subject=subject,
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
