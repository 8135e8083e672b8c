"""The handle: sixteen bytes inside every token that lead to its row.

One byte of version and kind, eight of the authorization's id, three of generation or nonce, four of time in seconds.
Sealed with AES-SIV (RFC 5297) it makes the thirty-two bytes of an opaque token; enciphered as one AES block it makes
the `jti` of a signed one, whose signature vouches for it.
"""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from enum import IntEnum
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_VERSION = 1
_LAYOUT = struct.Struct(">BQ3sI")

HANDLE_BYTES = _LAYOUT.size
SEALED_BYTES = 32


class Kind(IntEnum):
    """What a handle stands for."""

    ACCESS = 1
    REFRESH = 2
    STATELESS = 3
    SESSION = 4


class Handle(NamedTuple):
    """``number`` is a generation for refresh tokens, a nonce for all others; ``time`` is seconds since 1970."""

    kind: Kind
    id: int
    number: int
    time: int

    @property
    def at(self) -> datetime:
        """The time as an aware datetime."""
        return datetime.fromtimestamp(self.time, UTC)


def seconds(at: datetime) -> int:
    """Return whole seconds since 1970."""
    return int(at.timestamp())


def pack(handle: Handle) -> bytes:
    """Return the sixteen bytes."""
    return _LAYOUT.pack(_VERSION << 4 | handle.kind, handle.id, handle.number.to_bytes(3), handle.time)


def unpack(data: bytes) -> Handle | None:
    """Return the handle, None if these sixteen bytes are none."""
    first, row, number, time = _LAYOUT.unpack(data)
    version, kind = divmod(first, 16)
    if version != _VERSION or kind not in Kind._value2member_map_:
        return None
    return Handle(Kind(kind), row, int.from_bytes(number), time)


class SealKey:
    """One sealing key of a tenant; opens what it sealed, whatever was sealed for."""

    def __init__(self, key_id: str, material: bytes) -> None:
        self.key_id = key_id
        self._siv = AESSIV(_derive(material, b"tokenhouse opaque token", 64))
        block = Cipher(algorithms.AES(_derive(material, b"tokenhouse jti", 32)), modes.ECB())  # noqa: S305 -- one block
        # Contexts are kept: making one costs ten times the block, and whole blocks leave nothing behind in ECB.
        self._encipher = block.encryptor().update
        self._decipher = block.decryptor().update
        self._pad = _derive(material, b"tokenhouse padding", 32)

    def seal(self, handle: Handle, contract: str) -> bytes:
        """Return thirty-two bytes that nobody else can make and that come out the same each time."""
        return self._siv.encrypt(pack(handle), [_purpose(handle.kind), contract.encode()])

    def open(self, sealed: bytes, kind: Kind, contract: str) -> Handle | None:
        """Return the handle, None if this key did not seal it for this kind and contract."""
        try:
            data = self._siv.decrypt(sealed, [_purpose(kind), contract.encode()])
        except InvalidTag:
            return None
        handle = unpack(data)
        return handle if handle is not None and handle.kind is kind else None

    def encipher(self, handle: Handle) -> bytes:
        """Return the sixteen bytes of a signed token's id."""
        return self._encipher(pack(handle))

    def decipher(self, token_id: bytes) -> Handle | None:
        """Return the handle behind a token id; vouches for nothing, the signature does."""
        return unpack(self._decipher(token_id)) if len(token_id) == HANDLE_BYTES else None

    def stretch(self, sealed: bytes, length: int) -> bytes:
        """Return ``length`` bytes beginning with ``sealed``: the rest is keyed, so a token still has one spelling."""
        if length <= SEALED_BYTES:
            return sealed
        more = HKDF(hashes.SHA256(), length - SEALED_BYTES, None, sealed).derive(self._pad)
        return sealed + more


def _purpose(kind: Kind) -> bytes:
    return kind.name.encode()


def _derive(material: bytes, label: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, None, label).derive(material)
