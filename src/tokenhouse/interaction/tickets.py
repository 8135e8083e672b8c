"""Links: 256 random bits in a mail, a keyed digest in the store, single use by conditional delete.

Whoever has read the store cannot follow one, and nobody can follow one twice.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Literal, NamedTuple

from tokenhouse.interaction.moves import Site, Wish
from tokenhouse.model.records import Account, Ticket
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import InvalidToken
from tokenhouse.protocol.secret import Secret
from tokenhouse.store.ports import TicketReader

DIGEST = "ticket"
"""The purpose under which links are digested."""

PARAMETER = "link"
"""What carries a link in the query of a page."""

Purpose = Literal["sign_up", "reset_password", "change_email"]
Digest = Callable[[str, bytes, datetime], Awaitable[bytes]]

_BYTES = 32
_SHAPE = re.compile(r"[A-Za-z0-9_-]{43}")


class Made(NamedTuple):
    """A new link: what goes into the mail, and what is remembered of it."""

    link: Secret
    ticket: Ticket


class Tickets:
    """Makes links and finds what they lead to."""

    def __init__(self, reader: TicketReader, digest: Digest) -> None:
        self._reader = reader
        self._digest = digest

    async def make(self, site: Site, wish: Wish, purpose: Purpose, email: str, account: Account | None) -> Made:
        """Return a new link; nothing is remembered yet."""
        link = Secret(secrets.token_urlsafe(_BYTES))
        ticket = Ticket(
            digest=await self._digest(DIGEST, link.reveal().encode(), wish.now),
            tenant=site.tenant,
            purpose=purpose,
            email=email,
            expires_at=wish.now + (site.reset_ttl if purpose == "reset_password" else site.link_ttl),
            user_id=account.user_id if account else None,
        )
        return Made(link, ticket)

    async def require(self, site: Site, link: Secret | None, purpose: Purpose, now: datetime) -> Ticket:
        """Return what a link leads to. Looking does not use it up.

        Raises:
            InvalidToken: it is none, was followed, is too old, or is for another tenant or purpose.

        """
        text = link.reveal() if link else ""
        if _SHAPE.fullmatch(text) is None:
            raise InvalidToken(Cause.BAD_LINK)
        ticket = await self._reader.find_ticket(await self._digest(DIGEST, text.encode(), now))
        if ticket is None or (ticket.tenant, ticket.purpose) != (site.tenant, purpose) or ticket.expires_at <= now:
            raise InvalidToken(Cause.BAD_LINK)
        return ticket
