"""The compact form of signed tokens, read strictly and believed by nobody yet.

Refused before any key is asked: other than three canonical base64url parts, more than 16 KiB, `crit`, `b64`, `zip`,
embedded keys, repeated members. Spec: RFC 7515 §7.1, RFC 8725 §3.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any, NamedTuple

from tokenhouse.protocol.json_object import read_object

_LONGEST = 16 * 1024
_REFUSED_MEMBERS = frozenset({"crit", "b64", "zip", "jwk", "jku", "x5u", "x5c"})
_PARTS = 3


class Compact(NamedTuple):
    """A token in parts; the claims are for whoever has verified the signature."""

    header: dict[str, Any]
    claims: dict[str, Any]
    signature: bytes


def read_compact(text: str) -> Compact | None:
    """Return the parts of a compact JWS, None if it is not exactly one."""
    parts = text.split(".")
    if len(text) > _LONGEST or len(parts) != _PARTS or not text.isascii():
        return None
    header, claims, signature = map(_canonical, parts)
    if header is None or claims is None or signature is None:
        return None
    said, claimed = read_object(header), read_object(claims)
    if said is None or claimed is None or said.keys() & _REFUSED_MEMBERS:
        return None
    return Compact(said, claimed, signature)


def _canonical(part: str) -> bytes | None:
    try:
        data = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    return data if base64.urlsafe_b64encode(data).rstrip(b"=").decode() == part else None
