"""Introspection and revocation: questions about one token, asked by a client that has proven itself.

Spec: RFC 7662, RFC 7009.
"""

from __future__ import annotations

from typing import Any

from tokenhouse.audit import events
from tokenhouse.clients.authentication import Clients
from tokenhouse.endpoints.credentials import CREDENTIALS, PresentedCredentials
from tokenhouse.model.decision import Caller
from tokenhouse.model.effects import Effect, RevokeAuthorization, RevokeToken
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.contract import Mount
from tokenhouse.protocol.messages import TokenQuestion
from tokenhouse.protocol.names import STANDARD_CONTRACT, AuthMethod, TokenUse
from tokenhouse.protocol.refusals import Forbidden, InvalidRequest, UnsupportedTokenType
from tokenhouse.protocol.secret import Secret
from tokenhouse.store.ports import Ledger
from tokenhouse.tokens.facts import default_audience
from tokenhouse.tokens.gate import require_client
from tokenhouse.tokens.handle import seconds
from tokenhouse.tokens.inspection import Found, Inspection, Live
from tokenhouse.tokens.mapping import RESERVED, combined, mapped

INACTIVE: dict[str, Any] = {"active": False}


class Questions:
    """Answers introspection and revocation requests."""

    def __init__(
        self, clients: Clients, inspection: Inspection, credentials: PresentedCredentials, store: Ledger
    ) -> None:
        self._clients = clients
        self._inspection = inspection
        self._credentials = credentials
        self._store = store

    async def introspect(self, question: TokenQuestion, mount: Mount) -> dict[str, Any]:
        """Return the facts of a living token that the caller may know about, else exactly ``{"active": false}``.

        Where the hint says so, what is asked about is no token but what a contract's APIs are called with instead.

        Raises:
            InvalidClient: the caller did not prove itself.
            Forbidden: the caller may not introspect at all, or not ask about more than its own tokens.
            InvalidRequest: no token was sent, or no id beside a client's secret.
            Limited, Busy: a human-chosen client secret could not be checked now.

        """
        caller, token = await self._hear(question, mount)
        right = caller.client.introspection
        if right == "none" or question.credentials.method is AuthMethod.NONE:
            raise Forbidden(Cause.NOT_ALLOWED)
        if question.hint in CREDENTIALS:
            if right != "tenant":
                raise Forbidden(Cause.NOT_ALLOWED)
            return await self._credentials.facts(question, token, caller.client.tenant) or INACTIVE
        found = await self._inspection.find(token.reveal(), caller.client.tenant, question.now)
        token_live = await self._inspection.require_live(found, question.now)
        if token_live is None or (right == "own" and token_live.client.client_id != caller.client.client_id):
            return INACTIVE
        return _facts(token_live)

    async def revoke(self, question: TokenQuestion, mount: Mount) -> None:
        """End a token of the caller's own; anything else is already as if it did not exist (RFC 7009 §2.2).

        Raises:
            InvalidClient: the caller did not prove itself.
            InvalidRequest: no token was sent.
            UnsupportedTokenType: it is called a credential, and those are ended by operators.

        """
        caller, token = await self._hear(question, mount)
        if question.hint in CREDENTIALS:
            raise UnsupportedTokenType(Cause.UNACCEPTABLE, field="token_type_hint")
        found = await self._inspection.find(token.reveal(), caller.client.tenant, question.now)
        if found is not None and found.client_id == caller.client.client_id:
            await self._store.commit(await self._ending(found, question))

    async def _hear(self, question: TokenQuestion, mount: Mount) -> tuple[Caller, Secret]:
        caller = await self._clients.authenticate(question.credentials, mount, question.source, question.now)
        await self._store.commit(caller.effects)
        require_client(caller, question.now)
        if question.fault is not None:
            raise question.fault
        if question.token is None:
            raise InvalidRequest(Cause.MISSING, field="token")
        return caller, question.token

    async def _ending(self, found: Found, question: TokenQuestion) -> tuple[Effect, ...]:
        """Return what ends: the login, if this token carries it or has no end of its own; else the one token."""
        row, now = found.row, question.now
        carries_login = found.use is not TokenUse.ACCESS or found.expires_at is None
        if row is not None and (carries_login or not row.has_refresh):
            gone = row.revoked_at is not None
            audit = events.ended(row, events.REVOKE, now, question.id, question.source)
            return () if gone else (RevokeAuthorization(row.id, now), audit)
        if found.expires_at is None or found.expires_at <= now:
            return ()
        audit_one = events.token_ended(
            found.tenant,
            found.mount.contract.name,
            found.client_id,
            row,
            now=now,
            request_id=question.id,
            source=question.source,
        )
        return RevokeToken(await self._inspection.digest(found, now), found.expires_at), audit_one


def _facts(token: Live) -> dict[str, Any]:
    """Return RFC 7662 §2.2 members, in its order, then custom claims; what has no value is left out."""
    found, row, claims = token.found, token.found.row, token.found.claims or {}
    said = claims.get("scope", " ".join(token.scope) or None)
    subject = row.subject if row else None
    members = {
        "active": True,
        "scope": " ".join(said) if isinstance(said, list) else said,
        "client_id": found.client_id,
        "username": token.account.username or token.account.email if token.account else None,
        "token_type": "Bearer" if found.use is TokenUse.ACCESS else None,
        "exp": None if found.expires_at is None else seconds(found.expires_at),
        "iat": seconds(found.issued_at),
        "nbf": claims.get("nbf"),
        "sub": subject or claims.get("sub") or found.client_id,
        "aud": _audience(token),
        "iss": found.mount.issuer,
        "jti": claims.get("jti"),
    }
    return {name: value for name, value in (members | _custom_claims(token)).items() if value is not None}


def _audience(token: Live) -> str | list[str] | None:
    """Return whom an access token is for: as a signed one says itself, else as things stand now."""
    found = token.found
    if found.claims is not None or found.use is not TokenUse.ACCESS:
        return (found.claims or {}).get("aud")
    named = [one.identifier for one in token.resources] or list(default_audience(token.client, found.mount))
    return named[0] if len(named) == 1 else named


def _custom_claims(token: Live) -> dict[str, Any]:
    found = token.found
    if found.mount.contract.name != STANDARD_CONTRACT or found.use is not TokenUse.ACCESS:
        return {}
    if found.claims is not None:
        return {name: value for name, value in found.claims.items() if name not in RESERVED}
    return mapped(combined(token.client, token.resources), token.client, token.account)
