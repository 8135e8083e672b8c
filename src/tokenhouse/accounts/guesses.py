"""Guessing budgets: per account and per source, taken before anything is checked, given back when the guess was right.

The budget of an account is the same at every door. An unknown name has one too, so the limit tells nothing.
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
        """Return the name of a budget: ``kind`` is account, client or source."""
        return (await self._digest(f"guess {kind}", name.encode(), now))[:_BUDGET_BYTES]

    async def reserve(self, kind: str, name: str, source: str, now: datetime) -> tuple[ReturnGuess, ...]:
        """Take one guess from the budgets of ``name`` and of ``source``; return the effects that give them back.

        Raises:
            Limited: one of them is spent; neither was touched.

        """
        limits = self._limits
        mine = await self.budget(kind, name, now)
        theirs = await self.budget("source", source, now)
        await self._ledger.commit(
            (
                ReserveGuess(mine, limits.account, limits.window_seconds, now),
                ReserveGuess(theirs, limits.source, limits.window_seconds, now),
            )
        )
        return ReturnGuess(mine), ReturnGuess(theirs)
