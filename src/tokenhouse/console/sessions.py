"""Sessions: the logins that live, listed and ended, one by one, by device, or all of a person's."""

from __future__ import annotations

import uuid
from datetime import datetime

from msgspec import Struct

from tokenhouse.console.desk import Desk
from tokenhouse.console.errors import NotFound, Unusable
from tokenhouse.console.lookup import require_account
from tokenhouse.console.values import Input, Limit, TenantName
from tokenhouse.model.effects import Effect, EndDeviceSessions, EndSessions, RevokeAuthorization
from tokenhouse.model.records import Authorization
from tokenhouse.protocol.names import DEFAULT_TENANT
from tokenhouse.store.ports import SessionFilter
from tokenhouse.tokens.facts import session_facts
from tokenhouse.tokens.handle import Kind, seconds

_ID_DIGITS = 16
_MOST_AT_ONCE = 10_000


class Wanted(Input, frozen=True):
    """Which sessions to list. ``ended``: also those that are over."""

    tenant: TenantName | None = None
    user: str | None = None
    contract: str | None = None
    client_id: str | None = None
    device: str | None = None
    ended: bool = False
    limit: Limit = 100


class Ending(Input, frozen=True):
    """Which sessions to end: those that are named, or a person's, on one device or all.

    ``tenant`` None: the default one of a person, any of named sessions.
    """

    sessions: tuple[str, ...] = ()
    user: str | None = None
    device: str | None = None
    tenant: TenantName | None = None


class SessionView(Struct, frozen=True):
    """A session as it is shown. ``session_key`` is what a contract calls it, if its answers say one."""

    session: str
    session_key: str | None
    tenant: str
    contract: str
    client_id: str
    user_id: str | None
    device: str | None
    device_name: str | None
    scope: tuple[str, ...]
    opened_at: datetime
    last_used_at: datetime
    expires_at: datetime | None
    ended_at: datetime | None


class Ended(Struct, frozen=True):
    """What came to an end; what had ended before is not counted."""

    ended: int
    sessions: tuple[str, ...]


async def list_all(desk: Desk, asked: Wanted, _actor: str) -> list[SessionView]:
    """Return sessions, newest first, at most ``limit``.

    Raises:
        Unusable: there is no such tenant.
        NotFound: nobody goes by that name.

    """
    tenant, subject = asked.tenant, None
    if tenant is not None:
        await desk.require_tenant(tenant)
    if asked.user is not None:
        tenant = tenant or DEFAULT_TENANT
        subject = (await require_account(desk, tenant, asked.user)).user_id
    live_at = None if asked.ended else desk.now()
    wanted = SessionFilter(tenant, subject, asked.contract, asked.client_id, asked.device, live_at)
    await desk.keys.refresh(desk.now())
    return [_view(desk, row) for row in await desk.store.list_sessions(wanted, asked.limit)]


async def revoke(desk: Desk, asked: Ending, actor: str) -> Ended:
    """End sessions, and every token of them.

    Raises:
        Unusable: neither sessions nor a person are named, or both.
        NotFound: there is no such session, or nobody goes by that name.

    """
    if bool(asked.sessions) == (asked.user is not None):
        raise Unusable("name sessions, or a user", "tokenhouse session list")
    if asked.user is None:
        if asked.device is not None:
            raise Unusable("a device is somebody's: name the user beside it")
        return await _revoke_named(desk, asked.sessions, asked.tenant, actor)
    return await _revoke_of_user(desk, asked.tenant or DEFAULT_TENANT, asked.user, asked.device, actor)


async def _revoke_named(desk: Desk, names: tuple[str, ...], tenant: str | None, actor: str) -> Ended:
    found = {row.id: row for row in [await _require(desk, name, tenant) for name in names]}
    rows = [row for row in found.values() if row.revoked_at is None]
    for row in rows:
        gone = NotFound(f'there is no session "{row.id:0{_ID_DIGITS}x}"')
        effects = (RevokeAuthorization(row.id, desk.now()),)
        await desk.change(effects, "session.revoke", row.tenant, actor=actor, about=_name(row), conflict=gone)
    return Ended(len(rows), tuple(map(_name, rows)))


async def _revoke_of_user(desk: Desk, tenant: str, user: str, device: str | None, actor: str) -> Ended:
    account = await require_account(desk, tenant, user)
    wanted = SessionFilter(tenant, account.user_id, device=device, live_at=desk.now())
    rows = await desk.store.list_sessions(wanted, _MOST_AT_ONCE)
    ending: Effect = EndSessions(tenant, account.user_id, desk.now())
    if device is not None:
        ending = EndDeviceSessions(tenant, account.user_id, None, device, desk.now())
    gone = NotFound(f'there is no user "{user}" in the tenant "{tenant}"')
    what = "user.sign_out" if device is None else "device.sign_out"
    await desk.change((ending,), what, tenant, actor=actor, about=account.user_id, conflict=gone)
    return Ended(len(rows), tuple(map(_name, rows)))


async def _require(desk: Desk, name: str, tenant: str | None) -> Authorization:
    row = await _find_by_id(desk, name) or await _find_by_key(desk, name)
    if row is None or tenant not in {row.tenant, None}:
        raise NotFound(f'there is no session "{name}"', "tokenhouse session list")
    return row


async def _find_by_id(desk: Desk, name: str) -> Authorization | None:
    if len(name) != _ID_DIGITS or not set(name.lower()) <= set("0123456789abcdef"):
        return None
    number = int(name, 16)
    return await desk.store.find_authorization(number) if number < 1 << 63 else None


async def _find_by_key(desk: Desk, name: str) -> Authorization | None:
    """Return the session that a contract's answer called by this key; the row decides whether a key leads to it."""
    try:
        key = uuid.UUID(name).bytes
    except ValueError:
        return None
    await desk.keys.refresh(desk.now())
    for tenant in await desk.store.list_tenants():
        for sealer in desk.keys.sealers(tenant.name, desk.now()):
            handle = sealer.decipher(key)
            if handle is None or handle.kind is not Kind.SESSION or handle.id >= 1 << 63:
                continue
            row = await desk.store.find_authorization(handle.id)
            if row is not None and row.tenant == tenant.name and seconds(row.issued_at) == handle.time:
                return row
    return None


def _name(row: Authorization) -> str:
    return f"{row.id:0{_ID_DIGITS}x}"


def _view(desk: Desk, row: Authorization) -> SessionView:
    sealer = desk.keys.sealer(row.seal_key)
    return SessionView(
        session=_name(row),
        session_key=session_facts(row, sealer)["key"] if sealer else None,
        tenant=row.tenant,
        contract=row.contract,
        client_id=row.client_id,
        user_id=row.subject,
        device=row.device,
        device_name=row.device_name,
        scope=row.scope,
        opened_at=row.issued_at,
        last_used_at=row.last_used_at,
        expires_at=row.expires_at,
        ended_at=row.revoked_at,
    )
