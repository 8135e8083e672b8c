"""Clients: registered, listed, given new secrets, disabled and enabled.

Spec: RFC 7591 §2 (the names of what a registration says), RFC 6749 §2.2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from msgspec import Struct

from tokenhouse.clients.secrets import is_alive
from tokenhouse.console import credentials, policy
from tokenhouse.console.attributes import require_declared
from tokenhouse.console.desk import Desk
from tokenhouse.console.errors import AlreadyExists, NotFound, Unusable
from tokenhouse.console.resources import missing_scopes, require_targets
from tokenhouse.console.values import ClaimSource, ClientId, Input, ResourceId, ScopeName, TenantName, Text
from tokenhouse.model.effects import Effect
from tokenhouse.model.records import Client
from tokenhouse.model.registrations import AddClientSecret, CreateClient, SetClientEnabled
from tokenhouse.protocol.contract import Contract, CredentialForm
from tokenhouse.protocol.names import API_SECRET, DEFAULT_TENANT, STANDARD_CONTRACT
from tokenhouse.protocol.secret import Secret
from tokenhouse.store.ports import ClientEntry

OVERLAP_SECONDS = 24 * 3600
_LONGEST_OVERLAP_SECONDS = 90 * 24 * 3600


class NewClient(Input, frozen=True):
    """A registration; what is None takes the contract's default. ``secret`` is one that exists elsewhere already.

    ``api_secret`` is a second one, for what only a back end may ask; ``make_api_secret`` has one made.
    """

    name: Text
    tenant: TenantName | None = None
    client_id: ClientId | None = None
    contracts: tuple[str, ...] = (STANDARD_CONTRACT,)
    grants: tuple[str, ...] | None = None
    scopes: tuple[ScopeName, ...] | None = None
    audience: Text | None = None
    access_format: Literal["jwt", "opaque"] = "jwt"
    alg: Literal["ES256", "RS256"] | None = None
    introspection: policy.Introspection | None = None
    public: bool = False
    ends_at: datetime | None = None
    attributes: Mapping[str, Any] = {}
    resources: tuple[ResourceId, ...] = ()
    claims: Mapping[str, ClaimSource] = {}
    password_until: datetime | None = None
    secret: Secret | None = None
    api_secret: Secret | None = None
    make_api_secret: bool = False


class ClientName(Input, frozen=True):
    """Which client."""

    client_id: str
    tenant: TenantName = DEFAULT_TENANT


class NewSecret(Input, frozen=True):
    """A new secret; the old ones of its slot end after the overlap, or now."""

    client_id: str
    tenant: TenantName = DEFAULT_TENANT
    overlap_seconds: int = OVERLAP_SECONDS
    end_now: bool = False
    slot: Literal["", "api"] = ""
    secret: Secret | None = None


class Tenancy(Input, frozen=True):
    """Of one tenant, or of all."""

    tenant: TenantName | None = None


class SecretView(Struct, frozen=True):
    """A verifier as it is shown: nothing that verifies."""

    secret_id: str
    scheme: str
    created_at: datetime
    expires_at: datetime | None
    alive: bool
    slot: str = ""


class ClientView(Struct, frozen=True):
    """A client with its secrets as they are shown."""

    client: Client
    secrets: tuple[SecretView, ...]


class Credentials(Struct, frozen=True):
    """A pair as it is shown once. ``labels`` are the contract's own words; a secret None: none was made."""

    tenant: str
    client_id: str
    client_secret: Secret | None
    labels: Mapping[str, str]
    client: Client
    others_end_at: datetime | None = None
    api_secret: Secret | None = None


async def create(desk: Desk, asked: NewClient, actor: str) -> Credentials:
    """Register a client and return its pair.

    Raises:
        Unusable: tenant, contract, grant or attribute do not fit.
        AlreadyExists: the client id is taken.

    """
    contracts = policy.chosen(asked.contracts, desk.contracts)
    tenant = policy.tenant_of(asked.tenant, contracts, desk.mounts)
    if asked.public and (asked.secret or asked.api_secret or asked.make_api_secret):
        raise Unusable("a public client has no secret", "leave out --public, or the secret")
    await desk.require_tenant(tenant)
    forms = credentials.forms(contracts)
    client = _client(desk, asked, contracts, tenant, forms)
    await _require_unambiguous(desk, client)
    await require_targets(desk, client)
    verifier = shown = made = None
    effects: tuple[Effect, ...] = ()
    if not asked.public:
        verifier, shown = await credentials.secret_of(desk, asked.secret, forms.get("client_secret"))
    if asked.api_secret or asked.make_api_secret:
        second, made = await credentials.secret_of(desk, asked.api_secret, forms.get("api_secret"), API_SECRET)
        effects = (AddClientSecret(tenant, client.client_id, second, desk.now()),)
    taken = AlreadyExists(f'the client "{client.client_id}" exists already in the tenant "{client.tenant}"')
    effects = (CreateClient(client, verifier), *effects, *missing_scopes(desk, client))
    await desk.change(effects, "client.create", tenant, actor=actor, about=client.client_id, conflict=taken)
    return Credentials(client.tenant, client.client_id, shown, _labels(forms), client, api_secret=made)


def _client(
    desk: Desk,
    asked: NewClient,
    contracts: Sequence[Contract],
    tenant: str,
    forms: Mapping[str, CredentialForm],
) -> Client:
    """Return the registration, if it is one.

    Raises:
        Unusable: something of it does not fit.

    """
    require_zone(asked.ends_at)
    require_declared("client", asked.attributes, contracts)
    policy.require_claims(asked.claims)
    grants = policy.grants_of(asked.grants, contracts, public=asked.public)
    policy.require_password_end(asked.password_until, grants, contracts, desk.now())
    return Client(
        tenant=tenant,
        client_id=asked.client_id or credentials.make_client_id(asked.name, forms.get("client_id")),
        name=asked.name,
        contracts=tuple(contract.name for contract in contracts),
        grants=grants,
        scopes=policy.scopes_of(asked.scopes, contracts),
        auth_methods=policy.PUBLIC if asked.public else policy.CONFIDENTIAL,
        created_at=desk.now(),
        audience=asked.audience,
        access_format=asked.access_format,
        alg=asked.alg,
        introspection=policy.introspection_of(asked.introspection, contracts, public=asked.public),
        ends_at=asked.ends_at,
        attributes=asked.attributes,
        resources=tuple(dict.fromkeys(asked.resources)),
        claims=asked.claims,
        password_ends_at=asked.password_until,
    )


async def list_all(desk: Desk, asked: Tenancy, _actor: str) -> list[Client]:
    """Return the clients of one tenant or of all."""
    return list(await desk.store.list_clients(asked.tenant))


async def show(desk: Desk, asked: ClientName, _actor: str) -> ClientView:
    """Return one client.

    Raises:
        NotFound: there is none of that name.

    """
    client, secrets, _ = await require_client(desk, asked.tenant, asked.client_id)
    now = desk.now()
    views = (SecretView(s.secret_id, s.scheme, s.created_at, s.expires_at, is_alive(s, now), s.slot) for s in secrets)
    return ClientView(client, tuple(views))


async def rotate_secret(desk: Desk, asked: NewSecret, actor: str) -> Credentials:
    """Give a client another secret.

    Raises:
        NotFound: there is no such client.
        Unusable: it is a public one, or the overlap is out of bounds.

    """
    client, _, _ = await require_client(desk, asked.tenant, asked.client_id)
    if client.auth_methods == policy.PUBLIC:
        raise Unusable(f'"{client.client_id}" is a public client: it has no secret')
    if not 0 <= asked.overlap_seconds <= _LONGEST_OVERLAP_SECONDS:
        raise Unusable("the overlap must be between 0s and 90d")
    contracts = [desk.contracts[name] for name in client.contracts if name in desk.contracts]
    forms = credentials.forms(contracts)
    form = forms.get("api_secret" if asked.slot else "client_secret")
    verifier, shown = await credentials.secret_of(desk, asked.secret, form, asked.slot)
    overlap = timedelta(0) if asked.end_now else timedelta(seconds=asked.overlap_seconds)
    ends_at = desk.now() + overlap
    effects = (AddClientSecret(client.tenant, client.client_id, verifier, ends_at),)
    gone = _unknown(client.tenant, client.client_id)
    what = "client.rotate_secret"
    await desk.change(effects, what, client.tenant, actor=actor, about=client.client_id, conflict=gone)
    plain, api = (None, shown) if asked.slot else (shown, None)
    return Credentials(client.tenant, client.client_id, plain, _labels(forms), client, ends_at, api)


async def disable(desk: Desk, asked: ClientName, actor: str) -> Client:
    """Refuse a client from now on; its tokens die with it.

    Raises:
        NotFound: there is no such client.

    """
    return await _switch(desk, asked, actor, enabled=False)


async def enable(desk: Desk, asked: ClientName, actor: str) -> Client:
    """Let a disabled client ask again.

    Raises:
        NotFound: there is no such client.

    """
    return await _switch(desk, asked, actor, enabled=True)


async def _switch(desk: Desk, asked: ClientName, actor: str, *, enabled: bool) -> Client:
    effects = (SetClientEnabled(asked.tenant, asked.client_id, enabled),)
    what = "client.enable" if enabled else "client.disable"
    gone = _unknown(asked.tenant, asked.client_id)
    await desk.change(effects, what, asked.tenant, actor=actor, about=asked.client_id, conflict=gone)
    return (await require_client(desk, asked.tenant, asked.client_id)).client


async def _require_unambiguous(desk: Desk, client: Client) -> None:
    """Pass unless a contract that serves every tenant would find two clients of that id, and so neither of them."""
    if any(mount.tenant is None for mount in desk.mounts):
        for known, _, _ in await desk.store.find_clients(client.client_id, None):
            if known.tenant != client.tenant:
                message = f'the client "{client.client_id}" exists already in the tenant "{known.tenant}"'
                raise AlreadyExists(message, "a contract here serves all tenants and tells clients apart by their id")


def require_zone(ends_at: datetime | None) -> None:
    """Pass if an end date says which day it means.

    Raises:
        Unusable: it has no time zone.

    """
    if ends_at is not None and ends_at.tzinfo is None:
        raise Unusable("the end date has no time zone", "such as 2027-06-30T00:00:00Z")


async def require_client(desk: Desk, tenant: str, client_id: str) -> ClientEntry:
    """Return a client of that id.

    Raises:
        NotFound: there is none.

    """
    entries = await desk.store.find_clients(client_id, tenant)
    if not entries:
        elsewhere = [entry.client.tenant for entry in await desk.store.find_clients(client_id, None)]
        raise _unknown(tenant, client_id, elsewhere)
    return entries[0]


def _unknown(tenant: str, client_id: str, elsewhere: Sequence[str] = ()) -> NotFound:
    hint = " or ".join(f"--tenant {other}" for other in elsewhere) or "tokenhouse client list"
    return NotFound(f'there is no client "{client_id}" in the tenant "{tenant}"', hint)


def _labels(forms: Mapping[str, Any]) -> dict[str, str]:
    names = ("client_id", "client_secret", "api_secret")
    return {name: forms[name].label if name in forms else name for name in names}
