"""argon2id as PHC strings. The implementation picks the processor's vector instructions at run time.

Spec: RFC 9106; parameters of the OWASP password storage cheat sheet.
"""

from __future__ import annotations

import os
import unicodedata

from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id

from tokenhouse.protocol.secret import Secret

LONGEST_BYTES = 1024
"""A longer password is a wrong password; nobody hashes a megabyte for a stranger."""


class Hashing:
    """Hashes and verifies with one set of parameters. ``memory_kib`` and ``passes`` are argon2's m and t; p is 1."""

    def __init__(self, memory_kib: int = 19_456, passes: int = 2) -> None:
        self._memory_bytes = memory_kib * 1024
        self._passes = passes
        self._parameters = f"m={memory_kib},t={passes},p=1"
        self.decoy = self.hash(Secret(os.urandom(16).hex()), "raw")

    def hash(self, password: Secret, form: str) -> str:
        """Return a PHC string; ``form`` "nfkc" normalises first, "raw" takes the text as it is."""
        data = encode(password, form)
        return argon2id.str(data, opslimit=self._passes, memlimit=self._memory_bytes).decode()

    def verify(self, phc: str, password: Secret, form: str) -> bool:
        """Return whether ``password`` made ``phc``; takes its time either way."""
        data = encode(password, form)
        if len(data) > LONGEST_BYTES:
            phc, data = self.decoy, b""
        try:
            return argon2id.verify(phc.encode(), data)
        except (CryptoError, ValueError):
            return False

    def is_current(self, phc: str) -> bool:
        """Return whether ``phc`` was made with these parameters."""
        return f"${self._parameters}$" in phc


def encode(password: Secret, form: str) -> bytes:
    """Return the bytes that are hashed."""
    text = password.reveal()
    return (unicodedata.normalize("NFKC", text) if form == "nfkc" else text).encode()
