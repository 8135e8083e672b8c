"""Guessing budgets: per account and per source, taken before anything is checked, given back when the guess was right.

The budget of an account is the same at every door. An unknown name has one too, so the limit tells nothing; and so that
it does not tell at a second door either, whether the name meant somebody at the first, a name is counted by itself too.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import NamedTuple

from tokenhouse.model.effects import ReserveGuess, ReturnGuess
from tokenhouse.store.ports import Ledger

Digest = Callable[[str, bytes, datetime], Awaitable[bytes]]
"""A keyed digest: purpose, data, now -> bytes. Budgets are named by it, so the table holds no names of people."""

_BUDGET_BYTES = 16


class GuessLimits(NamedTuple):
    """How many wrong guesses one account and one source may make in a window."""

    account: int
    source: int
    window_seconds: int


class Guesses:
    """Reserves guesses. This is the one write outside the final commit of a corridor."""

    def __init__(self, ledger: Ledger, digest: Digest, limits: GuessLimits) -> None:
        self._ledger = ledger
        self._digest = digest
        self._limits = limits

    async def budget(self, kind: str, name: str, now: datetime) -> bytes:
        """Return the name of a budget: ``kind`` is account, name, client or source."""
        return (await self._digest(f"guess {kind}", name.encode(), now))[:_BUDGET_BYTES]

    async def reserve(
        self, kind: str, name: str, source: str, now: datetime, *, asked: str | None = None
    ) -> tuple[ReturnGuess, ...]:
        """Take one guess from the budgets of ``name`` and of ``source``; return the effects that give them back.

        ``asked`` is what a person was called, whoever is meant by it; it has the budget of an account.

        Raises:
            Limited: one of them is spent; none was touched.

        """
        limits = self._limits
        most = {await self.budget(kind, name, now): limits.account}
        if asked is not None:
            most[await self.budget("name", asked, now)] = limits.account
        most[await self.budget("source", source, now)] = limits.source
        await self._ledger.commit(
            [ReserveGuess(budget, limit, limits.window_seconds, now) for budget, limit in most.items()]
        )
        return tuple(ReturnGuess(budget) for budget in most)
