"""The description of a contract's presentation, as ``tokenhouse dialect export NAME`` prints it: read strictly."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from tokenhouse_verify.answers import CAUSES, Answer
from tokenhouse_verify.credential import KINDS, STANDARD
from tokenhouse_verify.strict_json import NotAnObject, read_object
from tokenhouse_verify.ways import BESIDE, Place, Source, Way, header

MAX_DESCRIPTION_BYTES: Final = 256 * 1024
MAX_BODY_BYTES: Final = 16 * 1024
_MAX_WAYS: Final = 16
_MAX_SOURCES: Final = 8
_MAX_HEADERS: Final = 32
_CONTRACT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}")
_FIELD_NAME = re.compile(r"[\x21-\x7e]{1,64}")
_SCHEME = re.compile(r"[a-z0-9._~-]{1,32}")
_PREFIX = re.compile(r"[\x20-\x7e]{1,64}")
_HEADER_VALUE = re.compile(r"[\x20-\x7e]{0,1024}")
_STATUSES: Final = range(200, 600)
_WHERE: Final[tuple[Literal["header", "query", "cookie"], ...]] = ("header", "query", "cookie")
_ROLES: Final = frozenset({*KINDS, *filter(None, BESIDE.values())})
# Whoever sends the answer counts its bytes and keeps the connection.
_NOT_OURS: Final = frozenset({"content-length", "transfer-encoding", "connection"})


class DescriptionError(ValueError):
    """The description cannot be used; the text says where and why."""


@dataclass(frozen=True, slots=True)
class Description:
    """How one contract's APIs are called, and how they refuse. ``errors`` are answers by cause."""

    contract: str
    ways: tuple[Way, ...]
    errors: Mapping[str, Answer]


def read_description(told: Mapping[str, Any] | str | bytes) -> Description:
    """Return the description that ``told``, an object or its JSON, gives.

    Raises:
        DescriptionError: it is not one, or too large; nothing in it is passed over.

    """
    table = _table("the description", _object(told) if isinstance(told, str | bytes) else told)
    _keys("the description", table, required={"contract", "ways"}, optional={"errors"})
    contract = _text("contract", table["contract"], _CONTRACT)
    if contract == STANDARD:
        raise DescriptionError(f"contract: {STANDARD!r} is no dialect's name")
    ways = table["ways"]
    if not isinstance(ways, list) or not 1 <= len(ways) <= _MAX_WAYS:
        raise DescriptionError(f"ways: a list of 1 to {_MAX_WAYS} ways")
    errors = _table("errors", table.get("errors", {}))
    for cause in errors.keys() - CAUSES:
        raise DescriptionError(f"errors.{cause}: no such cause; there are {', '.join(sorted(CAUSES))}")
    return Description(
        contract,
        tuple(_way(f"ways[{index}]", way, contract) for index, way in enumerate(ways)),
        {cause: _answer(f"errors.{cause}", row) for cause, row in errors.items()},
    )


def _object(text: str | bytes) -> Mapping[str, Any]:
    raw = text.encode("utf-8", "replace") if isinstance(text, str) else text
    if len(raw) > MAX_DESCRIPTION_BYTES:
        raise DescriptionError("the description is larger than 256 KiB")
    try:
        return read_object(raw)
    except NotAnObject:
        raise DescriptionError("the description is not one JSON object") from None


def _way(at: str, told: Any, contract: str) -> Way:
    table = _table(at, told)
    kinds = [kind for kind in KINDS if kind in table]
    if len(kinds) != 1:
        raise DescriptionError(f"{at}: exactly one of {', '.join(KINDS)}")
    beside = BESIDE[kinds[0]]
    _keys(at, table, required=set(kinds), optional=set() if beside is None else {beside})
    if kinds == ["client_secret"] and "client_id" not in table:
        raise DescriptionError(f"{at}: client_secret needs client_id beside it")
    return Way({role: _sources(f"{at}.{role}", sources) for role, sources in table.items()}, contract)


def _sources(at: str, told: Any) -> tuple[Source, ...]:
    if not isinstance(told, list) or not 1 <= len(told) <= _MAX_SOURCES:
        raise DescriptionError(f"{at}: a list of 1 to {_MAX_SOURCES} sources")
    return tuple(_source(f"{at}[{index}]", source) for index, source in enumerate(told))


def _source(at: str, told: Any) -> Source:
    table = _table(at, told)
    named = [where for where in _WHERE if where in table]
    if len(named) != 1:
        raise DescriptionError(f"{at}: exactly one of {', '.join(_WHERE)}")
    (where,) = named
    _keys(at, table, required=set(named), optional={"scheme", "strip"} if where == "header" else {"strip"})
    if "scheme" in table and "strip" in table:
        raise DescriptionError(f"{at}: scheme or strip, not both")
    name = _text(f"{at}.{where}", table[where], HEADER_NAME if where == "header" else _FIELD_NAME)
    scheme = _text(f"{at}.scheme", table["scheme"], _SCHEME) if "scheme" in table else None
    strip = _text(f"{at}.strip", table["strip"], _PREFIX) if "strip" in table else ""
    return Source(header(name) if where == "header" else Place(where, name), scheme, strip)


def _answer(at: str, told: Any) -> Answer:
    table = _table(at, told)
    _keys(at, table, required={"status"}, optional={"headers", "body"})
    status, headers, body = table["status"], _table(f"{at}.headers", table.get("headers", {})), table.get("body", "")
    if type(status) is not int or status not in _STATUSES:
        raise DescriptionError(f"{at}.status: a status from 200 to 599")
    if len(headers) > _MAX_HEADERS:
        raise DescriptionError(f"{at}.headers: at most {_MAX_HEADERS}")
    if not isinstance(body, str) or len(body) > MAX_BODY_BYTES:
        raise DescriptionError(f"{at}.body: a text of at most 16 KiB")
    for name, value in headers.items():
        _text(f"{at}.headers", name, HEADER_NAME)
        _text(f"{at}.headers.{name}", value, _HEADER_VALUE)
        if name.lower() in _NOT_OURS:
            raise DescriptionError(f"{at}.headers.{name}: belongs to the connection")
    return Answer(status, tuple(headers.items()), body.encode("utf-8", "replace"))


def _table(at: str, told: Any) -> Mapping[str, Any]:
    if not isinstance(told, Mapping) or not all(isinstance(key, str) for key in told):
        raise DescriptionError(f"{at}: an object is expected")
    return told


def _keys(at: str, table: Mapping[str, Any], *, required: set[Any], optional: set[str]) -> None:
    for key in sorted(table.keys() - required - optional):
        raise DescriptionError(f"{at}: unknown key {key!r}")
    for key in sorted(required - table.keys()):
        raise DescriptionError(f"{at}: {key} is missing")


def _text(at: str, told: Any, form: re.Pattern[str]) -> str:
    if not isinstance(told, str) or form.fullmatch(told) is None:
        raise DescriptionError(f"{at}: not what can stand there")
    return told
