"""The resource owner password credentials grant: what the legacy contracts are made of.

Spec: RFC 6749 §4.3. Never advertised; allowed per client.
"""

from __future__ import annotations

from tokenhouse.accounts.people import People
from tokenhouse.grants.scope import grant_scope
from tokenhouse.model.decision import Caller, Decision, Step
from tokenhouse.model.effects import NoteSignIn
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.messages import TokenRequest
from tokenhouse.protocol.names import GrantType
from tokenhouse.protocol.refusals import InvalidRequest, UnauthorizedClient


class Password:
    """Decides `password`."""

    grant_type = GrantType.PASSWORD

    def __init__(self, people: People) -> None:
        self._people = people

    async def decide(self, request: TokenRequest, caller: Caller) -> Decision:
        """Return what the person who proved the password lets the client have.

        Raises:
            UnauthorizedClient: the client's right to this grant is over.
            InvalidRequest: no name or no password.
            InvalidScope: more than the client may ask for; judged before the password is looked at.
            InvalidGrant, Limited, Busy: see `People.prove`.

        """
        client, now = caller.client, request.now
        if client.password_ends_at is not None and client.password_ends_at <= now:
            raise UnauthorizedClient(Cause.NOT_ALLOWED)
        if request.identifier is None:
            raise InvalidRequest(Cause.MISSING, field="username")
        if request.password is None:
            raise InvalidRequest(Cause.MISSING, field="password")
        scope = grant_scope(request.scope, client.scopes, caller.mount.contract)
        proven = await self._people.prove(
            client.tenant, request.identifier, request.password, request.source, now, caller.mount
        )
        return Decision(
            caller,
            Step.OPEN,
            scope,
            now,
            account=proven.account,
            device=request.device,
            device_name=request.device_name,
            issues=request.issues,
            effects=(*proven.effects, NoteSignIn(client.tenant, proven.account.user_id, now)),
        )
