"""Effects of administration: tenants, clients, resources, scopes, device keys and keys. Only operators cause them."""

from __future__ import annotations

from datetime import datetime

from tokenhouse.model.effects import Effect
from tokenhouse.model.records import Client, ClientSecret, DeviceKey, KeyRecord, Resource, ScopeRecord, Tenant


class CreateTenant(Effect, frozen=True):
    """Add a tenant."""

    tenant: Tenant


class CreateClient(Effect, frozen=True):
    """Add a client with its first secret, if it has one."""

    client: Client
    secret: ClientSecret | None


class AddClientSecret(Effect, frozen=True):
    """Add a secret; the older ones end at ``others_end_at``."""

    tenant: str
    client_id: str
    secret: ClientSecret
    others_end_at: datetime


class SetClientEnabled(Effect, frozen=True):
    """Enable or disable a client; what it has under way ends with its version."""

    tenant: str
    client_id: str
    enabled: bool


class ReplaceClient(Effect, frozen=True):
    """Write a client's registration anew, conditional on its version; what it has under way ends with it."""

    client: Client


class PutResource(Effect, frozen=True):
    """Add a resource, or change one."""

    resource: Resource


class DeleteResource(Effect, frozen=True):
    """Forget a resource; tokens for it are not made any more."""

    tenant: str
    identifier: str


class PutScope(Effect, frozen=True):
    """Add a scope; ``replace``: or change it, else one that is known stays as it is."""

    scope: ScopeRecord
    replace: bool = True


class DeleteScope(Effect, frozen=True):
    """Forget a scope."""

    tenant: str
    name: str


class CreateDeviceKey(Effect, frozen=True):
    """Give a device a key; one that it has of this contract ends."""

    key: DeviceKey


class RevokeDeviceKey(Effect, frozen=True):
    """End a device's key."""

    tenant: str
    contract: str
    device: str
    at: datetime


class AddKey(Effect, frozen=True):
    """Add a key."""

    key: KeyRecord


class RetireKeys(Effect, frozen=True):
    """Give the older keys of one purpose an end, all but ``except_key``."""

    tenant: str
    contract: str
    purpose: str
    alg: str
    except_key: str
    retires_at: datetime
