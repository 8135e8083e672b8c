"""Guessing budgets: per account and per source, taken before anything is checked, given back when the guess was right.

The budget of an account is the same at every door. An unknown name has one too, so the limit tells nothing; and so that
it does not tell at a second door either, whether the name meant somebody at the first, a name is counted by itself too.

A contract may lock out below that. Its budget is counted in the same commit; whoever finds it spent is told nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import NamedTuple, Protocol

from tokenhouse.accounts.lockout import LOCKOUT, Attempt, is_spent
from tokenhouse.model.effects import ClearGuesses, Effect, ReserveGuess, ReturnGuess
from tokenhouse.protocol.refusals import Limited
from tokenhouse.store.ports import GuessReader, Ledger

Digest = Callable[[str, bytes, datetime], Awaitable[bytes]]
"""A keyed digest: purpose, data, now -> bytes. Budgets are named by it, so the table holds no names of people."""

_BUDGET_BYTES = 16


class GuessStore(GuessReader, Ledger, Protocol):
    """The ports that guessing works with."""


class GuessLimits(NamedTuple):
    """How many wrong guesses one account and one source may make in a window."""

    account: int
    source: int
    window_seconds: int


class Reserved(NamedTuple):
    """A guess that may be checked. ``refunds`` are for whoever was right; ``locked``: nobody is, whatever was said."""

    refunds: tuple[Effect, ...]
    locked: bool = False


class Guesses:
    """Reserves guesses. This is the one write outside the final commit of a corridor."""

    def __init__(self, store: GuessStore, digest: Digest, limits: GuessLimits) -> None:
        self._store = store
        self._digest = digest
        self._limits = limits

    async def budget(self, kind: str, name: str, now: datetime) -> bytes:
        """Return the name of a budget: ``kind`` is account, name, client, source or lockout."""
        return (await self._digest(f"guess {kind}", name.encode(), now))[:_BUDGET_BYTES]

    async def reserve(
        self,
        kind: str,
        name: str,
        source: str,
        now: datetime,
        *,
        asked: str | None = None,
        attempt: Attempt | None = None,
    ) -> Reserved:
        """Take one guess from the budgets of ``name`` and of ``source``; return the effects that give them back.

        ``asked`` is what a person was called, whoever is meant by it; it has the budget of an account. ``attempt``
        counts towards a lockout. Every guess of one kind writes the same statements, locked out or not.

        Raises:
            Limited: a budget that is not a lockout's is spent; none was touched.

        """
        limits = self._limits
        most = {await self.budget(kind, name, now): limits.account}
        if asked is not None:
            most[await self.budget("name", asked, now)] = limits.account
        most[await self.budget("source", source, now)] = limits.source
        reserving = [ReserveGuess(budget, limit, limits.window_seconds, now) for budget, limit in most.items()]
        refunds = tuple(ReturnGuess(budget) for budget in most)
        if attempt is None:
            await self._store.commit(reserving)
            return Reserved(refunds)
        budget = await self.budget(LOCKOUT, attempt.name, now)
        locked = await self._reserve_attempt(reserving, attempt, budget, now)
        return Reserved((*refunds, ClearGuesses(budget)), locked)

    async def _reserve_attempt(
        self, reserving: list[ReserveGuess], attempt: Attempt, budget: bytes, now: datetime
    ) -> bool:
        """Reserve, and return whether the lockout was spent before; a spent one goes on counting."""
        if not await self.is_locked(attempt, budget, now):
            try:
                await self._store.commit([*reserving, attempt.counting(budget, now)])
            except Limited:
                # Either another guess was the last one a moment ago, or it is one of the other budgets.
                if not await self.is_locked(attempt, budget, now):
                    raise
            else:
                return False
        await self._store.commit([*reserving, attempt.still_counting(budget, now)])
        return True

    async def is_locked(self, attempt: Attempt, budget: bytes, now: datetime) -> bool:
        """Return whether a lockout's budget is spent now."""
        return is_spent(await self._store.find_guesses(budget), attempt.policy, now)
