"""Keys at rest: AES-256-GCM under the key-encryption key, bound to what the key is for.

The key-encryption key comes from configuration and is never in the database.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEK_BYTES = 32
_NONCE_BYTES = 12


class WrongKeyEncryptionKey(Exception):
    """The stored key was not encrypted under this key-encryption key, or was altered."""


class Envelope:
    """Closes and opens private keys. ``kek`` is 32 bytes."""

    def __init__(self, kek: bytes) -> None:
        if len(kek) != KEK_BYTES:
            msg = f"a key-encryption key has {KEK_BYTES} bytes"
            raise ValueError(msg)
        self._gcm = AESGCM(kek)

    def close(self, private: bytes, *, key_id: str, purpose: str) -> bytes:
        """Return nonce and ciphertext of ``private``."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._gcm.encrypt(nonce, private, _bound(key_id, purpose))

    def open(self, sealed: bytes, *, key_id: str, purpose: str) -> bytes:
        """Return the private part.

        Raises:
            WrongKeyEncryptionKey: it does not open.

        """
        try:
            return self._gcm.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bound(key_id, purpose))
        except (InvalidTag, ValueError) as error:
            raise WrongKeyEncryptionKey(key_id) from error


def _bound(key_id: str, purpose: str) -> bytes:
    return f"tokenhouse key {purpose} {key_id}".encode()
