"""Device keys: what a device shows at APIs of a contract that has such keys; shown once, kept as a keyed digest."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from tokenhouse.clients.secrets import DEVICE_KEY_DIGEST, make_text
from tokenhouse.console.desk import Desk
from tokenhouse.console.errors import AlreadyExists, NotFound, Unusable
from tokenhouse.console.lookup import require_account
from tokenhouse.console.values import Input, ScopeName, TenantName, Text
from tokenhouse.model.records import DeviceKey
from tokenhouse.model.registrations import CreateDeviceKey, RevokeDeviceKey
from tokenhouse.protocol.contract import Contract
from tokenhouse.protocol.secret import Secret

DeviceId = Annotated[str, Meta(min_length=1, max_length=128, pattern=r"^[!-~]+$")]
_SHORTEST = 12


class NewDevice(Input, frozen=True):
    """A device that gets a key, or another one. ``user``: whose device it is. ``key``: one that exists already."""

    contract: str
    device: DeviceId
    tenant: TenantName | None = None
    name: Text | None = None
    user: str | None = None
    scopes: tuple[ScopeName, ...] = ()
    ends_at: datetime | None = None
    key: Secret | None = None


class Tenancy(Input, frozen=True):
    """Whose devices to list."""

    tenant: TenantName | None = None


class DeviceName(Input, frozen=True):
    """Which device."""

    contract: str
    device: DeviceId
    tenant: TenantName | None = None


class DeviceView(Struct, frozen=True):
    """A device as it is shown; its key never is."""

    tenant: str
    contract: str
    device: str
    name: str
    user_id: str | None
    scope: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    ended_at: datetime | None


class NewKey(Struct, frozen=True):
    """A device and its key, which is said this once; None if it was given."""

    device: DeviceView
    key: Secret | None
    label: str


async def create(desk: Desk, asked: NewDevice, actor: str) -> NewKey:
    """Give a device a key; the one that it had stops working.

    Raises:
        Unusable: the contract has no such keys, the key is too short, or the end is over.
        NotFound: nobody goes by the name of the user.
        AlreadyExists: the key is another device's.

    """
    tenant, contract = _place(desk, asked.contract, asked.tenant)
    await desk.require_tenant(tenant)
    if asked.ends_at is not None and (asked.ends_at.tzinfo is None or asked.ends_at <= desk.now()):
        raise Unusable("the end lies in the past, or has no time zone", "such as 2027-06-30T00:00:00Z")
    subject = None if asked.user is None else (await require_account(desk, tenant, asked.user)).user_id
    form = contract.credentials.get("device_key")
    made = Secret(make_text(form.alphabet, form.length) if form else make_text())
    key = asked.key or made
    if len(key.reveal()) < _SHORTEST:
        raise Unusable(f"the key is shorter than {_SHORTEST} characters")
    record = DeviceKey(
        tenant=tenant,
        contract=contract.name,
        device=asked.device,
        digest=await desk.digest(DEVICE_KEY_DIGEST, key.reveal().encode()),
        created_at=desk.now(),
        name=asked.name or "",
        subject=subject,
        scope=asked.scopes,
        expires_at=asked.ends_at,
    )
    taken = AlreadyExists("another device has this key")
    effects = (CreateDeviceKey(record),)
    await desk.change(effects, "device.create", tenant, actor=actor, about=asked.device, conflict=taken)
    return NewKey(_view(record), None if asked.key else made, form.label if form else "device key")


async def list_all(desk: Desk, asked: Tenancy, _actor: str) -> list[DeviceView]:
    """Return the devices that have or had a key."""
    return [_view(key) for key in await desk.store.list_device_keys(asked.tenant)]


async def revoke(desk: Desk, asked: DeviceName, actor: str) -> DeviceView:
    """End a device's key.

    Raises:
        Unusable: the contract has no such keys.
        NotFound: the device has none.

    """
    tenant, contract = _place(desk, asked.contract, asked.tenant)
    gone = NotFound(f'the device "{asked.device}" has no key of {contract.name}', "tokenhouse device list")
    effects = (RevokeDeviceKey(tenant, contract.name, asked.device, desk.now()),)
    await desk.change(effects, "device.revoke", tenant, actor=actor, about=asked.device, conflict=gone)
    keys = await desk.store.list_device_keys(tenant)
    return next(_view(key) for key in keys if (key.contract, key.device) == (contract.name, asked.device))


def _place(desk: Desk, name: str, tenant: str | None) -> tuple[str, Contract]:
    """Return the tenant and the contract that are meant; a contract that serves one tenant needs no other word."""
    mounts = [mount for mount in desk.mounts if mount.contract.name == name]
    if not mounts:
        known = ", ".join(sorted(desk.contracts))
        raise Unusable(f'there is no contract "{name}"', f"mounted are: {known}")
    if "device_key" not in mounts[0].contract.presents:
        raise Unusable(f'the contract "{name}" says nothing of device keys', "[present] ways in its file name them")
    tenants = {mount.tenant for mount in mounts}
    chosen = tenant or (mounts[0].tenant if len(tenants) == 1 else None)
    if chosen is None or not tenants & {chosen, None}:
        raise Unusable(f'the contract "{name}" serves: {", ".join(sorted(str(t) for t in tenants))}', "--tenant NAME")
    return chosen, mounts[0].contract


def _view(key: DeviceKey) -> DeviceView:
    return DeviceView(
        tenant=key.tenant,
        contract=key.contract,
        device=key.device,
        name=key.name,
        user_id=key.subject,
        scope=key.scope,
        created_at=key.created_at,
        expires_at=key.expires_at,
        ended_at=key.revoked_at,
    )
