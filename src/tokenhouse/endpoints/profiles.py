"""Profiles: people whom a contract's calls add or change, by the rules that operators obey too."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import NamedTuple

import msgspec

from tokenhouse.accounts.choosing import FORM, NewPasswords, new_user_id
from tokenhouse.accounts.identifiers import alike, is_same_address, names
from tokenhouse.accounts.rules import find_name_flaw, find_password_flaw
from tokenhouse.model.effects import CancelTickets, CreateAccount, Effect, EndSessions, ReplaceAccount, SetPassword
from tokenhouse.model.records import Account
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.contract import Mount
from tokenhouse.protocol.messages import CallRequest, Profile
from tokenhouse.protocol.refusals import InvalidRequest, Unacceptable
from tokenhouse.store.ports import AccountReader
from tokenhouse.tokens.inspection import Live


class Written(NamedTuple):
    """What an act comes to: the person as the answer says him, and the effects that make it true."""

    person: Account | None
    effects: tuple[Effect, ...]
    has_hashed: bool = False


class Profiles:
    """Judges profiles and makes the effects of them."""

    def __init__(self, reader: AccountReader, passwords: NewPasswords) -> None:
        self._reader = reader
        self._passwords = passwords

    def require_room(self) -> None:
        """Pass if the hash pool has a place.

        Raises:
            Busy: it has none.

        """
        self._passwords.require_room()

    async def register(self, request: CallRequest, token: Live) -> Written:
        """Return a new person of the client's tenant.

        Raises:
            InvalidRequest: nothing names the person.
            Unacceptable: a name cannot be one or is taken, or the password is too weak.
            Busy: the hash pool is full.

        """
        profile, mount, now = _said(request), token.found.mount, request.now
        if not (profile.username or profile.email or profile.phone):
            raise InvalidRequest(Cause.MISSING, field="username")
        account = Account(
            tenant=token.found.tenant,
            user_id=new_user_id(mount.contract.credentials.get("user_id")),
            username=profile.username,
            email=profile.email,
            phone=profile.phone,
            name=profile.name,
            password=None,
            created_at=now,
            password_form=FORM,
        )
        await self._require_names(account)
        hashed = await self._hash(profile, account, mount)
        account = msgspec.structs.replace(account, password=hashed)
        return Written(account, (CreateAccount(account, names(account), raced=True),), hashed is not None)

    async def update(self, request: CallRequest, token: Live, person: Account) -> Written:
        """Return a person as changed; a new password ends every session but the one it was changed with.

        A new address is not a proven one.

        Raises:
            Unacceptable: a name cannot be one or is taken, or the password is too weak.
            Busy: the hash pool is full.

        """
        profile, now = _said(request), request.now
        said = {name: value for name in _SAID if (value := getattr(profile, name)) is not None}
        if not said and profile.password is None:
            return Written(person, ())
        changed = msgspec.structs.replace(person, **said)
        is_moved = not is_same_address(changed.email, person.email)
        if is_moved:
            changed = msgspec.structs.replace(changed, email_verified_at=None)
        if said:
            await self._require_names(changed)
        hashed = await self._hash(profile, changed, token.found.mount)
        # It stands first: nothing is written over what somebody else has changed since.
        effects: tuple[Effect, ...] = (ReplaceAccount(changed, names(changed)),)
        if hashed is not None:
            effects += _new_password(person, hashed, now, token)
        if hashed is not None or is_moved:
            effects += tuple(CancelTickets(person.tenant, person.user_id, purpose) for purpose in _LINKS)
        return Written(changed, effects, hashed is not None)

    async def _require_names(self, account: Account) -> None:
        flaw = find_name_flaw(account.username, account.email, account.phone, account.name)
        if flaw is not None:
            raise Unacceptable(Cause.UNACCEPTABLE, field=flaw.field)
        for kind, also, name in alike(account):
            other = await self._reader.find_account(account.tenant, also, name)
            if other is not None and other.user_id != account.user_id:
                raise Unacceptable(Cause.TAKEN, field=kind)

    async def _hash(self, profile: Profile, account: Account, mount: Mount) -> str | None:
        if profile.password is None:
            return None
        least = mount.password_min or self._passwords.min_length
        called = (account.username, account.email, account.phone)
        if find_password_flaw(profile.password, least, called) is not None:
            raise Unacceptable(Cause.WEAK_PASSWORD, field="password")
        return await self._passwords.hash(profile.password)


_LINKS = ("reset_password", "change_email")
"""The mailed links that must not outlive the password or the address that they were asked for with."""
_SAID = ("username", "email", "phone", "name")


def _new_password(person: Account, hashed: str, now: datetime, token: Live) -> tuple[Effect, ...]:
    row = token.found.row
    kept = row.id if row is not None and row.subject == person.user_id else None
    return (
        SetPassword(person.tenant, person.user_id, hashed, FORM),
        EndSessions(person.tenant, person.user_id, now, except_id=kept),
    )


def _said(request: CallRequest) -> Profile:
    """Return what a call says, names without outer space: no mail would go out to an address that has some.

    One that is nothing but space stays, and is refused as blank.
    """
    profile = request.profile or Profile()
    given = ((name, getattr(profile, name)) for name in _SAID)
    return dataclasses.replace(profile, **{name: value.strip() or value for name, value in given if value is not None})
