"""The token endpoint: six rooms, each called once.

Spec: RFC 6749 §3.2; every contract's token call comes through here.
"""

from __future__ import annotations

from tokenhouse.audit import events
from tokenhouse.clients.authentication import Clients
from tokenhouse.grants.registry import Grants
from tokenhouse.grants.targets import Targets
from tokenhouse.model.decision import Caller
from tokenhouse.model.effects import RaceLost
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.contract import Mount
from tokenhouse.protocol.messages import TokenRequest, TokenResponse
from tokenhouse.protocol.refusals import Busy, Refusal
from tokenhouse.store.ports import Ledger
from tokenhouse.tokens.gate import admit
from tokenhouse.tokens.issuer import Issuer

_TRIES = 3
"""A lost race is decided again on what the row says now; the second look settles it, the third is for a slow one."""


class TokenCorridor:
    """Answers token requests of every contract."""

    def __init__(self, clients: Clients, grants: Grants, targets: Targets, issuer: Issuer, store: Ledger) -> None:
        self.clients = clients
        self.grants = grants
        self.targets = targets
        self.issuer = issuer
        self.store = store

    async def token(self, request: TokenRequest, mount: Mount) -> TokenResponse:
        """Return the tokens.

        Raises:
            Refusal: with whatever must be remembered all the same.

        """
        for _ in range(_TRIES):
            try:
                return await self._walk(request, mount)
            except RaceLost:
                continue
        raise Busy(Cause.BUSY, retry_after=1)

    async def _walk(self, request: TokenRequest, mount: Mount) -> TokenResponse:
        caller = await self.clients.authenticate(request.credentials, mount, request.source, request.now)
        try:
            return await self._grant(request, caller)
        except Refusal as refusal:
            # The client did prove itself: what it reserved for that is given back, whatever else is wrong.
            refusal.carrying(*caller.effects)
            raise
        except RaceLost:
            # Next time it is known without a guess, so nobody would give this one back.
            if caller.effects:
                await self.store.commit(caller.effects)
            raise

    async def _grant(self, request: TokenRequest, caller: Caller) -> TokenResponse:
        grant = self.grants.select(request, caller)
        target = await self.targets.choose(request, caller)
        decision = await self.targets.apply(await grant.decide(request, caller), target, request)
        admitted = admit(decision)
        issued = await self.issuer.issue(admitted)
        effects = caller.effects + decision.effects + issued.effects
        if issued.row is not None:
            effects += (events.granted(decision, issued.row, request.id, request.source, request.grant_type),)
        await self.store.commit(effects)
        return issued.response
