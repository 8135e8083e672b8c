"""JSON objects from strangers: one meaning or none."""

from __future__ import annotations

import json
import math
from typing import Any


class NotAnObject(ValueError):
    """The bytes are not one unambiguous JSON object; says nothing of what they hold."""


def read_object(raw: bytes) -> dict[str, Any]:
    """Return the object that ``raw`` spells.

    Spec: RFC 8259, RFC 7515 §4 (member names are unique)

    Raises:
        NotAnObject: not UTF-8, not JSON, not an object, a repeated member, a number that is none, a lone surrogate,
            or nesting without end.

    """
    try:
        text = raw.decode("utf-8")
        value = json.loads(text, object_pairs_hook=_members, parse_constant=_no_number, parse_float=_number)
        if "\\u" in text:  # only an escape can spell a lone surrogate, and it would fail where nobody expects it
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise NotAnObject from None
    if not isinstance(value, dict):
        raise NotAnObject
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise NotAnObject
    return members


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise NotAnObject
    return number


def _no_number(_text: str) -> float:
    raise NotAnObject
