"""A forgotten password: a name, a mail to the address on record, a link, a new password.

What an operator has decided stands: a person who is locked or disabled gets no mail, and no link works for him.
"""

from __future__ import annotations

from msgspec.structs import replace

from tokenhouse.accounts.choosing import NewPasswords
from tokenhouse.accounts.people import People
from tokenhouse.audit import events
from tokenhouse.interaction.budgets import MailBudgets
from tokenhouse.interaction.changes import new_password, rewritten
from tokenhouse.interaction.letters import RESET_PATH, write
from tokenhouse.interaction.moves import Outcome, Site, Wish
from tokenhouse.interaction.rules import find_bar, require_password, require_said
from tokenhouse.interaction.tickets import Tickets
from tokenhouse.model.effects import CreateTicket, EndSessions, SpendTicket
from tokenhouse.model.records import Account, Ticket
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.messages import Identifier
from tokenhouse.protocol.names import IdentifierKind
from tokenhouse.protocol.refusals import InvalidToken
from tokenhouse.store.ports import AccountReader

NO_ADDRESS = "no_address"
"""Why no letter was sent to somebody who may log in."""


class Resetting:
    """Decides the two steps of a password reset."""

    def __init__(
        self,
        reader: AccountReader,
        people: People,
        tickets: Tickets,
        budgets: MailBudgets,
        passwords: NewPasswords,
    ) -> None:
        self._reader = reader
        self._people = people
        self._tickets = tickets
        self._budgets = budgets
        self._passwords = passwords

    async def ask(self, site: Site, wish: Wish) -> Outcome:
        """Return the letter to whom a name means; to nobody, at the same cost, if nobody may have one.

        Raises:
            InvalidRequest: nobody is named.
            Limited: too many letters.

        """
        require_said(wish, "login")
        asked = wish.login or ""
        await self._budgets.reserve(site.tenant, asked, wish.source, wish.now)
        account = await self._people.find(site.tenant, Identifier(IdentifierKind.LOGIN, asked))
        bar = find_bar(account, wish)
        to = account.email if account and bar is None else None
        made = await self._tickets.make(site, wish, "reset_password", to or "", account)
        letter = write("reset", site, wish, to, opens=RESET_PATH, made=made)
        reason = bar.value if bar else ("" if to else NO_ADDRESS)
        audit = events.self_service(
            events.RESET_ASKED,
            site.tenant,
            account,
            now=wish.now,
            request_id=wish.id,
            source=wish.source,
            reason=reason,
        )
        mailbox = await self._budgets.of_mailbox(site.tenant, to or asked, wish.now)
        remembered = (CreateTicket(made.ticket),) if to else ()
        return Outcome((mailbox, *remembered, audit), (letter,), instead=(audit,))

    async def finish(self, site: Site, wish: Wish) -> Outcome:
        """Return the new password, which ends every session and every other link.

        Raises:
            InvalidToken: the link does not work, or not for this person any more.
            InvalidRequest, Unacceptable: the password is missing or too weak.
            Limited: the link was tried too often.
            Busy: the hash pool is full.

        """
        self._passwords.require_room()
        ticket = await self._tickets.require(site, wish.link, "reset_password", wish.now)
        await self._budgets.try_link(ticket, wish.now)
        account = await self._require_owner(ticket, wish)
        called = (account.username, account.email, account.phone)
        password = require_password(wish.new_password, self._passwords.min_length, *called)
        hashed = await self._passwords.hash(password)
        proven = replace(account, email_verified_at=account.email_verified_at or wish.now)
        audit = events.self_service(
            events.RESET, site.tenant, account, now=wish.now, request_id=wish.id, source=wish.source
        )
        effects = (
            SpendTicket(ticket.digest, wish.now),
            rewritten(proven),
            *new_password(account, hashed),
            EndSessions(account.tenant, account.user_id, wish.now),
            audit,
        )
        return Outcome(effects, (write("password_changed", site, wish, account.email, opens=site.reset_path),))

    async def _require_owner(self, ticket: Ticket, wish: Wish) -> Account:
        account = await self._reader.find_account_by_id(ticket.tenant, ticket.user_id or "")
        if account is None or find_bar(account, wish) is not None or account.email != ticket.email:
            raise InvalidToken(Cause.BAD_LINK)
        return account
