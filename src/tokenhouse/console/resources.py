"""Resources and scopes: the APIs that tokens are for, and what may be done there, as records.

Spec: RFC 8707 §2, RFC 6749 §3.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta, Struct

from tokenhouse.console.desk import Desk
from tokenhouse.console.errors import AlreadyExists, NotFound, Unusable
from tokenhouse.console.policy import require_claims
from tokenhouse.console.values import ClaimSource, Input, ResourceId, ScopeName, TenantName, Text
from tokenhouse.model.records import Client, Resource, ScopeRecord
from tokenhouse.model.registrations import DeleteResource, DeleteScope, PutResource, PutScope
from tokenhouse.protocol.names import DEFAULT_TENANT
from tokenhouse.protocol.resource import is_resource

_LONGEST_TTL = 10 * 365 * 24 * 3600
_SHOWN = 5


class NewResource(Input, frozen=True):
    """An API. ``replace``: one of that identifier is changed; else it must be new."""

    identifier: ResourceId
    tenant: TenantName = DEFAULT_TENANT
    name: Text | None = None
    access_ttl_seconds: Annotated[int, Meta(ge=1, le=_LONGEST_TTL)] | None = None
    claims: Mapping[str, ClaimSource] = {}
    replace: bool = False


class ResourceName(Input, frozen=True):
    """Which API."""

    identifier: str
    tenant: TenantName = DEFAULT_TENANT


class Tenancy(Input, frozen=True):
    """Of one tenant, or of all."""

    tenant: TenantName | None = None


class NewScope(Input, frozen=True):
    """A scope, or what is said anew of one. ``resource``: the only API whose tokens carry it."""

    name: ScopeName
    tenant: TenantName = DEFAULT_TENANT
    description: Annotated[str, Meta(max_length=200)] = ""
    resource: str | None = None


class NamedScope(Input, frozen=True):
    """Which scope."""

    name: str
    tenant: TenantName = DEFAULT_TENANT


class ResourceView(Struct, frozen=True):
    """An API with its scopes and the clients that may ask for it."""

    resource: Resource
    scopes: tuple[str, ...]
    clients: tuple[str, ...]


async def create(desk: Desk, asked: NewResource, actor: str) -> Resource:
    """Add an API.

    Raises:
        Unusable: it is no absolute URI without a fragment, its claims cannot be mapped, or there is no such tenant.
        AlreadyExists: it is there already.

    """
    if not is_resource(asked.identifier):
        raise Unusable("a resource is an absolute URI without a fragment", "such as https://api.example.com/orders")
    await desk.require_tenant(asked.tenant)
    require_claims(asked.claims)
    known = await desk.store.find_resource(asked.tenant, asked.identifier)
    taken = AlreadyExists(f'the resource "{asked.identifier}" exists already in the tenant "{asked.tenant}"')
    if known is not None and not asked.replace:
        raise taken
    resource = Resource(
        tenant=asked.tenant,
        identifier=asked.identifier,
        name=asked.name or asked.identifier,
        created_at=known.created_at if known else desk.now(),
        access_ttl_seconds=asked.access_ttl_seconds,
        claims=asked.claims,
    )
    what = "resource.update" if known else "resource.create"
    effect = PutResource(resource)
    await desk.change((effect,), what, asked.tenant, actor=actor, about=asked.identifier, conflict=taken)
    return resource


async def list_all(desk: Desk, asked: Tenancy, _actor: str) -> list[Resource]:
    """Return the APIs of one tenant or of all."""
    return list(await desk.store.list_resources(asked.tenant))


async def show(desk: Desk, asked: ResourceName, _actor: str) -> ResourceView:
    """Return one API.

    Raises:
        NotFound: there is none of that identifier.

    """
    resource = await desk.store.find_resource(asked.tenant, asked.identifier)
    if resource is None:
        raise _unknown(asked.tenant, asked.identifier)
    scopes = await desk.store.list_scopes(asked.tenant)
    users = await _clients(desk, asked.tenant, resource=asked.identifier)
    return ResourceView(resource, tuple(s.name for s in scopes if s.resource == asked.identifier), users)


async def delete(desk: Desk, asked: ResourceName, actor: str) -> Resource:
    """Forget an API and the scopes that belong to it.

    Raises:
        NotFound: there is none of that identifier.
        Unusable: clients may still ask for it; else they would get tokens for somebody else.

    """
    view = await show(desk, asked, actor)
    if view.clients:
        raise Unusable(f"the resource is still one of: {_some(view.clients)}", "tokenhouse client update")
    gone = _unknown(asked.tenant, asked.identifier)
    effect = DeleteResource(asked.tenant, asked.identifier)
    await desk.change((effect,), "resource.delete", asked.tenant, actor=actor, about=asked.identifier, conflict=gone)
    return view.resource


async def create_scope(desk: Desk, asked: NewScope, actor: str) -> ScopeRecord:
    """Describe a scope, or bind it to an API.

    Raises:
        Unusable: there is no such tenant or resource, or clients have the scope that may not ask for its resource.

    """
    await desk.require_tenant(asked.tenant)
    if asked.resource is not None:
        if await desk.store.find_resource(asked.tenant, asked.resource) is None:
            raise Unusable(f'there is no resource "{asked.resource}"', f"tokenhouse resource create {asked.resource}")
        others = set(await _clients(desk, asked.tenant, scope=asked.name))
        others -= set(await _clients(desk, asked.tenant, resource=asked.resource))
        if others:
            message = f"clients have this scope that may not ask for the resource: {_some(sorted(others))}"
            raise Unusable(message, f"tokenhouse client update {min(others)} --resource {asked.resource}")
    known = await desk.store.find_scope(asked.tenant, asked.name)
    created_at = known.created_at if known else desk.now()
    scope = ScopeRecord(asked.tenant, asked.name, created_at, asked.description, asked.resource)
    gone = Unusable(f'there is no resource "{asked.resource}"')
    what = "scope.update" if known else "scope.create"
    await desk.change((PutScope(scope),), what, asked.tenant, actor=actor, about=asked.name, conflict=gone)
    return scope


async def list_scopes(desk: Desk, asked: Tenancy, _actor: str) -> list[ScopeRecord]:
    """Return the scopes of one tenant or of all."""
    return list(await desk.store.list_scopes(asked.tenant))


async def delete_scope(desk: Desk, asked: NamedScope, actor: str) -> ScopeRecord:
    """Forget a scope.

    Raises:
        NotFound: there is none of that name.
        Unusable: clients have it; without its record it would belong to every resource.

    """
    known = await desk.store.find_scope(asked.tenant, asked.name)
    gone = NotFound(f'there is no scope "{asked.name}" in the tenant "{asked.tenant}"', "tokenhouse scope list")
    if known is None:
        raise gone
    users = await _clients(desk, asked.tenant, scope=asked.name)
    if users:
        raise Unusable(f"clients have this scope: {_some(users)}", "tokenhouse client update")
    effect = DeleteScope(asked.tenant, asked.name)
    await desk.change((effect,), "scope.delete", asked.tenant, actor=actor, about=asked.name, conflict=gone)
    return known


async def require_targets(desk: Desk, client: Client) -> None:
    """Pass if the resources of a registration are known, and include those that its scopes belong to.

    Raises:
        Unusable: they do not.

    """
    for identifier in client.resources:
        if await desk.store.find_resource(client.tenant, identifier) is None:
            raise Unusable(f'there is no resource "{identifier}"', f"tokenhouse resource create {identifier}")
    for name in client.scopes:
        scope = await desk.store.find_scope(client.tenant, name)
        if scope is not None and scope.resource is not None and scope.resource not in client.resources:
            raise Unusable(f'the scope "{name}" belongs to a resource', f"--resource {scope.resource}")


def missing_scopes(desk: Desk, client: Client) -> tuple[PutScope, ...]:
    """Return what gives the scopes of a registration a record; those that have one keep it."""
    return tuple(PutScope(ScopeRecord(client.tenant, name, desk.now()), replace=False) for name in client.scopes)


async def _clients(
    desk: Desk, tenant: str, *, resource: str | None = None, scope: str | None = None
) -> tuple[str, ...]:
    """Return the ids of the clients that have a resource, or a scope."""
    clients = await desk.store.list_clients(tenant)
    return tuple(c.client_id for c in clients if resource in c.resources or scope in c.scopes)


def _some(names: tuple[str, ...] | list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _unknown(tenant: str, identifier: str) -> NotFound:
    return NotFound(f'there is no resource "{identifier}" in the tenant "{tenant}"', "tokenhouse resource list")
