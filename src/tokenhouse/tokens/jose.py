"""Reading signed tokens: joserfc behind a guard. The key record decides the algorithm, never the token.

Refused before any key is asked: other than three canonical base64url parts, more than 16 KiB, `crit`, `b64`, `zip`,
embedded keys, repeated members. Spec: RFC 7515, RFC 8725 §3.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from tokenhouse.tokens.signing import SigningKey, base64url, is_one_spelling

_LONGEST = 16 * 1024
_REFUSED_MEMBERS = frozenset({"crit", "b64", "zip", "jwk", "jku", "x5u", "x5c"})
_PARTS = 3

FindKey = Callable[[str], SigningKey | None]


def looks_signed(text: str) -> bool:
    """Return whether ``text`` has the shape of a compact JWS; says nothing about its truth."""
    return text.count(".") == _PARTS - 1


def verify(text: str, find_key: FindKey) -> tuple[SigningKey, dict[str, Any]] | None:
    """Return the key and the claims of a token that one of our keys signed, else None."""
    parts = text.split(".")
    if len(text) > _LONGEST or len(parts) != _PARTS or not text.isascii():
        return None
    decoded = [_canonical(part) for part in parts]
    if None in decoded:
        return None
    header = _object(decoded[0])
    if header is None or header.keys() & _REFUSED_MEMBERS or not isinstance(header.get("kid"), str):
        return None
    key = find_key(header["kid"])
    if key is None or header.get("alg") != key.record.alg or not is_one_spelling(key.record.alg, decoded[2] or b""):
        return None
    try:
        jws.deserialize_compact(text, _public_key(key), algorithms=[key.record.alg], registry=_REGISTRY)
    except (JoseError, ValueError):
        return None
    claims = _object(decoded[1])
    return None if claims is None else (key, claims)


_REGISTRY = jws.JWSRegistry(strict_check_header=False)
_PUBLIC_KEYS: dict[str, ECKey | RSAKey] = {}


def _public_key(key: SigningKey) -> ECKey | RSAKey:
    found = _PUBLIC_KEYS.get(key.kid)
    if found is None:
        importer = ECKey if key.public["kty"] == "EC" else RSAKey
        found = _PUBLIC_KEYS[key.kid] = importer.import_key(key.public)
    return found


def _canonical(part: str) -> bytes | None:
    try:
        data = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    return data if base64url(data).decode() == part else None


def _object(data: bytes | None) -> dict[str, Any] | None:
    try:
        value = json.loads((data or b"").decode(), object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _unique(members: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(members)
    if len(value) != len(members):
        msg = "a member is repeated"
        raise ValueError(msg)
    return value
