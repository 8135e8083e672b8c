"""Forms and queries: ``application/x-www-form-urlencoded``, read strictly.

Spec: RFC 6749 Appendix B. ``&`` alone separates; a repeated parameter is kept, so that a caller can refuse it.
"""

from __future__ import annotations

from string import hexdigits

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import InvalidRequest
from tokenhouse.wire.limits import FIELDS, VALUE_BYTES
from tokenhouse.wire.text import require_clean

Fields = dict[str, list[str]]

_BYTES = {(a + b).encode(): bytes((int(a + b, 16),)) for a in hexdigits for b in hexdigits}
"""What each two hexadecimal digits behind a ``%`` stand for."""


def read_form(body: bytes) -> Fields:
    """Return the values of each parameter, decoded, in the order in which they came.

    Raises:
        InvalidRequest: bytes that are no UTF-8, a broken escape, an unclean value, or too many parameters.
        TooLarge: a name or value is longer than one may be.

    """
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise InvalidRequest(Cause.MALFORMED) from None
    return _read(text)


def read_query(query: str) -> Fields:
    """Return the parameters of a raw query component, as ``read_form`` does.

    Raises:
        InvalidRequest: as ``read_form``, or a character that a URI cannot hold.
        TooLarge: as ``read_form``.

    """
    if not query.isascii():
        raise InvalidRequest(Cause.MALFORMED)
    return _read(query)


def single(fields: Fields, name: str) -> str | None:
    """Return the value of a parameter that may come once, None if it did not come.

    Raises:
        InvalidRequest: it is repeated.

    """
    values = fields.get(name)
    if values is None:
        return None
    if len(values) != 1:
        raise InvalidRequest(Cause.MALFORMED, field=name)
    return values[0]


def decoded(text: str) -> str | None:
    """Return one form-encoded name or value decoded, None if an escape is broken or the bytes are no UTF-8."""
    if "+" in text:
        text = text.replace("+", " ")
    if "%" not in text:
        return text
    first, *escaped = text.encode().split(b"%")
    try:
        return (first + b"".join([_BYTES[part[:2]] + part[2:] for part in escaped])).decode()
    except (KeyError, UnicodeDecodeError):
        return None


def _read(text: str) -> Fields:
    if text.count("&") >= FIELDS:
        raise InvalidRequest(Cause.MALFORMED)
    # Most bodies are short and plain: one look at the whole then spares one at each part without an escape.
    is_sound = len(text) <= VALUE_BYTES and text.isascii() and text.isprintable()
    fields: Fields = {}
    for pair in text.split("&"):
        if not pair:  # "a=1&&b=2" and "a=1&" are what some clients send
            continue
        name, _, value = pair.partition("=")
        if not is_sound or "%" in name or "+" in name:
            name = _require_sound(name)
        if not is_sound or "%" in value or "+" in value:
            value = _require_sound(value, name)
        if name in fields:
            fields[name].append(value)
        else:
            fields[name] = [value]
    return fields


def _require_sound(text: str, field: str | None = None) -> str:
    found = decoded(text)
    if found is None:
        raise InvalidRequest(Cause.MALFORMED, field=field)
    return require_clean(found, field)
