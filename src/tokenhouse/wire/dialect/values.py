"""The values of the language: what an expression may hold, and what becomes of it in text.

Spec: the dialect language, section 3.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

TEXT_LIMIT: Final = 64 * 1024
LIST_LIMIT: Final = 1_000
INTEGER_LIMIT: Final = 2**63


class Kind(StrEnum):
    """The types that are known at load; ``ANY`` is decided by the request, ``DATA`` is bytes or text."""

    ANY = "any"
    TEXT = "text"
    BYTES = "bytes"
    INT = "integer"
    BOOL = "boolean"
    TIME = "time"
    DURATION = "duration"
    LIST = "list"
    OBJECT = "object"
    NULL = "null"
    DATA = "data"


class Marker:
    """A value that is none: absent, or to be left out."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name

    def __bool__(self) -> bool:
        return False


ABSENT: Final = Marker("absent")
OMIT: Final = Marker("omit")


class Fault(Exception):
    """An expression or a template could not be finished at run time; the outcome is ``server_error``."""


CURES: Final[dict[Kind, str]] = {
    Kind.BYTES: "bytes in text: write `| hex`, `| base64` or `| base64url`",
    Kind.TIME: "a time in text: write `| epoch`, `| epoch_ms` or `| iso8601`",
    Kind.LIST: "a list in text: write `| join(' ')`",
    Kind.OBJECT: "an object in text: write `| json`",
    Kind.DURATION: "a duration in text",
}
"""Kinds that do not belong in text, and how to say it instead."""


def text_of(value: Any) -> str:
    """Return ``value`` as it stands inside text; absent and null are the empty text.

    Raises:
        Fault: bytes, times, lists and objects have no spelling of their own.

    """
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, Marker):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return json.dumps(value)
    msg = f"a value of kind {kind_of(value)} stands in text"
    raise Fault(msg)


_KINDS: Final[tuple[tuple[type | tuple[type, ...], Kind], ...]] = (
    (str, Kind.TEXT),
    (bool, Kind.BOOL),
    (int, Kind.INT),
    (bytes, Kind.BYTES),
    (datetime, Kind.TIME),
    (timedelta, Kind.DURATION),
    ((list, tuple), Kind.LIST),
    (dict, Kind.OBJECT),
    (type(None), Kind.NULL),
)


def kind_of(value: Any) -> Kind:
    """Return the kind of a value at run time."""
    return next((kind for python, kind in _KINDS if isinstance(value, python)), Kind.ANY)


def same(left: Any, right: Any) -> bool:
    """Compare without coercion: true is not 1, an absent value equals nothing."""
    if isinstance(left, Marker) or isinstance(right, Marker):
        return False
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return bool(left == right)


def bounded(text: str) -> str:
    """Return ``text``.

    Raises:
        Fault: it is longer than a text may be.

    """
    if len(text) > TEXT_LIMIT:
        msg = "a text became too long"
        raise Fault(msg)
    return text
