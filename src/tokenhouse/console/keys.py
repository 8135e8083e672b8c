"""Keys: listed, and rotated with an overlap that no valid token outlives."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

import msgspec
from msgspec import Struct

from tokenhouse.console.desk import Desk
from tokenhouse.console.errors import AlreadyExists, Unusable
from tokenhouse.console.values import Input, Nothing, TenantName
from tokenhouse.model.effects import Effect
from tokenhouse.model.records import KeyRecord
from tokenhouse.model.registrations import AddKey, RetireKeys
from tokenhouse.protocol.contract import Contract, SignedForm
from tokenhouse.protocol.names import DEFAULT_TENANT, STANDARD_CONTRACT
from tokenhouse.tokens.making import make_secret_key, make_signing_key
from tokenhouse.written import did_you_mean

Alg = Literal["ES256", "RS256"]


class Rotation(Input, frozen=True):
    """Which key to replace.

    ``alg`` None: the contract's own; ``tenant`` None: the one that owns the contract's keys. ``at_once`` skips the time
    of being published only.
    """

    purpose: Literal["sign", "seal"] = "sign"
    tenant: TenantName | None = None
    contract: str = STANDARD_CONTRACT
    alg: Alg | None = None
    at_once: bool = False


class Place(NamedTuple):
    """What a key is for. ``alg`` None: it seals or digests, and the purpose says how."""

    tenant: str
    contract: str
    purpose: Literal["sign", "seal", "pepper"]
    alg: Alg | None


class KeyView(Struct, frozen=True):
    """A key as it is shown: never the private part."""

    key_id: str
    tenant: str
    contract: str
    purpose: str
    alg: str
    state: Literal["published", "active", "replaced", "retired"]
    created_at: datetime
    activates_at: datetime
    retires_at: datetime | None
    public: dict[str, Any] | None


async def list_all(desk: Desk, _asked: Nothing, _actor: str) -> list[KeyView]:
    """Return all keys with what each does now."""
    records, now = await desk.store.list_keys(), desk.now()
    return [_view(record, records, now) for record in records]


async def rotate(desk: Desk, asked: Rotation, actor: str) -> KeyView:
    """Make a new key, published now and used from its activation; the older ones retire when nothing needs them.

    Raises:
        Unusable: no such contract, or it signs nothing.

    """
    now = desk.now()
    records = [
        record for record in await desk.store.list_keys() if record.retires_at is None or record.retires_at > now
    ]
    place = _place(desk, asked)
    await desk.require_tenant(place.tenant)
    older = [record for record in records if _is_older(record, place)]
    ahead = desk.settings.keys.publish_ahead if older and not asked.at_once else timedelta(0)
    key = make(desk, place, now, now + ahead)
    effects: tuple[Effect, ...] = (AddKey(key),)
    life = _longest_life(desk, place)
    if older and life is not None:
        retires_at = key.activates_at + desk.settings.keys.retire_after + life
        effects += (RetireKeys(key.tenant, key.contract, key.purpose, key.alg, key.key_id, retires_at),)
    taken = AlreadyExists("a key of that id exists already")
    await desk.change(effects, "key.rotate", key.tenant, actor=actor, about=key.key_id, conflict=taken)
    return _view(key, (*records, key), now)


def make(desk: Desk, place: Place, now: datetime, activates_at: datetime) -> KeyRecord:
    """Return a new key for a place; contracts of others get a certificate with theirs."""
    if place.alg is None:
        return make_secret_key(
            desk.envelope, tenant=place.tenant, purpose=place.purpose, now=now, activates_at=activates_at
        )
    return make_signing_key(
        desk.envelope,
        tenant=place.tenant,
        contract=place.contract,
        alg=place.alg,
        now=now,
        activates_at=activates_at,
        certified=place.contract != STANDARD_CONTRACT,
    )


def own_algs(contract: Contract) -> list[Alg]:
    """Return the algorithms by which a contract signs; the standard one may be asked for either.

    Raises:
        Unusable: it signs nothing.

    """
    algs = list(dict.fromkeys(plan.form.alg for plan in contract.tokens if isinstance(plan.form, SignedForm)))
    if not algs:
        raise Unusable(f'the contract "{contract.name}" signs no tokens: it has no signing key')
    if contract.name == STANDARD_CONTRACT:
        algs += [alg for alg in ("ES256", "RS256") if alg not in algs]
    return algs


def _contract(desk: Desk, name: str) -> Contract:
    if name not in desk.contracts:
        hint = did_you_mean(name, desk.contracts) or f"known: {', '.join(desk.contracts)}"
        raise Unusable(f'there is no contract "{name}" here', hint)
    return desk.contracts[name]


def _place(desk: Desk, asked: Rotation) -> Place:
    if asked.purpose == "seal":
        return Place(asked.tenant or DEFAULT_TENANT, "", "seal", None)
    contract = _contract(desk, asked.contract)
    algs = own_algs(contract)
    if asked.alg is not None and asked.alg not in algs:
        raise Unusable(
            f'the contract "{contract.name}" does not sign with {asked.alg}', f"it signs with {', '.join(algs)}"
        )
    owners = (mount.key_tenant for mount in desk.mounts if mount.contract.name == contract.name)
    return Place(asked.tenant or next(owners, DEFAULT_TENANT), contract.name, "sign", asked.alg or algs[0])


def _is_older(record: KeyRecord, place: Place) -> bool:
    same = (record.tenant, record.contract, record.purpose) == (place.tenant, place.contract, place.purpose)
    return same and place.alg in {record.alg, None}


def _longest_life(desk: Desk, place: Place) -> timedelta | None:
    """Return how long a token lives that the older keys made; None: as long as its contract, so they never retire."""
    sealed = place.purpose == "seal"
    contracts = desk.served(place.tenant) if sealed else (_contract(desk, place.contract),)
    longest = timedelta(0)
    for plan in (plan for contract in contracts for plan in contract.tokens):
        if not sealed and not isinstance(plan.form, SignedForm):
            continue
        if plan.ttl is None:
            return None
        longest = max(longest, plan.ttl)
    return longest


def _view(record: KeyRecord, records: Iterable[KeyRecord], now: datetime) -> KeyView:
    return KeyView(
        record.key_id,
        record.tenant,
        record.contract,
        record.purpose,
        record.alg,
        _state(record, records, now),
        record.created_at,
        record.activates_at,
        record.retires_at,
        msgspec.json.decode(record.public, type=dict[str, Any]) if record.public else None,
    )


def _state(
    record: KeyRecord, records: Iterable[KeyRecord], now: datetime
) -> Literal["published", "active", "replaced", "retired"]:
    if record.retires_at is not None and record.retires_at <= now:
        return "retired"
    if record.activates_at > now:
        return "published"
    place = (record.tenant, record.contract, record.purpose, record.alg)
    newer = (
        (other.created_at, other.activates_at) > (record.created_at, record.activates_at)
        for other in records
        if (other.tenant, other.contract, other.purpose, other.alg) == place and other.activates_at <= now
    )
    return "replaced" if any(newer) else "active"
