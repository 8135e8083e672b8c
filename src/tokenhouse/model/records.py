"""Records: rows of the store as values. Times are aware datetimes in UTC; None means "never" or "not yet"."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec


class Tenant(msgspec.Struct, frozen=True):
    """A separate house under the same roof: its users, clients, keys and contracts meet nobody else's."""

    name: str
    enabled: bool
    created_at: datetime


class Client(msgspec.Struct, frozen=True):
    """An application that asks for tokens.

    ``contracts``, ``grants``, ``scopes`` and ``auth_methods`` are closed lists: what is not named is not allowed.
    ``ends_at`` is the end date of its contract. ``security_version`` moves with each change that must end what is
    under way. ``introspection`` says whose tokens it may ask about: nobody's, its own, or its tenant's. ``resources``
    are the resources that it may ask tokens for (RFC 8707); ``claims`` maps claim names of its tokens to their sources.
    ``password_ends_at`` ends its right to the password grant.
    """

    tenant: str
    client_id: str
    name: str
    contracts: tuple[str, ...]
    grants: tuple[str, ...]
    scopes: tuple[str, ...]
    auth_methods: tuple[str, ...]
    created_at: datetime
    audience: str | None = None
    access_format: Literal["jwt", "opaque"] = "jwt"
    alg: Literal["ES256", "RS256"] | None = None
    introspection: Literal["none", "own", "tenant"] = "none"
    enabled: bool = True
    ends_at: datetime | None = None
    security_version: int = 1
    attributes: Mapping[str, Any] = {}
    resources: tuple[str, ...] = ()
    claims: Mapping[str, str] = {}
    password_ends_at: datetime | None = None


class ClientSecret(msgspec.Struct, frozen=True):
    """A verifier of a client's secret: keyed digest of a random one, password hash of a human-chosen one.

    ``slot`` tells secrets of different rights apart; each is shown where its slot is asked for and nowhere else.
    """

    secret_id: str
    scheme: Literal["hmac-sha256", "argon2id"]
    verifier: str
    created_at: datetime
    expires_at: datetime | None = None
    slot: str = ""


class Account(msgspec.Struct, frozen=True):
    """A person. ``password`` is a PHC string; ``password_form`` says how its text was normalised before hashing.

    ``roles`` and ``groups`` are names that operators gave; what a token says of them is its client's or resource's
    mapping. ``email_verified_at`` is when the address was proven to be the person's.
    """

    tenant: str
    user_id: str
    username: str | None
    email: str | None
    phone: str | None
    name: str | None
    password: str | None
    created_at: datetime
    password_form: Literal["raw", "nfkc"] = "raw"
    enabled: bool = True
    locked_at: datetime | None = None
    security_version: int = 1
    attributes: Mapping[str, Any] = {}
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    email_verified_at: datetime | None = None
    signed_in_at: datetime | None = None


class Authorization(msgspec.Struct, frozen=True):
    """What was permitted by one login or one client; every token of it is derived from this row.

    ``generation`` counts refreshes; ``access_ttl_seconds`` bounds access tokens, ``expires_at`` everything;
    ``refresh_idle_seconds`` ends it when it is not refreshed for that long. ``has_refresh`` False: the access token is
    the session. ``resources`` are the resources that its tokens may be for; empty: the client's own audience.
    """

    id: int
    tenant: str
    contract: str
    client_id: str
    subject: str | None
    scope: tuple[str, ...]
    seal_key: str
    issued_at: datetime
    advanced_at: datetime
    last_used_at: datetime
    access_ttl_seconds: int | None
    generation: int = 0
    access_nonce: int = 0
    has_refresh: bool = False
    refresh_idle_seconds: int | None = None
    device: str | None = None
    device_name: str | None = None
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    resources: tuple[str, ...] = ()


class Resource(msgspec.Struct, frozen=True):
    """An API that tokens are for (RFC 8707); ``identifier`` is an absolute URI, said in ``aud``.

    ``claims`` maps claim names of its tokens to their sources. ``access_ttl_seconds`` caps the life of its tokens.
    """

    tenant: str
    identifier: str
    name: str
    created_at: datetime
    access_ttl_seconds: int | None = None
    claims: Mapping[str, str] = {}


class ScopeRecord(msgspec.Struct, frozen=True):
    """A scope that clients can be given. ``resource`` None: it is in tokens for any resource, else in that one's."""

    tenant: str
    name: str
    created_at: datetime
    description: str = ""
    resource: str | None = None


class DeviceKey(msgspec.Struct, frozen=True):
    """A key that a device shows at APIs, beside its own id; kept as a keyed digest.

    ``subject`` None: it belongs to nobody but its device.
    """

    tenant: str
    contract: str
    device: str
    digest: bytes
    created_at: datetime
    name: str = ""
    subject: str | None = None
    scope: tuple[str, ...] = ()
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


class Ticket(msgspec.Struct, frozen=True):
    """A single-use link that went to somebody's mailbox, kept as a keyed digest of what the link carries.

    ``user_id`` None: nobody yet, a sign-up. ``email`` is the address that following the link proves.
    """

    digest: bytes
    tenant: str
    purpose: Literal["sign_up", "reset_password", "change_email"]
    email: str
    expires_at: datetime
    user_id: str | None = None


class KeyRecord(msgspec.Struct, frozen=True):
    """One key, private part encrypted. Published from creation until ``retires_at``, used from ``activates_at``.

    ``purpose`` is one of sign, seal, pepper; a key serves one purpose only. ``contract`` narrows a signing key to one
    contract. ``public`` is the public part: a JWK as JSON, or empty; ``certificate`` is DER where a contract wants one.
    """

    key_id: str
    tenant: str
    contract: str
    purpose: Literal["sign", "seal", "pepper"]
    alg: str
    sealed: bytes
    created_at: datetime
    activates_at: datetime
    retires_at: datetime | None = None
    public: str = ""
    certificate: bytes | None = None


class AuditRecord(msgspec.Struct, frozen=True):
    """Who did what, when, through which contract, and how it ended. Never a credential, never a token."""

    at: datetime
    event: str
    outcome: Literal["ok", "refused"]
    tenant: str
    contract: str
    request_id: str
    reason: str = ""
    client_id: str | None = None
    subject: str | None = None
    source: str = ""
    authorization_id: int | None = None
