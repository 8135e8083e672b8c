"""JSON bodies, read strictly: one object, every key once, nothing that two parsers could read differently.

Spec: RFC 8259, RFC 7493 (I-JSON).
"""

from __future__ import annotations

import json
from math import isfinite
from typing import Any

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import InvalidRequest
from tokenhouse.wire.limits import FIELDS, JSON_DEPTH, JSON_INTEGER
from tokenhouse.wire.text import require_clean

_INTEGER_CHARACTERS = len(str(-JSON_INTEGER))


def read_json(body: bytes) -> dict[str, Any]:
    """Return the object that the body holds, with its keys in the order in which they came.

    Raises:
        InvalidRequest: not UTF-8, not an object, a repeated key, a number out of range, an unclean string, too deep or
            too many members.
        TooLarge: a key or string is longer than a value may be.

    """
    try:
        document = _DECODER.decode(body.decode())
    except (ValueError, RecursionError):
        # A parser's error quotes the body, so it does not become the context of the refusal.
        document = None
    if not isinstance(document, dict):
        raise InvalidRequest(Cause.MALFORMED)
    _require_sound(document)
    return document


def _require_sound(document: dict[str, Any]) -> None:
    level: list[Any] = [document]
    depth = 0
    while level:
        depth += 1
        if depth > JSON_DEPTH:
            raise InvalidRequest(Cause.MALFORMED)
        below: list[Any] = []
        for container in level:
            values = container
            if isinstance(container, dict):
                for key in container:
                    require_clean(key)
                values = container.values()
            for value in values:
                if isinstance(value, str):
                    require_clean(value)
                elif isinstance(value, dict | list):
                    below.append(value)
        level = below


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs) or len(pairs) > FIELDS:
        raise InvalidRequest(Cause.MALFORMED)
    return members


def _integer(digits: str) -> int:
    # The length first: turning thousands of digits into a number is slow.
    if len(digits) > _INTEGER_CHARACTERS or abs(number := int(digits)) >= JSON_INTEGER:
        raise InvalidRequest(Cause.MALFORMED)
    return number


def _float(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise InvalidRequest(Cause.MALFORMED)
    return number


def _constant(_name: str) -> Any:
    raise InvalidRequest(Cause.MALFORMED)


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant)
