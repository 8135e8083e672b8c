"""The client credentials grant: a client acts for itself.

Spec: RFC 6749 §4.4. No refresh token (§4.4.3).
"""

from __future__ import annotations

from tokenhouse.grants.scope import grant_scope
from tokenhouse.model.decision import Caller, Decision, Step
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.messages import TokenRequest
from tokenhouse.protocol.names import AuthMethod, GrantType
from tokenhouse.protocol.refusals import UnauthorizedClient


class ClientCredentials:
    """Decides `client_credentials`."""

    grant_type = GrantType.CLIENT_CREDENTIALS

    async def decide(self, request: TokenRequest, caller: Caller) -> Decision:
        """Return what the client gets.

        Raises:
            UnauthorizedClient: the client has shown no secret; a public one never acts for itself.
            InvalidScope: it asked for more than it may.

        """
        if request.credentials.method is AuthMethod.NONE:
            raise UnauthorizedClient(Cause.NOT_ALLOWED)
        scope = grant_scope(request.scope, caller.client.scopes, caller.mount.contract)
        return Decision(caller, Step.OPEN, scope, request.now, issues=request.issues)
