"""Reading signed tokens: joserfc behind a guard. The key record decides the algorithm, never the token.

What the guard refuses before any key is asked is in ``protocol.compact``. Spec: RFC 7515, RFC 8725 §3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from tokenhouse.protocol.compact import read_compact
from tokenhouse.tokens.signing import SigningKey, is_one_spelling

_DOTS = 2

FindKey = Callable[[str], SigningKey | None]


def looks_signed(text: str) -> bool:
    """Return whether ``text`` has the shape of a compact JWS; says nothing about its truth."""
    return text.count(".") == _DOTS


def verify(text: str, find_key: FindKey) -> tuple[SigningKey, dict[str, Any]] | None:
    """Return the key and the claims of a token that one of our keys signed, else None."""
    read = read_compact(text)
    if read is None or not isinstance(read.header.get("kid"), str):
        return None
    key = find_key(read.header["kid"])
    if key is None or read.header.get("alg") != key.record.alg or not is_one_spelling(key.record.alg, read.signature):
        return None
    try:
        jws.deserialize_compact(text, _public_key(key), algorithms=[key.record.alg], registry=_REGISTRY)
    except (JoseError, ValueError):
        return None
    return key, read.claims


_REGISTRY = jws.JWSRegistry(strict_check_header=False)
_PUBLIC_KEYS: dict[str, ECKey | RSAKey] = {}


def _public_key(key: SigningKey) -> ECKey | RSAKey:
    found = _PUBLIC_KEYS.get(key.kid)
    if found is None:
        importer = ECKey if key.public["kty"] == "EC" else RSAKey
        found = _PUBLIC_KEYS[key.kid] = importer.import_key(key.public)
    return found
