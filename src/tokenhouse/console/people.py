"""People: added, listed, locked, unlocked, given passwords."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from tokenhouse.accounts.hashing import LONGEST_BYTES
from tokenhouse.accounts.identifiers import candidates, canonical, names
from tokenhouse.accounts.people import asked_name, budget_name
from tokenhouse.clients.secrets import make_text
from tokenhouse.console.attributes import require_declared
from tokenhouse.console.desk import Desk
from tokenhouse.console.errors import AlreadyExists, NotFound, Unusable
from tokenhouse.console.values import Input, Limit, TenantName, Text, UserId
from tokenhouse.model.effects import ClearGuesses, CreateAccount, Effect, EndSessions, SetAccountState, SetPassword
from tokenhouse.model.records import Account
from tokenhouse.protocol.messages import Identifier
from tokenhouse.protocol.names import DEFAULT_TENANT, IdentifierKind
from tokenhouse.protocol.secret import Secret

_ID_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"


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


class UserName(Input, frozen=True):
    """Which person: by id, user name, e-mail address or phone number."""

    user: str
    tenant: TenantName = DEFAULT_TENANT


class NewPassword(Input, frozen=True):
    """A new password of a person; it ends the person's sessions."""

    user: str
    password: Secret
    tenant: TenantName = DEFAULT_TENANT


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


async def create(desk: Desk, asked: NewUser, actor: str) -> UserView:
    """Add a person.

    Raises:
        Unusable: nothing names the person, or a name, the password or an attribute does not fit.
        AlreadyExists: the id or one of the names is taken.

    """
    await desk.require_tenant(asked.tenant)
    _require_names(asked)
    require_declared("user", asked.attributes, desk.served(asked.tenant))
    form = "raw" if asked.imported else "nfkc"
    password = None if asked.password is None else await _hashed(desk, asked.password, form)
    account = Account(
        tenant=asked.tenant,
        user_id=asked.user_id or "us_" + make_text(_ID_ALPHABET, 16),
        username=asked.username,
        email=asked.email,
        phone=asked.phone,
        name=asked.name,
        password=password,
        created_at=desk.now(),
        password_form="raw" if asked.imported else "nfkc",
        attributes=asked.attributes,
    )
    taken = AlreadyExists(f'the id or one of the names of this person is taken in the tenant "{asked.tenant}"')
    effect = CreateAccount(account, names(account))
    await desk.change((effect,), "user.create", account.tenant, actor=actor, about=account.user_id, conflict=taken)
    return _view(account)


async def list_all(desk: Desk, asked: Wanted, _actor: str) -> list[UserView]:
    """Return people of one tenant or of all, at most ``limit``."""
    return [_view(account) for account in await desk.store.list_accounts(asked.tenant, asked.limit)]


async def show(desk: Desk, asked: UserName, _actor: str) -> UserView:
    """Return one person.

    Raises:
        NotFound: nobody goes by that name.

    """
    return _view(await _require(desk, asked.tenant, asked.user))


async def lock(desk: Desk, asked: UserName, actor: str) -> UserView:
    """Refuse a person from now on, everywhere.

    Raises:
        NotFound: nobody goes by that name.

    """
    account = await _require(desk, asked.tenant, asked.user)
    state = SetAccountState(account.tenant, account.user_id, account.locked_at or desk.now(), account.enabled)
    return await _change(desk, account, (state,), "user.lock", actor)


async def unlock(desk: Desk, asked: UserName, actor: str) -> UserView:
    """Let a locked person in again, with all guesses given back.

    Raises:
        NotFound: nobody goes by that name.

    """
    account = await _require(desk, asked.tenant, asked.user)
    called = {asked_name(account.tenant, name) for name in (account.user_id, *(name for _, name in names(account)))}
    budgets = [await desk.budget("account", budget_name(account.tenant, account.user_id))]
    budgets += [await desk.budget("name", name) for name in sorted(called)]
    state = SetAccountState(account.tenant, account.user_id, None, account.enabled)
    return await _change(desk, account, (state, *map(ClearGuesses, budgets)), "user.unlock", actor)


async def set_password(desk: Desk, asked: NewPassword, actor: str) -> UserView:
    """Replace the password of a person and end the person's sessions.

    Raises:
        NotFound: nobody goes by that name.
        Unusable: the password is too short or too long.

    """
    account = await _require(desk, asked.tenant, asked.user)
    hashed = await _hashed(desk, asked.password, "nfkc")
    effects = (
        SetPassword(account.tenant, account.user_id, hashed, "nfkc"),
        EndSessions(account.tenant, account.user_id, desk.now()),
    )
    return await _change(desk, account, effects, "user.set_password", actor)


async def _change(desk: Desk, account: Account, effects: tuple[Effect, ...], what: str, actor: str) -> UserView:
    gone = _unknown(account.tenant, account.user_id)
    await desk.change(effects, what, account.tenant, actor=actor, about=account.user_id, conflict=gone)
    return _view(await _require(desk, account.tenant, account.user_id))


async def _require(desk: Desk, tenant: str, user: str) -> Account:
    account = await desk.store.find_account_by_id(tenant, user)
    for kind, name in () if account else candidates(Identifier(IdentifierKind.LOGIN, user)):
        account = account or await desk.store.find_account(tenant, kind.value, name)
    if account is None:
        raise _unknown(tenant, user)
    return account


def _unknown(tenant: str, user: str) -> NotFound:
    return NotFound(f'there is no user "{user}" in the tenant "{tenant}"', "tokenhouse user list")


def _require_names(asked: NewUser) -> None:
    if not (asked.username or asked.email or asked.phone):
        raise Unusable("nothing names this person", "give a user name, an e-mail address or a phone number")
    if asked.username and "@" in canonical(IdentifierKind.USERNAME, asked.username):
        raise Unusable("a user name must not contain @: it would look like somebody's e-mail address")
    if asked.email and "@" not in canonical(IdentifierKind.EMAIL, asked.email):
        raise Unusable("an e-mail address contains @")
    for kind, value in (("username", asked.username), ("email", asked.email), ("phone", asked.phone)):
        if value is not None and not canonical(IdentifierKind(kind), value):
            raise Unusable(f"the {kind} is blank")


async def _hashed(desk: Desk, password: Secret, form: str) -> str:
    """Return the PHC string; a password that is chosen here and now has a least length, in characters."""
    text = password.reveal()
    least = desk.settings.passwords.min_length
    if form == "nfkc":
        text = unicodedata.normalize("NFKC", text)
        if len(text) < least:
            raise Unusable(f"the password is shorter than {least} characters", "a few words in a row do well")
    if len(text.encode()) > LONGEST_BYTES:
        raise Unusable(f"the password is longer than {LONGEST_BYTES} bytes")
    return await asyncio.to_thread(desk.hashing.hash, password, form)


def _view(account: Account) -> UserView:
    shown = {name: getattr(account, name) for name in UserView.__struct_fields__ if name != "has_password"}
    return msgspec.convert(shown | {"has_password": account.password is not None}, UserView)
