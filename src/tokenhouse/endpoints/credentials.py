"""What a contract's APIs may be called with instead of a token: a client's own pair, a device's key.

Asked at the introspection endpoint, by a hint that no token has. A credential is never taken for a token, nor a token
for a credential: the search of RFC 7662 §2.1 does not cross between them.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Protocol

from tokenhouse.clients.authentication import Clients
from tokenhouse.clients.secrets import DEVICE_KEY_DIGEST
from tokenhouse.model.decision import Caller
from tokenhouse.model.records import DeviceKey
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.contract import Mount
from tokenhouse.protocol.messages import Credentials, TokenQuestion
from tokenhouse.protocol.names import AuthMethod
from tokenhouse.protocol.refusals import InvalidClient, InvalidRequest, UnauthorizedClient
from tokenhouse.protocol.secret import Secret
from tokenhouse.store.ports import AccountReader, DeviceKeyReader, Ledger
from tokenhouse.tokens.facts import default_audience
from tokenhouse.tokens.gate import CONTROLS, Standing, require_client
from tokenhouse.tokens.handle import seconds
from tokenhouse.tokens.keys import KeyRing
from tokenhouse.tokens.mounts import Mounts

_CLIENT_SECRET = "client_secret"
_DEVICE_KEY = "device_key"
CREDENTIALS = frozenset({_CLIENT_SECRET, _DEVICE_KEY})
"""Hints, and values of `Contract.presents`, that are no tokens."""

_OF_A_PERSON = ("account present", "account enabled", "account unlocked")


class CredentialStore(AccountReader, DeviceKeyReader, Ledger, Protocol):
    """The ports that credentials need."""


class PresentedCredentials:
    """Judges credentials that are no tokens."""

    def __init__(self, clients: Clients, keys: KeyRing, mounts: Mounts, store: CredentialStore) -> None:
        self._clients = clients
        self._keys = keys
        self._mounts = mounts
        self._store = store

    async def facts(self, question: TokenQuestion, secret: Secret, tenant: str) -> dict[str, Any] | None:
        """Return who shows ``secret``, in members of RFC 7662 §2.2 and ``device``; None: nobody who may.

        Raises:
            InvalidRequest: a client's secret came without the client's id.
            Limited, Busy: a human-chosen secret could not be checked now.

        """
        if question.hint == _DEVICE_KEY:
            return await self._device(question, secret, tenant)
        if question.credential_id is None:
            raise InvalidRequest(Cause.MISSING, field="credential_id")
        return await self._client(question, question.credential_id, secret, tenant)

    async def _client(
        self, question: TokenQuestion, client_id: str, secret: Secret, tenant: str
    ) -> dict[str, Any] | None:
        mounts = self._presenting(_CLIENT_SECRET, tenant)
        if not mounts:
            return None
        shown = Credentials(AuthMethod.BASIC, client_id, secret)
        # A mount for every tenant would look for the client in all of them.
        within = dataclasses.replace(mounts[0], tenant=tenant)
        try:
            caller = await self._clients.authenticate(shown, within, question.source, question.now)
        except InvalidClient as refusal:
            await self._store.commit(refusal.effects)
            return None
        await self._store.commit(caller.effects)
        mount = next((one for one in mounts if _may_speak(caller, one, question)), None)
        if mount is None:
            return None
        client = caller.client
        return _members(
            scope=client.scopes,
            client_id=client.client_id,
            token_type=_CLIENT_SECRET,
            exp=None if client.ends_at is None else seconds(client.ends_at),
            sub=client.client_id,
            aud=default_audience(client, mount)[0],
            iss=mount.issuer,
        )

    async def _device(self, question: TokenQuestion, secret: Secret, tenant: str) -> dict[str, Any] | None:
        digest = await self._keys.digest(DEVICE_KEY_DIGEST, secret.reveal().encode(), question.now)
        key = await self._store.find_device_key(tenant, digest)
        if key is None or question.credential_id not in {None, key.device}:
            return None
        mount = next((one for one in self._presenting(_DEVICE_KEY, tenant) if one.contract.name == key.contract), None)
        if mount is None or not await self._is_alive(key, question):
            return None
        return _members(
            scope=key.scope,
            token_type=_DEVICE_KEY,
            exp=None if key.expires_at is None else seconds(key.expires_at),
            iat=seconds(key.created_at),
            sub=key.subject,
            aud=mount.audience or mount.issuer,
            iss=mount.issuer,
            device=key.device,
        )

    async def _is_alive(self, key: DeviceKey, question: TokenQuestion) -> bool:
        now = question.now
        if key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now):
            return False
        account = await self._store.find_account_by_id(key.tenant, key.subject) if key.subject else None
        standing = Standing(key.contract, None, True, key.subject, account, None, now)  # noqa: FBT003 -- who asks is of it
        return all(CONTROLS[name](standing) is None for name in _OF_A_PERSON)

    def _presenting(self, kind: str, tenant: str) -> list[Mount]:
        return [mount for mount in self._mounts.of_tenant(tenant) if kind in mount.contract.presents]


def _may_speak(caller: Caller, mount: Mount, question: TokenQuestion) -> bool:
    try:
        require_client(caller, question.now, mount.contract.name)
    except (InvalidClient, UnauthorizedClient):
        return False
    return True


def _members(scope: tuple[str, ...], **members: Any) -> dict[str, Any]:
    told = {"active": True, "scope": " ".join(scope) or None, **members}
    return {name: value for name, value in told.items() if value is not None}
