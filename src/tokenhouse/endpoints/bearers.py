"""Bearers: the token of a protected call, judged where it is used, and what may be said of those behind it.

Spec: RFC 6750 §2, §3.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from tokenhouse.accounts.people import People
from tokenhouse.model.records import Account, Tenant
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.contract import Mount
from tokenhouse.protocol.messages import CallRequest, Identifier, TokenResponse
from tokenhouse.protocol.names import Bearer, CallKind, IdentifierKind, TokenUse
from tokenhouse.protocol.refusals import InvalidToken, NotFound, Refusal
from tokenhouse.tokens.facts import client_facts, default_audience, session_facts, user_facts
from tokenhouse.tokens.inspection import Found, Inspection, Live
from tokenhouse.tokens.keys import KeyRing


class TenantReader(Protocol):
    """Reads tenants."""

    async def list_tenants(self) -> Sequence[Tenant]:
        """Return all tenants by name."""
        ...


class Bearers:
    """Finds the tokens of one contract."""

    def __init__(self, inspection: Inspection, keys: KeyRing, people: People, tenants: TenantReader) -> None:
        self.inspection = inspection
        self._keys = keys
        self._people = people
        self._tenants = tenants

    async def require(self, request: CallRequest, mount: Mount) -> Live:
        """Return the living token of this contract that ``request`` presents.

        Raises:
            InvalidToken: there is none, it is none of this contract, it has ended, or it is of the wrong bearer.
            NotFound: all of it is good, but the person is gone.

        """
        if request.token is None:
            raise InvalidToken(Cause.NO_TOKEN)
        found = await self._find(request.token.reveal(), request, mount)
        # A refresh token says who it is to the token endpoint only; here it can do nothing but end.
        if found is None or (found.use is not TokenUse.ACCESS and request.does is not CallKind.REVOKE):
            raise InvalidToken(Cause.BAD_TOKEN)
        token = await self.inspection.require_live(found, request.now)
        if token is None:
            raise await self._why(found, request)
        kind = Bearer.USER if token.account is not None else Bearer.CLIENT
        if request.bearer not in {kind, Bearer.EITHER}:
            raise InvalidToken(Cause.WRONG_BEARER)
        return token

    async def _why(self, found: Found, request: CallRequest) -> Refusal:
        """Return why a token of this contract is not honoured; only its holder learns that the person is gone."""
        if found.expires_at is not None and found.expires_at <= request.now:
            return InvalidToken(Cause.EXPIRED_TOKEN)
        row = found.row
        if row is None or row.subject is None or row.revoked_at is not None:
            return InvalidToken(Cause.REVOKED_TOKEN)
        person = await self._people.find(found.tenant, Identifier(IdentifierKind.USER_ID, row.subject))
        return NotFound(Cause.NOT_FOUND) if person is None else InvalidToken(Cause.REVOKED_TOKEN)

    async def _find(self, text: str, request: CallRequest, mount: Mount) -> Found | None:
        if mount.tenant is not None:
            tenants = [mount.tenant]
        else:
            tenants = [tenant.name for tenant in await self._tenants.list_tenants()]
        for tenant in tenants:
            found = await self.inspection.find(text, tenant, request.now)
            if found is not None and found.mount.contract.name == mount.contract.name:
                return found
        return None

    async def say(self, request: CallRequest, token: Live, person: Account | None) -> TokenResponse:
        """Return the facts of a call's answer; ``person`` is whom it was about."""
        found, row = token.found, token.found.row
        locked = person is not None and await self._people.is_locked_out(person, found.mount, request.now)
        seal = self._keys.sealer(row.seal_key) if row else None
        return TokenResponse(
            {},
            token.scope if row else _scope(found.claims or {}),
            request.now,
            client_facts(token.client),
            user_facts(person, locked=locked) if person else None,
            session_facts(row, seal) if row and seal else None,
            (row.resources if row else ()) or default_audience(token.client, found.mount),
        )


def _scope(claims: dict[str, Any]) -> tuple[str, ...]:
    """Return the scope that a signed token carries, as text or as a list."""
    said = claims.get("scope", "")
    return tuple(said.split() if isinstance(said, str) else map(str, said))
