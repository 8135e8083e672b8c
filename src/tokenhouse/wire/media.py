"""The content type of a request.

Spec: RFC 9110 §8.3.
"""

from __future__ import annotations

import re

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import InvalidRequest

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

_KNOWN: dict[bytes, tuple[str, str | None]] = {
    FORM.encode(): (FORM, None),
    JSON.encode(): (JSON, None),
    b"application/json; charset=utf-8": (JSON, "utf-8"),
}
"""What nearly every request says, so that it need not be taken apart."""

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_TYPE = re.compile(rf"[ \t]*({_WORD}(?:/{_WORD})?)[ \t]*")
_PARAMETER = re.compile(rf';[ \t]*(?:({_WORD})[ \t]*=[ \t]*("(?:[^"\\]|\\.)*"|[^ \t;"]*)[ \t]*)?')
_UTF8 = frozenset({"utf-8", "utf8"})


def media_type(value: bytes | None) -> tuple[str, str | None]:
    """Return a Content-Type's type in lower case and its charset, ``utf-8`` or None; no header is the type ``""``.

    Raises:
        InvalidRequest: the header cannot be read, or names another charset.

    """
    if value is None:
        return "", None
    known = _KNOWN.get(value)
    return known if known is not None else _parse(value)


def _parse(value: bytes) -> tuple[str, str | None]:
    text = value.decode("latin-1")
    match = _TYPE.match(text)
    if match is None:
        raise InvalidRequest(Cause.MALFORMED)
    name = match[1].lower()
    charset = None
    while match.end() < len(text):
        match = _PARAMETER.match(text, match.end())
        if match is None:
            raise InvalidRequest(Cause.MALFORMED)
        if match[1] and match[1].lower() == "charset":
            if match[2].strip('"').lower() not in _UTF8:
                raise InvalidRequest(Cause.MALFORMED)
            charset = "utf-8"
    return name, charset
