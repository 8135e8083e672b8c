"""Budgets of mail and of links, counted as guesses are.

What was asked for and where from are counted before anything is looked up, and told when they are spent. The mailbox
that would get the letter is counted with the commit, under whichever name it was asked for, and never told: that it is
full would say whose it is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import NamedTuple

from tokenhouse.accounts.identifiers import canonical
from tokenhouse.accounts.people import asked_name
from tokenhouse.model.effects import ReserveGuess
from tokenhouse.model.records import Ticket
from tokenhouse.protocol.names import IdentifierKind
from tokenhouse.store.ports import Ledger

Budget = Callable[[str, str, datetime], Awaitable[bytes]]
"""Names a budget: kind, name, now -> bytes."""


class MailLimits(NamedTuple):
    """How many letters one address may get and one source may ask for, and how often one link may be tried."""

    address: int
    source: int
    window_seconds: int
    link: int


class MailBudgets:
    """Reserves letters and tries."""

    def __init__(self, ledger: Ledger, budget: Budget, limits: MailLimits) -> None:
        self._ledger = ledger
        self._budget = budget
        self._limits = limits

    async def reserve(self, tenant: str, asked: str, source: str, now: datetime) -> None:
        """Take one letter from the budgets of what was asked for and of its source.

        Raises:
            Limited: one of them is spent; neither was touched.

        """
        limits = self._limits
        await self._ledger.commit(
            [
                await self._reserving("mail asked", asked_name(tenant, asked), limits.address, now),
                await self._reserving("mail source", source, limits.source, now),
            ]
        )

    async def of_mailbox(self, tenant: str, address: str, now: datetime) -> ReserveGuess:
        """Return the reservation of one letter to a mailbox, for the commit of what it is about."""
        name = f"{tenant}\0{canonical(IdentifierKind.EMAIL, address)}"
        return await self._reserving("mail", name, self._limits.address, now)

    async def try_link(self, ticket: Ticket, now: datetime) -> None:
        """Take one try from a link, so that it does not hash, or ask for names, without end.

        Raises:
            Limited: it was tried too often.

        """
        await self._ledger.commit([await self._reserving("link", ticket.digest.hex(), self._limits.link, now)])

    async def _reserving(self, kind: str, name: str, limit: int, now: datetime) -> ReserveGuess:
        return ReserveGuess(await self._budget(kind, name, now), limit, self._limits.window_seconds, now)
