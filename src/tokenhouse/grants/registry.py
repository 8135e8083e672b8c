"""The registry of grants: what a grant type means here, and who may use it.

Spec: RFC 6749 §5.2 (unsupported_grant_type, unauthorized_client).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from tokenhouse.model.decision import Caller, Decision
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.messages import TokenRequest
from tokenhouse.protocol.names import GrantType
from tokenhouse.protocol.refusals import UnauthorizedClient, UnsupportedGrantType
from tokenhouse.tokens.gate import require_client


class Grant(Protocol):
    """One grant type."""

    grant_type: GrantType

    async def decide(self, request: TokenRequest, caller: Caller) -> Decision:
        """Return what ``caller`` is entitled to; raise the refusal otherwise."""
        ...


class Grants:
    """The grants of this server, by their registered names."""

    def __init__(self, grants: Iterable[Grant]) -> None:
        self._by_type: dict[str, Grant] = {grant.grant_type.value: grant for grant in grants}

    def select(self, request: TokenRequest, caller: Caller) -> Grant:
        """Return the grant that answers ``request``.

        Raises:
            InvalidClient: the client may not ask at all any more.
            Refusal: what was wrong with the message, now that the client is known.
            UnsupportedGrantType: the contract does not offer it.
            UnauthorizedClient: the client may not use it.

        """
        require_client(caller, request.now, caller.mount.contract.name)
        if request.fault is not None:
            raise request.fault
        grant = self._by_type.get(request.grant_type)
        if grant is None or request.grant_type not in caller.mount.contract.grants:
            raise UnsupportedGrantType(Cause.UNSUPPORTED, field="grant_type")
        if request.grant_type not in caller.client.grants:
            raise UnauthorizedClient(Cause.NOT_ALLOWED)
        return grant
