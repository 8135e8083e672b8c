"""Inspection: a token string becomes live facts, or nothing. No oracle: whatever is wrong is one and the same None.

Spec: RFC 7662 §2.2; RFC 9068 §4 for signed tokens.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from tokenhouse.model.records import Account, Authorization, Client, Resource
from tokenhouse.protocol.contract import Mount, OpaqueForm, TokenPlan
from tokenhouse.protocol.names import TokenUse
from tokenhouse.store.ports import AccountReader, AuthorizationReader, ClientReader, ResourceReader
from tokenhouse.tokens import jose
from tokenhouse.tokens.gate import Standing, live
from tokenhouse.tokens.handle import HANDLE_BYTES, Handle, Kind, pack, seconds
from tokenhouse.tokens.keys import KeyRing
from tokenhouse.tokens.mounts import Mounts
from tokenhouse.tokens.spelling import read, spell

_KINDS = {TokenUse.ACCESS: Kind.ACCESS, TokenUse.REFRESH: Kind.REFRESH}
_PREFIX = "Bearer "
_DIGEST = "revoked token"


@dataclass(frozen=True, slots=True)
class Found:
    """A token that is ours, alive or not. ``row`` None: a signed token that nothing remembers."""

    mount: Mount
    tenant: str
    use: TokenUse
    handle: Handle
    row: Authorization | None
    client_id: str
    issued_at: datetime
    expires_at: datetime | None
    claims: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Live:
    """A token that is to be honoured now, with everybody behind it.

    ``resources`` are those that an opaque access token is for, as far as they are there and its client's still.
    """

    found: Found
    client: Client
    account: Account | None
    resources: tuple[Resource, ...] = ()

    @property
    def scope(self) -> tuple[str, ...]:
        """What the login was granted, as far as its client may still have it; a signed token says its own."""
        return within(self.found.row.scope, self.client.scopes) if self.found.row else ()


def within(granted: tuple[str, ...], allowed: tuple[str, ...]) -> tuple[str, ...]:
    """Return what of a granted scope is allowed still: a client's list is closed, also for logins before it."""
    return tuple(name for name in granted if name in allowed)


class TokenReader(AuthorizationReader, AccountReader, ClientReader, ResourceReader, Protocol):
    """The ports that inspection reads."""


class Inspection:
    """Reads tokens of every contract of a tenant."""

    def __init__(self, keys: KeyRing, mounts: Mounts, reader: TokenReader) -> None:
        self._keys = keys
        self._mounts = mounts
        self._reader = reader

    async def find(self, text: str, tenant: str, now: datetime) -> Found | None:
        """Return the token that ``text`` is, with one optional ``Bearer `` before it, else None."""
        text = text.removeprefix(_PREFIX)
        if jose.looks_signed(text):
            return await self._find_signed(text, tenant, now)
        for mount in self._mounts.of_tenant(tenant):
            for plan in mount.contract.tokens:
                found = await self.find_opaque(text, mount, plan, tenant, now)
                if found is not None:
                    return found
        return None

    async def find_opaque(self, text: str, mount: Mount, plan: TokenPlan, tenant: str, now: datetime) -> Found | None:
        """Return the token that ``text`` is under one plan of one mount, else None."""
        await self._keys.refresh(now)
        form = plan.form if isinstance(plan.form, OpaqueForm) else plan.opaque
        sealed = read(form, text) if form else None
        if form is None or sealed is None:
            return None
        for seal in self._keys.sealers(tenant, now):
            handle = seal.open(sealed, _KINDS[plan.use], mount.contract.name)
            if handle is not None and spell(form, sealed, seal) == text:
                return await self._with_row(handle, mount, plan, tenant)
        return None

    async def _with_row(self, handle: Handle, mount: Mount, plan: TokenPlan, tenant: str) -> Found | None:
        row = await self._reader.find_authorization(handle.id)
        if row is None or row.tenant != tenant or row.contract != mount.contract.name:
            return None
        if plan.use is TokenUse.ACCESS:
            ttl = row.access_ttl_seconds
            ends = None if ttl is None else handle.at + timedelta(seconds=ttl)
            expires_at = min(filter(None, (ends, row.expires_at)), default=None)
            return Found(mount, tenant, plan.use, handle, row, row.client_id, handle.at, expires_at)
        return Found(mount, tenant, plan.use, handle, row, row.client_id, row.issued_at, row.expires_at)

    async def _find_signed(self, text: str, tenant: str, now: datetime) -> Found | None:
        await self._keys.refresh(now)
        verified = jose.verify(text, lambda kid: self._keys.verifying(kid, now))
        if verified is None:
            return None
        key, claims = verified
        mount = self._mounts.find(tenant, key.record.contract)
        if mount is None or mount.key_tenant != key.record.tenant or claims.get("iss", mount.issuer) != mount.issuer:
            return None
        expires_at, issued_at = _time(claims.get("exp")), _time(claims.get("iat", claims.get("nbf")))
        handle = self._decipher(claims.get("jti"), issued_at, tenant, now)
        if expires_at is None or issued_at is None or handle is None:
            return None
        row, client_id = None, claims.get("client_id")
        if handle.kind is not Kind.STATELESS:
            row = await self._reader.find_authorization(handle.id)
            if row is None or row.tenant != tenant or row.contract != mount.contract.name:
                return None
            client_id = row.client_id
        if not isinstance(client_id, str):
            return None
        return Found(mount, tenant, TokenUse.ACCESS, handle, row, client_id, issued_at, expires_at, claims)

    def _decipher(self, jti: Any, issued_at: datetime | None, tenant: str, now: datetime) -> Handle | None:
        """Return the handle; its time must be the token's own, which tells the right key from a wrong one."""
        token_id = _token_id(jti)
        if token_id is None or issued_at is None:
            return None
        for seal in self._keys.sealers(tenant, now):
            handle = seal.decipher(token_id)
            if handle is not None and handle.time == seconds(issued_at):
                return handle
        return None

    async def require_live(self, found: Found | None, now: datetime) -> Live | None:
        """Return the token with everybody behind it if it is to be honoured now, else None."""
        if found is None or (found.expires_at is not None and found.expires_at <= now):
            return None
        row = found.row
        if found.use is not TokenUse.ACCESS and row is not None and found.handle.number != row.generation:
            return None
        if await self._reader.is_token_revoked(await self.digest(found, now)):
            return None
        entries = await self._reader.find_clients(found.client_id, found.tenant)
        entry = entries[0] if entries else None
        subject = row.subject if row else None
        account = await self._reader.find_account_by_id(found.tenant, subject) if subject else None
        standing = Standing(
            found.mount.contract.name,
            entry.client if entry else None,
            entry is not None and entry.tenant_enabled,
            subject,
            account,
            row,
            now,
        )
        if entry is None or live(standing) is not None:
            return None
        resources = await self._resources(found, entry.client)
        return None if resources is None else Live(found, entry.client, account, resources)

    async def _resources(self, found: Found, client: Client) -> tuple[Resource, ...] | None:
        """Return what an opaque access token is for; None if nothing of it is left. A signed one says it itself."""
        row = found.row
        if row is None or not row.resources or found.use is not TokenUse.ACCESS or found.claims is not None:
            return ()
        named = [name for name in row.resources if name in client.resources]
        there = [await self._reader.find_resource(found.tenant, name) for name in named]
        return tuple(filter(None, there)) or None

    async def digest(self, found: Found, now: datetime) -> bytes:
        """Return the keyed digest under which this token alone is revoked."""
        return await self._keys.digest(_DIGEST, pack(found.handle), now)


def _time(value: Any) -> datetime | None:
    if type(value) is not int or not 0 <= value < 2**32:
        return None
    return datetime.fromtimestamp(value, UTC)


def _token_id(value: Any) -> bytes | None:
    """Return the sixteen bytes of a `jti`, spelled as hex or base64url."""
    if not isinstance(value, str) or not value.isascii():
        return None
    try:
        if len(value) == 2 * HANDLE_BYTES:
            return bytes.fromhex(value)
        data = base64.b64decode(value + "==", altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    return data if len(data) == HANDLE_BYTES else None
