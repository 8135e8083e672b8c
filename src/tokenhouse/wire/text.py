"""Text that may go further into the house."""

from __future__ import annotations

import re

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import InvalidRequest, TooLarge
from tokenhouse.wire.limits import VALUE_BYTES

_UNCLEAN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_MAX_UTF8 = 4


def is_clean_text(text: str) -> bool:
    """Return whether ``text`` has no NUL, no control character but tab and line ends, no lone surrogate."""
    return text.isprintable() or _UNCLEAN.search(text) is None


def require_clean(text: str, field: str | None = None) -> str:
    """Return ``text`` if it is clean and no larger than one value may be.

    Raises:
        TooLarge: it is longer than 8 KiB of UTF-8.
        InvalidRequest: it holds a character that is not clean.

    """
    if not is_clean_text(text):
        raise InvalidRequest(Cause.MALFORMED, field=field)
    # Few texts are long enough to be worth encoding for their size.
    if len(text) * _MAX_UTF8 > VALUE_BYTES and len(text.encode()) > VALUE_BYTES:
        raise TooLarge(Cause.TOO_LARGE, field=field)
    return text
