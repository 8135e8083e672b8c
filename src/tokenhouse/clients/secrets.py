"""Client secrets: made random and stored as a keyed digest; only a human-chosen one is hashed like a password."""

from __future__ import annotations

import asyncio
import hmac
import math
import os
import secrets
from collections import Counter, OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from weakref import WeakValueDictionary

from tokenhouse.model.records import ClientSecret
from tokenhouse.protocol.secret import Secret

STRONG_BITS = 112
"""What a secret must carry to be stored as a keyed digest."""

DEVICE_KEY_DIGEST = "device key"
"""The purpose under which the keys of devices are digested."""

DEFAULT_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
DEFAULT_LENGTH = 43


def make_text(alphabet: str = DEFAULT_ALPHABET, length: int = DEFAULT_LENGTH) -> str:
    """Return ``length`` random characters of ``alphabet``."""
    return "".join(secrets.choice(alphabet) for _ in range(length))


def estimate_bits(text: str) -> float:
    """Return a cautious estimate of the bits in a secret that somebody else made: its own character statistics."""
    counts = Counter(text)
    return -sum(n * math.log2(n / len(text)) for n in counts.values()) if text else 0.0


def new_secret_id() -> str:
    """Return the id of a new verifier."""
    return os.urandom(4).hex()


def is_alive(secret: ClientSecret, now: datetime) -> bool:
    """Return whether a verifier still counts."""
    return secret.expires_at is None or secret.expires_at > now


class VerifiedSecrets:
    """Remembers for some minutes that a slow secret was right, under a key that dies with the process.

    It is remembered together with the verifiers that were living then: when one of them goes, it is checked again.
    """

    def __init__(self, ttl: timedelta = timedelta(minutes=5), most: int = 4096) -> None:
        self._key = os.urandom(32)
        self._ttl = ttl
        self._most = most
        self._until: OrderedDict[bytes, datetime] = OrderedDict()
        self._turns: WeakValueDictionary[bytes, asyncio.Lock] = WeakValueDictionary()

    def _name(self, verifiers: Sequence[str], secret: Secret) -> bytes:
        return hmac.digest(self._key, "\0".join((*verifiers, "", secret.reveal())).encode(), sha256)

    def has(self, verifiers: Sequence[str], secret: Secret, now: datetime) -> bool:
        """Return whether this secret was right for one of these verifiers a moment ago."""
        until = self._until.get(self._name(verifiers, secret))
        return until is not None and until > now

    def turn(self, verifiers: Sequence[str], secret: Secret) -> asyncio.Lock:
        """Return the lock that equal secrets share: a client that comes back a hundredfold is checked once."""
        return self._turns.setdefault(self._name(verifiers, secret), asyncio.Lock())

    def add(self, verifiers: Sequence[str], secret: Secret, now: datetime) -> None:
        """Remember that it was right."""
        self._until[self._name(verifiers, secret)] = now + self._ttl
        if len(self._until) > self._most:
            self._until.popitem(last=False)
