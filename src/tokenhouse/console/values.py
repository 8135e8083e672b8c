"""The kinds of values that operations take, and how they travel: JSON in, JSON out, secrets without a repr."""

from __future__ import annotations

import re
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from tokenhouse.protocol.resource import LONGEST
from tokenhouse.protocol.secret import Secret

_PRINTABLE = r"^[^\x00-\x1f\x7f\ud800-\udfff]*$"

_TENANT = r"^[a-z0-9][a-z0-9_-]{0,62}$"
_CLIENT = r"^[!-9;-~]+$"
_USER = r"^[!-~]+$"
_SCOPE = r"^[!#-\[\]-~]+$"
_REQUEST = r"^[0-9a-f]{16}$"
PATTERNS = {
    _TENANT: "lower-case letters, digits, - and _, at most 63 of them",
    _CLIENT: "visible ASCII characters without the colon",
    _USER: "visible ASCII characters",
    _SCOPE: 'visible ASCII characters without " and \\',
    _REQUEST: "the 16 hex digits of an answer's X-Request-Id",
    _PRINTABLE: "text without control characters",
}
"""Every pattern here in words, for people."""

TenantName = Annotated[str, Meta(pattern=_TENANT)]
ClientId = Annotated[str, Meta(min_length=1, max_length=128, pattern=_CLIENT)]
"""Visible characters without the colon, which ends the user name of HTTP Basic (RFC 7617 §2)."""
UserId = Annotated[str, Meta(min_length=1, max_length=128, pattern=_USER)]
ScopeName = Annotated[str, Meta(min_length=1, max_length=128, pattern=_SCOPE)]
"""A scope token (RFC 6749 §3.3)."""
ResourceId = Annotated[str, Meta(min_length=1, max_length=LONGEST)]
"""A resource indicator (RFC 8707 §2); `protocol.resource` says what else it must be."""
ClaimSource = Annotated[str, Meta(min_length=1, max_length=200)]
RoleName = Annotated[str, Meta(min_length=1, max_length=64, pattern=_PRINTABLE)]
Roles = Annotated[tuple[RoleName, ...], Meta(max_length=50)]
Text = Annotated[str, Meta(min_length=1, max_length=200, pattern=_PRINTABLE)]
RequestId = Annotated[str, Meta(pattern=_REQUEST)]
Limit = Annotated[int, Meta(ge=1, le=10_000)]

LONGEST_SECRET = 1024
_SURROGATE = re.compile("[\ud800-\udfff]")


class Input(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an operation takes; unknown members are refused."""


class Nothing(Input, frozen=True):
    """An operation that needs to be told nothing."""


def decode(data: bytes, wanted: type[Input]) -> Input:
    """Return the input that ``data`` writes in JSON.

    Raises:
        msgspec.DecodeError: it is no JSON, or not what is wanted; secrets are not repeated.
        ValueError: it is not UTF-8.

    """
    decoder: msgspec.json.Decoder[Input] = msgspec.json.Decoder(wanted, dec_hook=_read)
    return decoder.decode(data)


def encode(value: Any) -> bytes:
    """Return JSON; here, and only here, a secret is revealed: it is the answer."""
    return msgspec.json.encode(value, enc_hook=_write)


def convert(value: Any, wanted: type[Input]) -> Input:
    """Return the input that plain values make.

    Raises:
        msgspec.ValidationError: it is not what is wanted.

    """
    return msgspec.convert(value, wanted, dec_hook=_read)


def _read(wanted: type, value: Any) -> Any:
    # Nothing but secrets is read by hand, so ``wanted`` is Secret.
    if not isinstance(value, str) or not value or len(value) > LONGEST_SECRET or _SURROGATE.search(value):
        raise ValueError(f"expected a text of 1 to {LONGEST_SECRET} characters")
    return wanted(value)


def _write(value: Any) -> Any:
    if isinstance(value, Secret):
        return value.reveal()
    raise TypeError(f"{type(value).__name__} does not travel")
