"""Changes by somebody who knows the password: another password, another address, no sessions.

The password is the only proof there is, shown each time: there are no cookies, so nobody's browser can be made to ask.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from msgspec.structs import replace

from tokenhouse.accounts.choosing import NewPasswords
from tokenhouse.accounts.identifiers import canonical, is_same_address
from tokenhouse.accounts.people import People, Proven
from tokenhouse.audit import events
from tokenhouse.interaction.budgets import MailBudgets
from tokenhouse.interaction.changes import new_password, no_more_links, rewritten
from tokenhouse.interaction.letters import EMAIL_PATH, write
from tokenhouse.interaction.moves import Outcome, Site, Wish
from tokenhouse.interaction.rules import find_bar, require_address, require_free, require_password, require_said
from tokenhouse.interaction.tickets import Tickets
from tokenhouse.model.effects import CancelTickets, CreateTicket, Effect, EndSessions, RecordAudit, SpendTicket
from tokenhouse.model.records import Account, Ticket
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.messages import Identifier
from tokenhouse.protocol.names import IdentifierKind
from tokenhouse.protocol.refusals import InvalidGrant, InvalidToken, Refusal
from tokenhouse.store.ports import AccountReader


class Changing:
    """Decides what people change about themselves."""

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

    async def password(self, site: Site, wish: Wish) -> Outcome:
        """Return the new password; it ends every session unless the wish spares them.

        Raises:
            InvalidRequest, Unacceptable: something is missing, or the password is too weak.
            InvalidGrant, Limited, Busy: see `People.prove`.

        """
        require_said(wish, "login", "password", "new_password")
        require_password(wish.new_password, self._passwords.min_length, wish.login)
        proven = await self._prove(site, wish)
        account = proven.account
        with _giving_back(proven):
            called = (account.username, account.email, account.phone)
            password = require_password(wish.new_password, self._passwords.min_length, *called)
            hashed = await self._passwords.hash(password)
        effects = (
            *proven.effects,
            rewritten(account),
            *new_password(account, hashed),
            *_sessions(account, wish),
            _audit(events.PASSWORD_CHANGE, account, wish),
        )
        letter = write("password_changed", site, wish, account.email, opens=site.reset_path)
        return Outcome(effects, (letter,), lost=_lost(proven))

    async def ask_email(self, site: Site, wish: Wish) -> Outcome:
        """Return the letter to a new address: with a link, or saying that it belongs to somebody else's account.

        Raises:
            InvalidRequest, Unacceptable: something is missing, or the address is none.
            InvalidGrant, Limited, Busy: see `People.prove`.

        """
        require_said(wish, "login", "password", "email")
        address = require_address(wish.email)
        proven = await self._prove(site, wish)
        account = proven.account
        with _giving_back(proven):
            await self._budgets.reserve(site.tenant, address, wish.source, wish.now)
        owner = await self._owner(account.tenant, address)
        made = await self._tickets.make(site, wish, "change_email", address, account)
        mailbox = await self._budgets.of_mailbox(site.tenant, address, wish.now)
        always = (*proven.effects, rewritten(account), _audit(events.EMAIL_CHANGE_ASKED, account, wish, owner))
        if owner is not None and owner.user_id != account.user_id:
            letter = write("email_taken", site, wish, owner.email)
            return Outcome((mailbox, *always), (letter,), instead=always, lost=_lost(proven))
        only = CancelTickets(account.tenant, account.user_id, "change_email")
        letter = write("email", site, wish, address, opens=EMAIL_PATH, made=made)
        effects = (mailbox, *always, only, CreateTicket(made.ticket))
        return Outcome(effects, (letter,), instead=always, lost=_lost(proven))

    async def confirm_email(self, site: Site, wish: Wish) -> Outcome:
        """Return the new address, proven by its link; the old one is told.

        Raises:
            InvalidToken: the link does not work, or the address belongs to somebody else by now.

        """
        ticket = await self._tickets.require(site, wish.link, "change_email", wish.now)
        account = await self._require_asker(ticket, wish)
        changed = replace(account, email=ticket.email, email_verified_at=wish.now)
        effects = (
            SpendTicket(ticket.digest, wish.now),
            rewritten(changed),
            *no_more_links(account),
            *_sessions(account, wish),
            _audit(events.EMAIL_CHANGE, account, wish),
        )
        is_moved = account.email is not None and not is_same_address(account.email, ticket.email)
        return Outcome(effects, (write("email_changed", site, wish, account.email if is_moved else None),))

    async def sign_out(self, site: Site, wish: Wish) -> Outcome:
        """Return the end of every session.

        Raises:
            InvalidRequest: something is missing.
            InvalidGrant, Limited, Busy: see `People.prove`; also for somebody who was changed meanwhile.

        """
        require_said(wish, "login", "password")
        proven = await self._prove(site, wish)
        account = proven.account
        ended = EndSessions(account.tenant, account.user_id, wish.now)
        told = _audit(events.SIGN_OUT_EVERYWHERE, account, wish)
        return Outcome((*proven.effects, rewritten(account), ended, told), lost=_lost(proven))

    async def _prove(self, site: Site, wish: Wish) -> Proven:
        assert wish.password is not None, "the caller has looked"
        identifier = Identifier(IdentifierKind.LOGIN, wish.login or "")
        proven = await self._people.prove(site.tenant, identifier, wish.password, wish.source, wish.now)
        require_free(proven.account, wish)
        return proven

    async def _owner(self, tenant: str, address: str) -> Account | None:
        return await self._reader.find_account(tenant, "email", _mailbox(address))

    async def _require_asker(self, ticket: Ticket, wish: Wish) -> Account:
        account = await self._reader.find_account_by_id(ticket.tenant, ticket.user_id or "")
        if account is None or find_bar(account, wish) is not None:
            raise InvalidToken(Cause.BAD_LINK)
        owner = await self._owner(ticket.tenant, ticket.email)
        if owner is not None and owner.user_id != account.user_id:
            raise InvalidToken(Cause.BAD_LINK)
        return account


@contextmanager
def _giving_back(proven: Proven) -> Iterator[None]:
    """Give the guess back that was right, whatever else is refused."""
    try:
        yield
    except Refusal as refusal:
        refusal.carrying(*proven.effects)
        raise


def _lost(proven: Proven) -> Refusal:
    """Return what is said when the person was changed while the password was being checked."""
    return InvalidGrant(Cause.BAD_CREDENTIALS, effects=proven.effects)


def _sessions(account: Account, wish: Wish) -> tuple[Effect, ...]:
    return () if wish.stay_signed_in else (EndSessions(account.tenant, account.user_id, wish.now),)


def _mailbox(address: str) -> str:
    return canonical(IdentifierKind.EMAIL, address)


def _audit(event: str, account: Account, wish: Wish, owner: Account | None = None) -> RecordAudit:
    is_foreign = owner is not None and owner.user_id != account.user_id
    return events.self_service(
        event,
        account.tenant,
        account,
        now=wish.now,
        request_id=wish.id,
        source=wish.source,
        reason=Cause.TAKEN.value if is_foreign else "",
    )
