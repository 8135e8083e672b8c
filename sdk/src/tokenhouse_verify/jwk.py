"""Published keys: which of them may verify a signature, and by which one algorithm."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry

MAX_KEYS = 64  # an issuer has two or three; each one costs time to read
_MAX_MEMBER_CHARACTERS = 700  # a modulus of 4096 bits needs 683
_MAX_EXPONENT_CHARACTERS = 6  # 32 bits; a larger exponent only makes verification slow
_RSA_BITS = range(2048, 4097)
# algorithm -> (kty, members that make the public key); everything else in a JWK is not looked at
ALGORITHMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "ES256": ("EC", ("crv", "x", "y")),
    "RS256": ("RSA", ("n", "e")),
}


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A public key with the one algorithm it verifies; the key decides, never the token (RFC 8725 §3.1)."""

    kid: str
    alg: str
    public: ECKey | RSAKey = field(repr=False)

    def verifies(self, signing_input: bytes, signature: bytes) -> bool:
        """Return whether ``signature`` over ``signing_input`` was made with the private half of this key."""
        return JWSRegistry(algorithms=[self.alg]).get_alg(self.alg).verify(signing_input, signature, self.public)


def usable_keys(jwks: Mapping[str, Any]) -> dict[str, VerificationKey]:
    """Return the keys of a JWK set that can verify, by ``kid``.

    A key of another use, type, curve, size or without ``kid`` is passed over, and so is a ``kid`` that occurs twice:
    no key is better than the wrong one. A set of more than 64 is none.

    Spec: RFC 7517 §5

    Raises:
        ValueError: this is no JWK set.

    """
    listed = jwks.get("keys")
    if not isinstance(listed, list):
        raise ValueError("a JWK set has a list of keys")  # noqa: TRY004 - a value from outside, not a caller's type
    if len(listed) > MAX_KEYS:
        raise ValueError("a JWK set of more than 64 keys")
    kids = [entry.get("kid") for entry in listed if isinstance(entry, dict)]
    found = (_usable(entry) for entry in listed if isinstance(entry, dict))
    return {key.kid: key for key in found if key is not None and kids.count(key.kid) == 1}


def _usable(entry: Mapping[str, Any]) -> VerificationKey | None:
    kid, operations = entry.get("kid"), entry.get("key_ops", ["verify"])
    alg = next((name for name, (kty, _) in ALGORITHMS.items() if kty == entry.get("kty")), None)
    if alg is None or entry.get("alg", alg) != alg or entry.get("use", "sig") != "sig":
        return None
    if not isinstance(kid, str) or not isinstance(operations, list) or "verify" not in operations:
        return None
    public = _public(alg, entry)
    return None if public is None else VerificationKey(kid, alg, public)


def _public(alg: str, entry: Mapping[str, Any]) -> ECKey | RSAKey | None:
    kty, names = ALGORITHMS[alg]
    members = {name: entry.get(name) for name in names}
    if not all(isinstance(value, str) and len(value) <= _MAX_MEMBER_CHARACTERS for value in members.values()):
        return None
    if kty == "EC":
        return _ec_key(members)
    return _rsa_key(members) if len(str(members["e"])) <= _MAX_EXPONENT_CHARACTERS else None


def _ec_key(members: dict[str, Any]) -> ECKey | None:
    if members["crv"] != "P-256":
        return None
    try:
        return ECKey.import_key({"kty": "EC", **members})
    except (JoseError, ValueError):
        return None


def _rsa_key(members: dict[str, Any]) -> RSAKey | None:
    try:
        modulus = urlsafe_b64decode(members["n"] + "=" * (-len(members["n"]) % 4))
        # Must come before the import, which only warns of a short modulus and takes its time with a long one.
        if int.from_bytes(modulus).bit_length() not in _RSA_BITS:
            return None
        return RSAKey.import_key({"kty": "RSA", **members})
    except (JoseError, ValueError):
        return None
