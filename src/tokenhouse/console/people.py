"""People: added, listed, locked, unlocked, given passwords."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from tokenhouse.accounts.choosing import new_user_id
from tokenhouse.accounts.hashing import LONGEST_BYTES
from tokenhouse.accounts.identifiers import alike, names
from tokenhouse.accounts.lockout import LOCKOUT, lockout_name
from tokenhouse.accounts.people import asked_name, budget_name
from tokenhouse.accounts.rules import Flaw, find_name_flaw, find_password_flaw
from tokenhouse.console.attributes import require_declared
from tokenhouse.console.desk import Desk
from tokenhouse.console.errors import AlreadyExists, Unavailable, Unusable
from tokenhouse.console.lookup import locked_out, require_account, unknown
from tokenhouse.console.values import Input, Limit, Roles, TenantName, Text, UserId
from tokenhouse.model.effects import (
    CancelTickets,
    ClearGuesses,
    CreateAccount,
    Effect,
    EndSessions,
    ReplaceAccount,
    SetAccountState,
    SetPassword,
)
from tokenhouse.model.records import Account
from tokenhouse.protocol.contract import CredentialForm
from tokenhouse.protocol.names import DEFAULT_TENANT, STANDARD_CONTRACT
from tokenhouse.protocol.secret import Secret


class NewUser(Input, frozen=True):
    """A person. ``imported``: the password exists elsewhere already and is taken as it is."""

    tenant: TenantName = DEFAULT_TENANT
    user_id: UserId | None = None
    username: Text | None = None
    email: Text | None = None
    phone: Text | None = None
    name: Text | None = None
    password: Secret | None = None
    imported: bool = False
    attributes: Mapping[str, Any] = {}
    roles: Roles = ()
    groups: Roles = ()


class UserName(Input, frozen=True):
    """Which person: by id, user name, e-mail address or phone number."""

    user: str
    tenant: TenantName = DEFAULT_TENANT


class NewPassword(Input, frozen=True):
    """A new password of a person; it ends the person's sessions."""

    user: str
    password: Secret
    tenant: TenantName = DEFAULT_TENANT


class NewRoles(Input, frozen=True):
    """The roles and the groups of a person from now on; None: as they are."""

    user: str
    tenant: TenantName = DEFAULT_TENANT
    roles: Roles | None = None
    groups: Roles | None = None


class Wanted(Input, frozen=True):
    """Which people to list."""

    tenant: TenantName | None = None
    limit: Limit = 100


class UserView(Struct, frozen=True):
    """A person as it is shown."""

    tenant: str
    user_id: str
    username: str | None
    email: str | None
    phone: str | None
    name: str | None
    has_password: bool
    enabled: bool
    locked_at: datetime | None
    created_at: datetime
    attributes: Mapping[str, Any]
    roles: tuple[str, ...]
    groups: tuple[str, ...]
    email_verified_at: datetime | None
    signed_in_at: datetime | None
    locked_out: tuple[str, ...] = ()


_WORKED_OUT = {"has_password", "locked_out"}


async def create(desk: Desk, asked: NewUser, actor: str) -> UserView:
    """Add a person.

    Raises:
        Unusable: nothing names the person, or a name, the password or an attribute does not fit.
        AlreadyExists: the id or one of the names is taken.

    """
    await desk.require_tenant(asked.tenant)
    _require_no_flaw(find_name_flaw(asked.username, asked.email, asked.phone, asked.name))
    require_declared("user", asked.attributes, desk.served(asked.tenant))
    form = "raw" if asked.imported else "nfkc"
    called = (asked.username, asked.email, asked.phone)
    password = None if asked.password is None else await _hashed(desk, asked.password, form, called)
    account = Account(
        tenant=asked.tenant,
        user_id=asked.user_id or new_user_id(_id_form(desk, asked.tenant)),
        username=asked.username,
        email=asked.email,
        phone=asked.phone,
        name=asked.name,
        password=password,
        created_at=desk.now(),
        password_form="raw" if asked.imported else "nfkc",
        attributes=asked.attributes,
        roles=tuple(dict.fromkeys(asked.roles)),
        groups=tuple(dict.fromkeys(asked.groups)),
    )
    taken = AlreadyExists(f'the id or one of the names of this person is taken in the tenant "{asked.tenant}"')
    for _, also, name in alike(account):
        if await desk.store.find_account(account.tenant, also, name) is not None:
            raise taken
    effect = CreateAccount(account, names(account))
    await desk.change((effect,), "user.create", account.tenant, actor=actor, about=account.user_id, conflict=taken)
    return _view(account)


async def list_all(desk: Desk, asked: Wanted, _actor: str) -> list[UserView]:
    """Return people of one tenant or of all, at most ``limit``.

    Raises:
        Unusable: there is no such tenant.

    """
    if asked.tenant is not None:
        await desk.require_tenant(asked.tenant)
    return [_view(account) for account in await desk.store.list_accounts(asked.tenant, asked.limit)]


async def show(desk: Desk, asked: UserName, _actor: str) -> UserView:
    """Return one person.

    Raises:
        NotFound: nobody goes by that name.

    """
    account = await require_account(desk, asked.tenant, asked.user)
    return msgspec.structs.replace(_view(account), locked_out=await locked_out(desk, account))


async def lock(desk: Desk, asked: UserName, actor: str) -> UserView:
    """Refuse a person from now on, everywhere.

    Raises:
        NotFound: nobody goes by that name.

    """
    account = await require_account(desk, asked.tenant, asked.user)
    state = SetAccountState(account.tenant, account.user_id, account.locked_at or desk.now(), account.enabled)
    return await _change(desk, account, (state,), "user.lock", actor)


async def unlock(desk: Desk, asked: UserName, actor: str) -> UserView:
    """Let a locked person in again, with all guesses given back, at every contract.

    Raises:
        NotFound: nobody goes by that name.

    """
    account = await require_account(desk, asked.tenant, asked.user)
    called = {asked_name(account.tenant, name) for name in (account.user_id, *(name for _, name in names(account)))}
    budgets = [await desk.budget("account", budget_name(account.tenant, account.user_id))]
    budgets += [await desk.budget("name", name) for name in sorted(called)]
    for contract in desk.served(account.tenant):
        locked = lockout_name(contract.name, budget_name(account.tenant, account.user_id))
        budgets.append(await desk.budget(LOCKOUT, locked))
    state = SetAccountState(account.tenant, account.user_id, None, account.enabled)
    return await _change(desk, account, (state, *map(ClearGuesses, budgets)), "user.unlock", actor)


async def set_password(desk: Desk, asked: NewPassword, actor: str) -> UserView:
    """Replace the password of a person and end the person's sessions.

    Raises:
        NotFound: nobody goes by that name.
        Unusable: the password is too short or too long.

    """
    account = await require_account(desk, asked.tenant, asked.user)
    called = (account.username, account.email, account.phone)
    hashed = await _hashed(desk, asked.password, "nfkc", called)
    effects = (
        SetPassword(account.tenant, account.user_id, hashed, "nfkc"),
        EndSessions(account.tenant, account.user_id, desk.now()),
        CancelTickets(account.tenant, account.user_id, "reset_password"),
        CancelTickets(account.tenant, account.user_id, "change_email"),
    )
    return await _change(desk, account, effects, "user.set_password", actor)


async def set_roles(desk: Desk, asked: NewRoles, actor: str) -> UserView:
    """Give a person other roles or groups; tokens that are there keep saying the old ones until they end.

    Raises:
        NotFound: nobody goes by that name.
        Unavailable: somebody else changed the person at the same time.

    """
    account = await require_account(desk, asked.tenant, asked.user)
    roles = account.roles if asked.roles is None else tuple(dict.fromkeys(asked.roles))
    groups = account.groups if asked.groups is None else tuple(dict.fromkeys(asked.groups))
    changed = msgspec.structs.replace(account, roles=roles, groups=groups)
    if changed == account:
        return _view(account)
    lost = Unavailable(f'the user "{account.user_id}" was changed by somebody else', "try again")
    effect = ReplaceAccount(changed, names(changed))
    await desk.change((effect,), "user.set_roles", account.tenant, actor=actor, about=account.user_id, conflict=lost)
    return _view(changed)


async def _change(desk: Desk, account: Account, effects: tuple[Effect, ...], what: str, actor: str) -> UserView:
    gone = unknown(account.tenant, account.user_id)
    await desk.change(effects, what, account.tenant, actor=actor, about=account.user_id, conflict=gone)
    return _view(await require_account(desk, account.tenant, account.user_id))


def _id_form(desk: Desk, tenant: str) -> CredentialForm | None:
    """Return how the one legacy contract that a tenant's people meet spells their ids."""
    legacy = [contract for contract in desk.served(tenant) if contract.name != STANDARD_CONTRACT]
    return legacy[0].credentials.get("user_id") if len(legacy) == 1 else None


def _require_no_flaw(flaw: Flaw | None) -> None:
    if flaw is not None:
        raise Unusable(flaw.text, flaw.hint)


async def _hashed(desk: Desk, password: Secret, form: str, called: tuple[str | None, ...]) -> str:
    """Return the PHC string; only a password that is chosen here and now has to be a good one."""
    if form == "nfkc":
        _require_no_flaw(find_password_flaw(password, desk.settings.passwords.min_length, called))
    elif len(password.reveal().encode()) > LONGEST_BYTES:
        raise Unusable(f"the password is longer than {LONGEST_BYTES} bytes")
    return await asyncio.to_thread(desk.hashing.hash, password, form)


def _view(account: Account) -> UserView:
    shown = {name: getattr(account, name) for name in UserView.__struct_fields__ if name not in _WORKED_OUT}
    return msgspec.convert(shown | {"has_password": account.password is not None}, UserView)
