"""Tenants: made with the key that seals their tokens."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from tokenhouse.console.desk import Desk
from tokenhouse.console.errors import AlreadyExists
from tokenhouse.console.values import Input, Nothing, TenantName
from tokenhouse.model.effects import Effect
from tokenhouse.model.records import Tenant
from tokenhouse.model.registrations import AddKey, CreateTenant
from tokenhouse.tokens.making import make_secret_key


class NewTenant(Input, frozen=True):
    """``if_missing``: a tenant that is there already is no mistake."""

    name: TenantName
    if_missing: bool = False


class TenantView(Struct, frozen=True):
    """A tenant as it is shown."""

    name: str
    enabled: bool
    created_at: datetime
    created: bool = False


async def create(desk: Desk, asked: NewTenant, actor: str) -> TenantView:
    """Add a tenant and its sealing key.

    Raises:
        AlreadyExists: the name is taken.

    """
    found = next((tenant for tenant in await desk.store.list_tenants() if tenant.name == asked.name), None)
    if found is not None and asked.if_missing:
        return TenantView(found.name, found.enabled, found.created_at)
    now = desk.now()
    tenant = Tenant(asked.name, enabled=True, created_at=now)
    effects: tuple[Effect, ...] = (CreateTenant(tenant),)
    if not any(key.tenant == asked.name and key.purpose == "seal" for key in await desk.store.list_keys()):
        effects += (
            AddKey(make_secret_key(desk.envelope, tenant=asked.name, purpose="seal", now=now, activates_at=now)),
        )
    taken = AlreadyExists(f'the tenant "{asked.name}" exists already')
    await desk.change(effects, "tenant.create", asked.name, actor=actor, about=asked.name, conflict=taken)
    return TenantView(tenant.name, tenant.enabled, tenant.created_at, created=True)


async def list_all(desk: Desk, _asked: Nothing, _actor: str) -> list[TenantView]:
    """Return all tenants."""
    return [TenantView(tenant.name, tenant.enabled, tenant.created_at) for tenant in await desk.store.list_tenants()]
