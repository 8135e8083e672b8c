"""Setting up: the tenants and keys that a configuration needs, made where they are missing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from tokenhouse.console.desk import Desk
from tokenhouse.console.errors import AlreadyExists
from tokenhouse.console.keys import Place, make, own_algs
from tokenhouse.console.values import Nothing
from tokenhouse.model.effects import Effect
from tokenhouse.model.records import KeyRecord, Tenant
from tokenhouse.model.registrations import AddKey, CreateTenant
from tokenhouse.protocol.contract import SignedForm
from tokenhouse.protocol.names import DEFAULT_TENANT


class Prepared(Struct, frozen=True):
    """What was missing, in words: made by ``prepare``, only told by ``missing``."""

    tenants: tuple[str, ...]
    keys: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        """Whether nothing was missing."""
        return not self.tenants and not self.keys


async def missing(desk: Desk, _asked: Nothing, _actor: str) -> Prepared:
    """Return what the mounted contracts need and the store does not have."""
    places = await _missing_keys(desk)
    return Prepared(tuple(await _missing_tenants(desk)), tuple(map(_words, places)))


async def prepare(desk: Desk, asked: Nothing, actor: str) -> Prepared:
    """Make the missing tenants and keys, in use at once; asking twice is asking once.

    Raises:
        AlreadyExists: somebody else prepares at the same time.

    """
    found = await missing(desk, asked, actor)
    if found.is_complete:
        return found
    now = desk.now()
    effects: list[Effect] = [CreateTenant(Tenant(name, enabled=True, created_at=now)) for name in found.tenants]
    effects += [AddKey(make(desk, place, now, now)) for place in await _missing_keys(desk)]
    busy = AlreadyExists("somebody else is preparing this store", "try again")
    await desk.change(tuple(effects), "setup.prepare", DEFAULT_TENANT, actor=actor, about="", conflict=busy)
    return found


async def _missing_tenants(desk: Desk) -> list[str]:
    known = {tenant.name for tenant in await desk.store.list_tenants()}
    return [name for name in _needed_tenants(desk) if name not in known]


async def _missing_keys(desk: Desk) -> list[Place]:
    now = desk.now()
    records = await desk.store.list_keys()
    tenants = {*_needed_tenants(desk), *(tenant.name for tenant in await desk.store.list_tenants())}
    needed = dict.fromkeys(_needed_keys(desk, sorted(tenants)))
    return [place for place in needed if not any(_serves(record, place, now) for record in records)]


def _needed_tenants(desk: Desk) -> list[str]:
    named = (name for mount in desk.mounts for name in (mount.key_tenant, mount.tenant) if name is not None)
    return list(dict.fromkeys((DEFAULT_TENANT, *named)))


def _needed_keys(desk: Desk, tenants: list[str]) -> Iterator[Place]:
    yield Place(DEFAULT_TENANT, "", "pepper", None)
    for tenant in tenants:
        yield Place(tenant, "", "seal", None)
    for mount in desk.mounts:
        if any(isinstance(plan.form, SignedForm) for plan in mount.contract.tokens):
            for alg in own_algs(mount.contract):
                yield Place(mount.key_tenant, mount.contract.name, "sign", alg)


def _serves(record: KeyRecord, place: Place, now: datetime) -> bool:
    fits = (record.tenant, record.contract, record.purpose) == (place.tenant, place.contract, place.purpose)
    alive = record.activates_at <= now and (record.retires_at is None or record.retires_at > now)
    return fits and alive and place.alg in {record.alg, None}


def _words(place: Place) -> str:
    if place.purpose == "sign":
        return f"{place.alg} signing key of {place.contract} (tenant {place.tenant})"
    return f"{'sealing' if place.purpose == 'seal' else 'digest'} key (tenant {place.tenant})"
