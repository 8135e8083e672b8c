"""Endings: what a revocation ends, from one token to everything that a person has open."""

from __future__ import annotations

from tokenhouse.audit import events
from tokenhouse.model.effects import (
    Effect,
    EndDeviceSessions,
    EndSessions,
    RecordAudit,
    RevokeAuthorization,
    RevokeToken,
)
from tokenhouse.model.records import Account, Authorization
from tokenhouse.protocol.messages import CallRequest
from tokenhouse.protocol.names import TokenUse
from tokenhouse.tokens.inspection import Inspection, Live


async def ending_of(
    request: CallRequest, token: Live, person: Account | None, inspection: Inspection
) -> tuple[Effect, ...]:
    """Return what a protected call ends.

    An app that names a person ends all that the person has open; an app's own token has no person's sessions to end,
    and a login without a device is its own device.
    """
    row, ends = token.found.row, request.ends
    if person is not None and (ends == "user" or token.account is None):
        everything = EndSessions(person.tenant, person.user_id, request.now)
        return everything, told(events.SIGN_OUT_EVERYWHERE, request, token, person)
    if person is not None and row is not None and ends == "device" and row.device is not None:
        device = EndDeviceSessions(row.tenant, person.user_id, row.contract, row.device, request.now)
        return device, told(events.SIGN_OUT_DEVICE, request, token, person)
    if row is not None and (ends != "token" or _carries_login(token, row)):
        ended = events.ended(row, events.REVOKE, request.now, request.id, request.source)
        return RevokeAuthorization(row.id, request.now), ended
    return await _one_token(request, token, inspection)


def _carries_login(token: Live, row: Authorization) -> bool:
    """Return whether the login ends with this token: it is not an access token that can be renewed, or never ends."""
    return token.found.use is not TokenUse.ACCESS or not row.has_refresh or token.found.expires_at is None


async def _one_token(request: CallRequest, token: Live, inspection: Inspection) -> tuple[Effect, ...]:
    found, now = token.found, request.now
    assert found.expires_at is not None, "a token without a row carries its end"
    digest = await inspection.digest(found, now)
    record = events.token_ended(
        found.tenant,
        found.mount.contract.name,
        found.client_id,
        found.row,
        now=now,
        request_id=request.id,
        source=request.source,
    )
    return RevokeToken(digest, found.expires_at), record


def told(event: str, request: CallRequest, token: Live, person: Account, reason: str = "") -> RecordAudit:
    """Return the record of what a call did to a person."""
    return events.of_person(
        event,
        person,
        token.found.mount.contract.name,
        now=request.now,
        request_id=request.id,
        source=request.source,
        client_id=token.client.client_id,
        row=token.found.row,
        reason=reason,
    )
