"""The refresh token grant: rotation with one successor, or a kept token where the contract keeps it.

A repeated refresh within the grace window gets the same successor; a token older than that, or of another making, was
copied, and its login ends. Spec: RFC 6749 §6, RFC 9700 §4.14.
"""

from __future__ import annotations

from datetime import timedelta

from tokenhouse.audit import events
from tokenhouse.grants.scope import grant_scope
from tokenhouse.model.decision import Caller, Decision, Step
from tokenhouse.model.effects import RevokeAuthorization
from tokenhouse.model.records import Authorization
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.contract import OpaqueForm
from tokenhouse.protocol.messages import TokenRequest
from tokenhouse.protocol.names import GrantType, TokenUse
from tokenhouse.protocol.refusals import InvalidGrant, InvalidRequest
from tokenhouse.store.ports import AccountReader
from tokenhouse.tokens.handle import seconds
from tokenhouse.tokens.inspection import Found, Inspection, within


class RefreshToken:
    """Decides `refresh_token`. ``grace`` is how long a lost answer can be asked for again."""

    grant_type = GrantType.REFRESH_TOKEN

    def __init__(self, inspection: Inspection, accounts: AccountReader, grace: timedelta) -> None:
        self._inspection = inspection
        self._accounts = accounts
        self._grace = grace

    async def decide(self, request: TokenRequest, caller: Caller) -> Decision:
        """Return what the login still permits.

        Raises:
            InvalidRequest: no token.
            InvalidGrant: not a refresh token of this contract and client, or not a living one; a reused one carries
                the end of its login.
            InvalidScope: more than was granted.

        """
        if request.token is None:
            raise InvalidRequest(Cause.MISSING, field="refresh_token")
        found, row = await self._find(request.token.reveal(), caller, request)
        if row.revoked_at is not None:
            raise InvalidGrant(Cause.REVOKED_TOKEN)
        step = self._step(found, row, caller, request)
        if row.client_id != caller.client.client_id:
            raise InvalidGrant(Cause.FOREIGN_TOKEN)
        account = await self._accounts.find_account_by_id(row.tenant, row.subject) if row.subject else None
        return Decision(
            caller,
            step,
            _scope(request, row, caller),
            request.now,
            account=account,
            authorization=row,
            issues=request.issues,
        )

    async def _find(self, text: str, caller: Caller, request: TokenRequest) -> tuple[Found, Authorization]:
        plan = caller.mount.contract.plan(TokenUse.REFRESH)
        if plan is None:
            raise InvalidGrant(Cause.BAD_TOKEN)
        tenant = caller.client.tenant
        found = await self._inspection.find_opaque(text, caller.mount, plan, tenant, request.now)
        if found is None or found.row is None:
            raise InvalidGrant(Cause.BAD_TOKEN)
        return found, found.row

    def _step(self, found: Found, row: Authorization, caller: Caller, request: TokenRequest) -> Step:
        generation = found.handle.number
        if generation == row.generation and found.handle.time == seconds(row.advanced_at):
            return Step.KEEP if caller.mount.contract.session.refresh == "keep" else Step.ADVANCE
        within_grace = request.now - row.advanced_at < self._grace
        mine = row.client_id == caller.client.client_id
        if generation == row.generation - 1 and within_grace and mine:
            return Step.REPEAT
        raise InvalidGrant(
            Cause.USED_TOKEN,
            effects=(
                RevokeAuthorization(row.id, request.now),
                events.ended(row, events.REUSE, request.now, request.id, request.source),
            ),
        )


def _scope(request: TokenRequest, row: Authorization, caller: Caller) -> tuple[str, ...]:
    """Return the scope of the new tokens: of what was granted, what the client may still have.

    An opaque one says what its row says, so it cannot be narrowed by who asks.
    """
    allowed = within(row.scope, caller.client.scopes)
    scope = grant_scope(request.scope, allowed, caller.mount.contract)
    access = caller.mount.contract.plan(TokenUse.ACCESS)
    by_row = access is not None and (
        isinstance(access.form, OpaqueForm) or (access.opaque and caller.client.access_format == "opaque")
    )
    return allowed if by_row else scope
