"""The keys that a provider publishes, as far as they can verify anything here.

Public members only, and only of the families below, are ever handed to the library: what a document says beyond them
cannot turn a public key into a shared secret. Spec: RFC 7517 §4, RFC 7518 §6, RFC 8725 §3.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any, NamedTuple

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from tokenhouse.egress.failures import EgressError, Failure

MOST_KEYS = 20
_FAMILIES: Mapping[str, tuple[str, str | None]] = {
    "RS256": ("RSA", None),
    "RS384": ("RSA", None),
    "RS512": ("RSA", None),
    "PS256": ("RSA", None),
    "PS384": ("RSA", None),
    "PS512": ("RSA", None),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
}
"""Which key an algorithm takes."""
_CURVES = frozenset(curve for _, curve in _FAMILIES.values() if curve)
_LEAST_RSA_BITS, _MOST_RSA_BITS = 2048, 8192


class PublishedKey(NamedTuple):
    """A public key; ``alg`` None: the provider does not say what it is for."""

    kid: str | None
    alg: str | None
    family: tuple[str, str | None]
    key: RSAKey | ECKey

    def fits(self, alg: str) -> bool:
        """Return whether the key may verify a signature of that algorithm."""
        return self.alg in {None, alg} and _FAMILIES.get(alg) == self.family


def require_keys(document: Mapping[str, Any]) -> tuple[PublishedKey, ...]:
    """Return the keys of a JWK Set that can verify signatures.

    Raises:
        EgressError: bad_answer, there are none, or far too many.

    """
    listed = document.get("keys")
    if not isinstance(listed, list) or len(listed) > MOST_KEYS:
        raise EgressError(Failure.BAD_ANSWER)
    keys = tuple(key for key in map(_read, listed) if key is not None)
    if not keys:
        raise EgressError(Failure.BAD_ANSWER)
    return keys


def _read(entry: Any) -> PublishedKey | None:
    """Return one key; one that cannot be used says nothing about the others."""
    if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
        return None
    kid, alg, kty, curve = (entry.get(name) for name in ("kid", "alg", "kty", "crv"))
    if not isinstance(kid, str | None) or not isinstance(alg, str | None):
        return None
    try:
        if kty == "RSA" and _LEAST_RSA_BITS <= _bits(entry.get("n")) <= _MOST_RSA_BITS:
            return PublishedKey(kid, alg, ("RSA", None), RSAKey.import_key(_only(entry, "kty", "n", "e")))
        if kty == "EC" and isinstance(curve, str) and curve in _CURVES:
            return PublishedKey(kid, alg, ("EC", curve), ECKey.import_key(_only(entry, "kty", "crv", "x", "y")))
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return None


def _only(entry: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: entry[name] for name in names}


def _bits(number: Any) -> int:
    if not isinstance(number, str):
        return 0
    try:
        return int.from_bytes(base64.urlsafe_b64decode(number + "=" * (-len(number) % 4))).bit_length()
    except (binascii.Error, ValueError):
        return 0
