"""Proving a person: one path, the same work whether the name is known or not, the password right or not."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from tokenhouse.accounts.identifiers import candidates, canonical
from tokenhouse.accounts.lockout import LOCKOUT, attempt_at, lockout_name
from tokenhouse.accounts.verifying import SlowVerifier
from tokenhouse.model.effects import Effect, ReplacePassword
from tokenhouse.model.records import Account
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.contract import Mount
from tokenhouse.protocol.messages import Identifier
from tokenhouse.protocol.names import IdentifierKind
from tokenhouse.protocol.refusals import InvalidGrant, Refusal
from tokenhouse.protocol.secret import Secret
from tokenhouse.store.ports import AccountReader


class Proven(NamedTuple):
    """A person who knew the password; ``effects`` give the guess back and renew an old hash."""

    account: Account
    effects: tuple[Effect, ...]


class People:
    """Finds accounts and proves passwords."""

    def __init__(self, reader: AccountReader, verifier: SlowVerifier) -> None:
        self._reader = reader
        self._verifier = verifier

    async def prove(  # noqa: PLR0917 -- who, what, from where, when, at which contract
        self,
        tenant: str,
        identifier: Identifier,
        password: Secret,
        source: str,
        now: datetime,
        mount: Mount | None = None,
    ) -> Proven:
        """Return the person whom ``identifier`` names, if ``password`` is theirs.

        Whether the account may be used is for ``admit`` to say, after the same work has been done. ``mount`` is the
        contract at which a lockout counts; None: at none.

        Raises:
            InvalidGrant: unknown name, wrong password, or locked out.
            Limited: too many guesses.
            Busy: the hash pool is full; no guess was counted.

        """
        self._verifier.require_room()
        account = await self.find(tenant, identifier)
        asked = asked_name(tenant, identifier.value)
        name = budget_name(tenant, account.user_id) if account else f"{tenant}\0\0{candidates(identifier)[0][1]}"
        phcs = (account.password,) if account and account.password else ()
        form = account.password_form if account else "raw"
        attempt = attempt_at(mount, name)
        try:
            refunds, locked = await self._verifier.check(
                "account", name, phcs, password, form=form, source=source, now=now, asked=asked, attempt=attempt
            )
        except Refusal as refusal:
            raise refusal.about(account.user_id if account else None) from None
        if account is None:
            raise InvalidGrant(Cause.UNKNOWN_USER)
        if locked or refunds is None or account.password is None:
            cause = Cause.USER_LOCKED if locked else Cause.WRONG_PASSWORD
            raise InvalidGrant(cause).about(account.user_id)
        renewed = await self._verifier.renew(account.password, password, form)
        if renewed is not None:
            refunds += (ReplacePassword(tenant, account.user_id, account.password, renewed),)
        return Proven(account, refunds)

    async def is_locked_out(self, account: Account, mount: Mount, now: datetime) -> bool:
        """Return whether wrong passwords have locked a person out of one contract."""
        attempt = attempt_at(mount, budget_name(account.tenant, account.user_id))
        if attempt is None:
            return False
        budget = await self.lockout_budget(account, mount.contract.name, now)
        return await self._verifier.guesses.is_locked(attempt, budget, now)

    async def lockout_budget(self, account: Account, contract: str, now: datetime) -> bytes:
        """Return the budget that counts a person's wrong passwords at one contract; to clear it is to unlock."""
        name = lockout_name(contract, budget_name(account.tenant, account.user_id))
        return await self._verifier.guesses.budget(LOCKOUT, name, now)

    async def find(self, tenant: str, identifier: Identifier) -> Account | None:
        """Return the first account that is meant; every meaning is looked up, found or not."""
        found = [await self._look_up(tenant, kind, value) for kind, value in candidates(identifier)]
        return next((account for account in found if account is not None), None)

    async def _look_up(self, tenant: str, kind: IdentifierKind, value: str) -> Account | None:
        if kind is IdentifierKind.USER_ID:
            return await self._reader.find_account_by_id(tenant, value)
        return await self._reader.find_account(tenant, kind.value, value)


def budget_name(tenant: str, user_id: str) -> str:
    """Return the name of an account's guessing budget."""
    return f"{tenant}\0{user_id}"


def asked_name(tenant: str, value: str) -> str:
    """Return the name of the guessing budget of what a person was called, be it a user name or an address."""
    return f"{tenant}\0{canonical(IdentifierKind.LOGIN, value)}"
