"""Changing a client's registration: what is not named stays as it is.

Spec: RFC 7591 §2 (the names of what a registration says).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from tokenhouse.console import policy
from tokenhouse.console.attributes import require_declared
from tokenhouse.console.clients import require_client, require_zone
from tokenhouse.console.desk import Desk
from tokenhouse.console.errors import Unavailable, Unusable
from tokenhouse.console.resources import missing_scopes, require_targets
from tokenhouse.console.values import ClaimSource, Input, ResourceId, ScopeName, TenantName, Text
from tokenhouse.model.records import Client
from tokenhouse.model.registrations import ReplaceClient
from tokenhouse.protocol.names import DEFAULT_TENANT

Clearable = Literal[
    "scopes", "resources", "claims", "attributes", "audience", "alg", "ends_at", "password_until", "grants"
]
_EMPTY: dict[str, Any] = {
    "scopes": (),
    "resources": (),
    "grants": (),
    "claims": {},
    "attributes": {},
    "audience": None,
    "alg": None,
    "ends_at": None,
    "password_ends_at": None,
}
_STORED = {"password_until": "password_ends_at"}
_MERGED = ("claims", "attributes")


class ClientUpdate(Input, frozen=True):
    """What changes. A list takes the place of the old one, claims and attributes are added to those that are there.

    ``clear`` empties first.
    """

    client_id: str
    tenant: TenantName = DEFAULT_TENANT
    name: Text | None = None
    grants: tuple[str, ...] | None = None
    scopes: tuple[ScopeName, ...] | None = None
    audience: Text | None = None
    resources: tuple[ResourceId, ...] | None = None
    claims: Mapping[str, ClaimSource] | None = None
    access_format: Literal["jwt", "opaque"] | None = None
    alg: Literal["ES256", "RS256"] | None = None
    introspection: policy.Introspection | None = None
    ends_at: datetime | None = None
    password_until: datetime | None = None
    attributes: Mapping[str, Any] | None = None
    clear: tuple[Clearable, ...] = ()


async def update(desk: Desk, asked: ClientUpdate, actor: str) -> Client:
    """Change a registration; what the client has under way is judged by the new one.

    Raises:
        NotFound: there is no such client.
        Unusable: nothing changes, or what is asked does not fit.
        Unavailable: somebody else changed it at the same time.

    """
    client = (await require_client(desk, asked.tenant, asked.client_id)).client
    changes = _changes(client, asked)
    if not changes:
        raise Unusable("there is nothing to change", "tokenhouse client update --help")
    changed = msgspec.structs.replace(client, **changes)
    if changed == client:
        return client
    contracts = [desk.contracts[name] for name in client.contracts if name in desk.contracts]
    is_public = client.auth_methods == policy.PUBLIC
    if asked.grants is not None:
        changed = msgspec.structs.replace(changed, grants=policy.grants_of(asked.grants, contracts, public=is_public))
    require_zone(asked.ends_at)
    require_declared("client", changed.attributes, contracts)
    policy.require_claims(changed.claims)
    if {"grants", "password_ends_at"} & _differing(client, changed):
        policy.require_password_end(changed.password_ends_at, changed.grants, contracts, desk.now())
    await require_targets(desk, changed)
    effects = (ReplaceClient(changed), *missing_scopes(desk, changed))
    lost = Unavailable(f'the client "{client.client_id}" was changed by somebody else', "try again")
    await desk.change(effects, "client.update", client.tenant, actor=actor, about=client.client_id, conflict=lost)
    return (await require_client(desk, client.tenant, client.client_id)).client


def _changes(client: Client, asked: ClientUpdate) -> dict[str, Any]:
    emptied = [_STORED.get(name, name) for name in asked.clear]
    changes: dict[str, Any] = {stored: _EMPTY[stored] for stored in emptied}
    for name in set(ClientUpdate.__struct_fields__) - {"client_id", "tenant", "clear"}:
        value = getattr(asked, name)
        if value is None:
            continue
        stored = _STORED.get(name, name)
        if stored in _MERGED:
            value = {**changes.get(stored, getattr(client, stored)), **value}
        elif isinstance(value, tuple):
            value = tuple(dict.fromkeys(value))
        changes[stored] = value
    return changes


def _differing(one: Client, other: Client) -> set[str]:
    return {name for name in Client.__struct_fields__ if getattr(one, name) != getattr(other, name)}
