"""Sign-up: an address, a mail, a link, and only behind the link an account.

Nothing is pending in the store but the link, so nobody can squat an address; and an account begins with a proven one.
"""

from __future__ import annotations

from tokenhouse.accounts.choosing import FORM, NewPasswords, new_user_id
from tokenhouse.accounts.identifiers import canonical, names
from tokenhouse.audit import events
from tokenhouse.interaction.budgets import MailBudgets
from tokenhouse.interaction.letters import SIGN_UP_PATH, write
from tokenhouse.interaction.moves import Outcome, Site, Wish
from tokenhouse.interaction.rules import require_address, require_names, require_password, require_said
from tokenhouse.interaction.tickets import Tickets
from tokenhouse.model.effects import CreateAccount, CreateTicket, SpendTicket
from tokenhouse.model.records import Account
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.names import IdentifierKind
from tokenhouse.protocol.refusals import InvalidToken, Unacceptable
from tokenhouse.store.ports import AccountReader


class SigningUp:
    """Decides the two steps of a sign-up."""

    def __init__(self, reader: AccountReader, tickets: Tickets, budgets: MailBudgets, passwords: NewPasswords) -> None:
        self._reader = reader
        self._tickets = tickets
        self._budgets = budgets
        self._passwords = passwords

    async def ask(self, site: Site, wish: Wish) -> Outcome:
        """Return the letter to an address: with a link, or saying that it has an account; nobody else learns which.

        Raises:
            InvalidRequest, Unacceptable: there is no address, or it is none.
            Limited: too many letters.

        """
        require_said(wish, "email")
        address = require_address(wish.email)
        await self._budgets.reserve(site.tenant, address, wish.source, wish.now)
        owner = await self._find("email", address, site)
        made = await self._tickets.make(site, wish, "sign_up", address, None)
        audit = events.self_service(
            events.SIGN_UP_ASKED,
            site.tenant,
            owner,
            now=wish.now,
            request_id=wish.id,
            source=wish.source,
            reason=Cause.TAKEN.value if owner else "",
        )
        mailbox = await self._budgets.of_mailbox(site.tenant, address, wish.now)
        if owner is not None:
            letter = write("sign_up_known", site, wish, owner.email)
            return Outcome((mailbox, audit), (letter,), instead=(audit,))
        letter = write("sign_up", site, wish, address, opens=SIGN_UP_PATH, made=made)
        return Outcome((mailbox, CreateTicket(made.ticket), audit), (letter,), instead=(audit,))

    async def finish(self, site: Site, wish: Wish) -> Outcome:
        """Return the new person, whose address the link has proven.

        Raises:
            InvalidToken: the link does not work, or the address has an account by now.
            InvalidRequest, Unacceptable: a name is taken or cannot be one, or the password is too weak.
            Limited: the link was tried too often.
            Busy: the hash pool is full.

        """
        self._passwords.require_room()
        ticket = await self._tickets.require(site, wish.link, "sign_up", wish.now)
        await self._budgets.try_link(ticket, wish.now)
        username = wish.username.strip() if wish.username else None
        name = wish.name.strip() if wish.name else None
        require_names(username or None, ticket.email, name or None)
        password = require_password(wish.new_password, self._passwords.min_length, username, ticket.email)
        await self._require_untaken(username, ticket.email, site)
        account = Account(
            tenant=site.tenant,
            user_id=new_user_id(site.user_id),
            username=username or None,
            email=ticket.email,
            phone=None,
            name=name or None,
            password=await self._passwords.hash(password),
            created_at=wish.now,
            password_form=FORM,
            email_verified_at=wish.now,
        )
        audit = events.self_service(
            events.SIGN_UP, site.tenant, account, now=wish.now, request_id=wish.id, source=wish.source
        )
        return Outcome((SpendTicket(ticket.digest, wish.now), CreateAccount(account, names(account)), audit))

    async def _require_untaken(self, username: str | None, email: str, site: Site) -> None:
        if await self._find("email", email, site) is not None:
            raise InvalidToken(Cause.BAD_LINK)
        owner = await self._find("username", username, site) if username else None
        if owner is not None and owner.email == email:
            raise InvalidToken(Cause.BAD_LINK)  # the same link, followed a moment ago, between the two looks
        if owner is not None:
            raise Unacceptable(Cause.TAKEN, field="username")

    async def _find(self, kind: str, value: str, site: Site) -> Account | None:
        return await self._reader.find_account(site.tenant, kind, canonical(IdentifierKind(kind), value))
