"""The named subject grant: a back end asks for a person whom it names, and vouches for that by its API secret.

No standard grant; some legacy contracts have it. The person proves nothing, so the client's plain secret is not enough.
"""

from __future__ import annotations

from tokenhouse.accounts.people import People
from tokenhouse.grants.scope import grant_scope
from tokenhouse.model.decision import Caller, Decision, Step
from tokenhouse.model.effects import NoteSignIn
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.messages import TokenRequest
from tokenhouse.protocol.names import API_SECRET, GrantType
from tokenhouse.protocol.refusals import InvalidRequest, UnauthorizedClient


class NamedSubject:
    """Decides `named_subject`."""

    grant_type = GrantType.NAMED_SUBJECT

    def __init__(self, people: People) -> None:
        self._people = people

    async def decide(self, request: TokenRequest, caller: Caller) -> Decision:
        """Return what the named person's back end gets.

        Raises:
            UnauthorizedClient: the client has not shown its API secret.
            InvalidRequest: nobody is named, or nobody of the client's tenant (``not_found``).
            InvalidScope: more than the client may ask for.

        """
        # The caller is proven; by which of its secrets is what its credentials say.
        if request.credentials.secret is None or request.credentials.slot != API_SECRET:
            raise UnauthorizedClient(Cause.NOT_ALLOWED)
        if request.identifier is None:
            raise InvalidRequest(Cause.MISSING, field="user_id")
        scope = grant_scope(request.scope, caller.client.scopes, caller.mount.contract)
        account = await self._people.find(caller.client.tenant, request.identifier)
        if account is None:
            raise InvalidRequest(Cause.NOT_FOUND, field=request.identifier.kind.value)
        return Decision(
            caller,
            Step.OPEN,
            scope,
            request.now,
            account=account,
            device=request.device,
            device_name=request.device_name,
            issues=request.issues,
            effects=(NoteSignIn(account.tenant, account.user_id, request.now),),
        )
