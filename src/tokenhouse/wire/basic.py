"""HTTP Basic credentials.

Spec: RFC 7617 §2; RFC 6749 §2.3.1 for the form encoding inside, which not every contract has.
"""

from __future__ import annotations

from binascii import Error, a2b_base64, b2a_base64

from tokenhouse.wire.form import decoded
from tokenhouse.wire.limits import BASIC_BYTES
from tokenhouse.wire.text import is_clean_text

_SCHEME = b"basic "


def read_basic(value: bytes) -> tuple[str, str] | None:
    """Return user id and password of an Authorization header's value, as they stand; None if malformed."""
    if value[: len(_SCHEME)].lower() != _SCHEME:
        return None
    return _read(value[len(_SCHEME) :])


def read_basic_token(value: str) -> tuple[str, str] | None:
    """Return user id and password of what stands behind the scheme; None if malformed."""
    return _read(value.encode()) if value.isascii() else None


def form_decode(text: str) -> str | None:
    """Return a form-encoded user id or password decoded; None if it cannot be (RFC 6749 §2.3.1)."""
    if "%" not in text and "+" not in text:
        return text
    found = decoded(text)
    return found if found is not None and is_clean_text(found) else None


def _read(token: bytes) -> tuple[str, str] | None:
    if len(token) > BASIC_BYTES:
        return None
    try:
        raw = a2b_base64(token)
        text = raw.decode()
    except (Error, UnicodeDecodeError):
        return None
    # One spelling only: no white space, no missing padding, no stray bits.
    if b2a_base64(raw, newline=False) != token or not is_clean_text(text):
        return None
    name, colon, secret = text.partition(":")
    return (name, secret) if colon else None
