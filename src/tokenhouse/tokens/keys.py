"""The key ring: which key signs, seals and verifies now. Rows decide, by their times; a node obeys the row.

A key is published from its creation, used from ``activates_at``, and gone at ``retires_at``. The ring is at most one
second behind the store.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any

import msgspec

from tokenhouse.model.records import KeyRecord
from tokenhouse.store.ports import KeyReader
from tokenhouse.tokens.envelope import Envelope
from tokenhouse.tokens.handle import SealKey
from tokenhouse.tokens.signing import SigningKey, parse

_FRESH = timedelta(seconds=1)


class MissingKey(Exception):
    """There is no active key for this purpose; `tokenhouse keys rotate` makes one."""


class KeyRing:
    """Keys in use, parsed once each."""

    def __init__(self, reader: KeyReader, envelope: Envelope) -> None:
        self._reader = reader
        self._envelope = envelope
        self._loaded_at: datetime | None = None
        self._records: tuple[KeyRecord, ...] = ()
        self._by_place: dict[tuple[str, str], list[KeyRecord]] = {}
        self._parsed: dict[str, SigningKey | SealKey | bytes] = {}

    async def refresh(self, now: datetime) -> None:
        """Read the rows again if what is held is older than a second.

        Raises:
            WrongKeyEncryptionKey: a key does not open with the configured key-encryption key.

        """
        if self._loaded_at is not None and self._loaded_at <= now < self._loaded_at + _FRESH:
            return
        records = tuple(await self._reader.list_keys())
        for record in records:
            if record.key_id not in self._parsed:
                self._parsed[record.key_id] = self._parse(record)
        self._records = records
        self._by_place = {}
        for record in records:
            self._by_place.setdefault((record.purpose, record.tenant), []).append(record)
        self._loaded_at = now

    def forget(self) -> None:
        """Read the rows at the next use; called when this process itself has changed them."""
        self._loaded_at = None

    def _parse(self, record: KeyRecord) -> SigningKey | SealKey | bytes:
        private = self._envelope.open(record.sealed, key_id=record.key_id, purpose=record.purpose)
        if record.purpose == "sign":
            return parse(record, private)
        return SealKey(record.key_id, private) if record.purpose == "seal" else private

    def _living(self, purpose: str, tenant: str, now: datetime) -> list[KeyRecord]:
        placed = self._by_place.get((purpose, tenant), ())
        return [r for r in placed if r.retires_at is None or r.retires_at > now]

    def _active(self, records: list[KeyRecord], now: datetime) -> Any:
        active = [r for r in records if r.activates_at <= now]
        if not active:
            raise MissingKey
        # The youngest, not the last to become active: a rotation at once also replaces what waits to be used.
        return self._parsed[max(active, key=lambda r: (r.created_at, r.activates_at)).key_id]

    def signing(self, tenant: str, contract: str, alg: str, now: datetime) -> SigningKey:
        """Return the key that signs for a contract.

        Raises:
            MissingKey: there is none.

        """
        living = [r for r in self._living("sign", tenant, now) if r.contract == contract and r.alg == alg]
        key: SigningKey = self._active(living, now)
        return key

    def sealing(self, tenant: str, now: datetime) -> SealKey:
        """Return the key that seals a tenant's tokens.

        Raises:
            MissingKey: there is none.

        """
        key: SealKey = self._active(self._living("seal", tenant, now), now)
        return key

    def sealers(self, tenant: str, now: datetime) -> list[SealKey]:
        """Return every key that a living token of the tenant may be sealed with, newest first."""
        return [self._parsed[r.key_id] for r in reversed(self._living("seal", tenant, now))]  # type: ignore[misc]

    def sealer(self, key_id: str) -> SealKey | None:
        """Return the sealing key of that id."""
        key = self._parsed.get(key_id)
        return key if isinstance(key, SealKey) else None

    def verifying(self, kid: str, now: datetime) -> SigningKey | None:
        """Return the published signing key of that id, by exact match."""
        key = self._parsed.get(kid)
        if not isinstance(key, SigningKey):
            return None
        current = next((r for r in self._records if r.key_id == kid), None)
        over = current is None or (current.retires_at is not None and current.retires_at <= now)
        return None if over else key

    async def digest(self, label: str, data: bytes, now: datetime) -> bytes:
        """Return the installation's keyed digest of ``data`` for one purpose, 32 bytes.

        The oldest pepper is used: digests must be found again.

        Raises:
            MissingKey: there is no pepper.

        """
        await self.refresh(now)
        pepper = next((r for r in self._records if r.purpose == "pepper" and r.activates_at <= now), None)
        if pepper is None:
            raise MissingKey
        material = self._parsed[pepper.key_id]
        return hmac.digest(material, label.encode() + b"\0" + data, hashlib.sha256)  # type: ignore[arg-type]

    def published(self, now: datetime, contract: str | None = None) -> bytes:
        """Return the JWK Set (RFC 7517 §5) of all signing keys, or of one contract's. Public members only."""
        keys = [
            self._parsed[r.key_id].public  # type: ignore[union-attr]
            for r in self._records
            if r.purpose == "sign"
            and (contract is None or r.contract == contract)
            and (r.retires_at is None or r.retires_at > now)
        ]
        return msgspec.json.encode({"keys": keys})
