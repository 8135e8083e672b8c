"""The corridor of the pages for people: a flow decides, the store remembers, the outbox takes the letters.

Whoever asks learns the same whether or not a letter was written, after the same work.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tokenhouse.interaction.moves import Move, Outcome, Site, Wish
from tokenhouse.mail.letters import Letter
from tokenhouse.model.effects import Conflict, RaceLost
from tokenhouse.model.records import Tenant
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import Busy, Forbidden, Limited
from tokenhouse.store.ports import Ledger

_TRIES = 3
"""Somebody else changed the person first; the second look settles it, the third is for a slow one."""


class TenantLedger(Ledger, Protocol):
    """The ports of this corridor."""

    async def list_tenants(self) -> Sequence[Tenant]:
        """Return all tenants by name."""
        ...


class Post(Protocol):
    """Takes letters."""

    def require_room(self) -> None:
        """Pass if it takes another letter."""
        ...

    def post(self, letter: Letter) -> None:
        """Take a letter."""
        ...


class PeopleCorridor:
    """Answers what people ask for themselves."""

    def __init__(self, store: TenantLedger, outbox: Post) -> None:
        self._store = store
        self._outbox = outbox

    async def walk(self, move: Move, site: Site, wish: Wish, *, writes: bool = True) -> None:
        """Do what is wished. ``writes`` False: no letter comes of it, so it does not wait for mail that is stuck.

        Raises:
            Refusal: with whatever must be remembered all the same.

        """
        await self.require_open(site)
        if writes:
            # Before anything is looked up: a full outbox must not say who would have got a letter.
            self._outbox.require_room()
        for _ in range(_TRIES):
            outcome = await move(site, wish)
            try:
                letters = await self._remember(outcome)
            except (Conflict, RaceLost):
                if outcome.lost is not None:
                    raise outcome.lost from None
                continue
            for letter in letters:
                self._outbox.post(letter)
            return
        raise Busy(Cause.BUSY, retry_after=1)

    async def require_open(self, site: Site) -> None:
        """Pass if the tenant exists and is enabled.

        Raises:
            Forbidden: it does not or is not.

        """
        tenants = await self._store.list_tenants()
        if not any(tenant.name == site.tenant and tenant.enabled for tenant in tenants):
            raise Forbidden(Cause.NOT_ALLOWED)

    async def _remember(self, outcome: Outcome) -> tuple[Letter, ...]:
        try:
            await self._store.commit(outcome.effects)
        except Limited:
            if outcome.instead is None:
                raise
            await self._store.commit(outcome.instead)
            return ()
        return outcome.letters
