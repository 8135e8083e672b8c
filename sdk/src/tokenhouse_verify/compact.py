"""The guard before the signature: reads a compact JWS in its one canonical spelling, trusts nothing in it."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tokenhouse_verify.errors import InvalidToken, Reason
from tokenhouse_verify.strict_json import NotAnObject, read_object

MAX_TOKEN_BYTES = 16 * 1024
_SEGMENTS = 3
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
# Extensions that we do not implement (crit, b64, zip, enc), and keys that a token would like to bring along.
_FORBIDDEN_HEADERS = frozenset({"crit", "b64", "zip", "enc", "jwk", "jku", "x5u", "x5c"})


@dataclass(frozen=True, slots=True)
class Compact:
    """A JWS that could be read; nothing in it is proven. ``payload`` is not parsed before the signature holds."""

    header: Mapping[str, Any]
    payload: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    signing_input: bytes = field(repr=False)


def read_compact(token: str) -> Compact:
    """Return the parts of ``token``.

    Spec: RFC 7515 §7.1, RFC 8725 §3

    Raises:
        InvalidToken: too large, not three canonical base64url segments, an ambiguous header, or a header that names
            an extension or brings a key.

    """
    if len(token) > MAX_TOKEN_BYTES:
        raise InvalidToken(Reason.TOO_LARGE)
    segments = token.split(".")
    if len(segments) != _SEGMENTS:
        raise InvalidToken(Reason.MALFORMED)
    head, payload, signature = (_decode(segment) for segment in segments)
    try:
        header = read_object(head)
    except NotAnObject:
        raise InvalidToken(Reason.MALFORMED) from None
    if not _FORBIDDEN_HEADERS.isdisjoint(header):
        raise InvalidToken(Reason.FORBIDDEN_HEADER)
    return Compact(header, payload, signature, token.rpartition(".")[0].encode("ascii"))


def _decode(segment: str) -> bytes:
    if not _BASE64URL.fullmatch(segment) or len(segment) % 4 == 1:
        raise InvalidToken(Reason.MALFORMED)
    raw = urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    # The unused bits of the last character must be zero, or one token would have several spellings (RFC 4648 §3.5).
    if urlsafe_b64encode(raw).rstrip(b"=") != segment.encode("ascii"):
        raise InvalidToken(Reason.MALFORMED)
    return raw
