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
    under way. ``introspection`` says whose tokens it may ask about: nobody's, its own, or its tenant's.
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


class ClientSecret(msgspec.Struct, frozen=True):
    """A verifier of a client's secret: keyed digest of a random one, password hash of a human-chosen one."""

    secret_id: str
    scheme: Literal["hmac-sha256", "argon2id"]
    verifier: str
    created_at: datetime
    expires_at: datetime | None = None


class Account(msgspec.Struct, frozen=True):
    """A person. ``password`` is a PHC string; ``password_form`` says how its text was normalised before hashing."""

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


class Authorization(msgspec.Struct, frozen=True):
    """What was permitted by one login or one client; every token of it is derived from this row.

    ``generation`` counts refreshes; ``access_ttl_seconds`` bounds access tokens, ``expires_at`` everything;
    ``refresh_idle_seconds`` ends it when it is not refreshed for that long. ``has_refresh`` False: the access token is
    the session.
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
