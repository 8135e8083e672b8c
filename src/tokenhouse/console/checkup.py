"""A check-up of what the store holds: keys, clients, mounts, the clock; nothing is changed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Literal

from msgspec import Struct

from tokenhouse.console import setup
from tokenhouse.console.desk import Desk
from tokenhouse.console.values import Nothing
from tokenhouse.model.records import Client
from tokenhouse.protocol.names import STANDARD_CONTRACT, GrantType

_KEY_AGE = timedelta(days=90)
_CLOCK_SKEW = timedelta(seconds=5)
_SOON = timedelta(days=30)


class Finding(Struct, frozen=True):
    """What one check found; ``ok`` ones are said too, so that a reader sees what was looked at."""

    check: str
    state: Literal["ok", "warning", "wrong"]
    message: str
    hint: str = ""


async def run(desk: Desk, _asked: Nothing, _actor: str) -> list[Finding]:
    """Return what every check found."""
    return [finding for check in _CHECKS for finding in [found async for found in check(desk)]]


async def _keys(desk: Desk) -> AsyncIterator[Finding]:
    lacking = await setup.missing(desk, Nothing(), "")
    for name in (*(f"the tenant {name}" for name in lacking.tenants), *lacking.keys):
        yield Finding("keys", "wrong", f"{name} is missing", "tokenhouse keys prepare")
    now = desk.now()
    living = [k for k in await desk.store.list_keys() if k.retires_at is None or k.retires_at > now]
    old = [k for k in living if k.purpose == "sign" and k.retires_at is None and k.created_at < now - _KEY_AGE]
    for key in old:
        message = f"the key {key.key_id} of {key.contract} has signed for {(now - key.created_at).days} days"
        yield Finding("keys", "warning", message, f"tokenhouse keys rotate --contract {key.contract}")
    if not lacking.keys and not old:
        yield Finding("keys", "ok", f"{len(living)} keys, none missing, none old")


async def _clock(desk: Desk) -> AsyncIterator[Finding]:
    newest = await desk.store.list_audit(1)
    ahead = newest[0].at - desk.now() if newest else timedelta(0)
    if ahead > _CLOCK_SKEW:
        message = f"the newest audit record is {int(ahead.total_seconds())} s in the future: the clock was set back"
        yield Finding("clock", "wrong", message, "check the time service of this machine")
    else:
        yield Finding("clock", "ok", "not behind what was recorded")


async def _clients(desk: Desk) -> AsyncIterator[Finding]:
    now, clients = desk.now(), await desk.store.list_clients(None)
    for client in clients:
        if not _may_ask_for_passwords(client):
            continue
        if client.password_ends_at is None:
            message = f"{client.client_id} may use the password grant without an end"
            yield Finding("clients", "warning", message, "tokenhouse client update --password-until DATE")
        elif now < client.password_ends_at < now + _SOON:
            days = (client.password_ends_at - now).days
            yield Finding("clients", "warning", f"the password grant of {client.client_id} ends in {days} days")
    for client in clients:
        if client.enabled and client.ends_at is not None and client.ends_at <= now:
            message = f"the contract of {client.client_id} is over since {client.ends_at:%Y-%m-%d}"
            yield Finding("clients", "warning", message, "tokenhouse client disable")
    yield Finding("clients", "ok", f"{len(clients)} registered")


def _may_ask_for_passwords(client: Client) -> bool:
    return client.enabled and STANDARD_CONTRACT in client.contracts and GrantType.PASSWORD in client.grants


async def _mounts(desk: Desk) -> AsyncIterator[Finding]:
    for mount in desk.mounts:
        if mount.client_id is None or mount.tenant is None:
            continue
        found = await desk.store.find_clients(mount.client_id, mount.tenant)
        if not found:
            message = f"{mount.contract.name} acts for the client {mount.client_id!r}, which does not exist"
            name = mount.contract.name
            make = f"tokenhouse client create --name {name} --contract {name} --client-id {mount.client_id} --public"
            yield Finding("mounts", "wrong", message, make)
        elif not found[0].client.enabled:
            message = f"{mount.contract.name} acts for the client {mount.client_id!r}, which is disabled"
            yield Finding("mounts", "wrong", message, "tokenhouse client enable")
    yield Finding("mounts", "ok", f"{len(desk.mounts)} contracts: {', '.join(sorted(desk.contracts))}")


_CHECKS: tuple[Callable[[Desk], AsyncIterator[Finding]], ...] = (_keys, _clock, _clients, _mounts)
