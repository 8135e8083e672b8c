"""The closed set of keys, as tables: what may stand where, and what this version does not have yet.

Spec: the dialect language, sections 2 to 11.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

LANGUAGE: Final = (1, 0)
"""The newest version of the language that this server reads: major, minor."""


class Shape(StrEnum):
    """What kind of TOML value a key takes."""

    TEXT = "text"
    TEXTS = "a text or a list of texts"
    LIST = "a list"
    INT = "an integer"
    BOOL = "true or false"
    TABLE = "a table"
    TABLES = "a table or a list of tables"
    STATUS = "an integer or an expression"
    ANY = "a value"
    LATER = "later"


_S: Final = Shape
_BODIES: Final = {"json": _S.TEXT, "xml": _S.TEXT, "form": _S.TEXT, "text": _S.TEXT}
LOOK: Final[dict[str, Shape]] = {
    **_BODIES, "status": _S.STATUS, "headers": _S.TABLE, "content_type": _S.TEXT, "cookies": _S.LATER,
}  # fmt: skip
BODY_KEYS: Final = tuple(_BODIES)

SECTIONS: Final[dict[str, dict[str, Shape]]] = {
    "file": {
        "dialect": _S.TEXT, "name": _S.TEXT, "title": _S.TEXT, "source": _S.LIST, "hosts": _S.LIST,
        "url_secrets": _S.BOOL, "accept": _S.ANY, "client_by": _S.LIST, "user_by": _S.LATER,
        "default_scope": _S.LIST, "excess_scope": _S.TEXT, "json": _S.TABLE, "xml": _S.TABLE, "formats": _S.TABLE,
        "attributes": _S.TABLE,
        "credentials": _S.TABLE, "let": _S.TABLE, "read": _S.TABLE, "proof": _S.LATER, "challenge": _S.LATER,
        "tokens": _S.TABLE, "session": _S.TABLE, "lockout": _S.TABLE, "answer": _S.TABLE, "operation": _S.TABLE,
        "errors": _S.TABLE, "present": _S.TABLE, "sample": _S.TABLE, "example": _S.LIST,
    },
    "json": {"spaces": _S.BOOL, "indent": _S.INT, "ascii": _S.BOOL, "escape": _S.TEXT, "end": _S.TEXT},
    "xml": {"indent": _S.INT, "end": _S.TEXT},
    "formats": {"choose": _S.TEXT, "default": _S.TEXT, "as": _S.TABLE},
    "format": {"body": _S.TEXT, "content_type": _S.TEXT, "indent": _S.LATER, "wrap": _S.LATER},
    "attributes": {"user": _S.TABLE, "client": _S.TABLE, "tenant": _S.LATER, "server": _S.TABLE},
    "credentials": {
        "client_id": _S.TABLE, "client_secret": _S.TABLE, "api_secret": _S.TABLE, "device_key": _S.TABLE,
        "user_id": _S.TABLE, "client_key": _S.LATER,
    },
    "credential": {"label": _S.TEXT, "form": _S.TEXT},
    "token": {
        "use": _S.TEXT, "form": _S.TEXT, "ttl": _S.TEXT, "idle": _S.TEXT, "max": _S.LATER, "when": _S.LATER,
        "alg": _S.TEXT, "header": _S.TEXT, "claims": _S.TEXT, "payload": _S.LATER,
    },
    "session": {
        "refresh": _S.TEXT, "per": _S.LIST, "limit": _S.INT, "over": _S.TEXT,
        **dict.fromkeys((
            "login", "reuse_above", "reuse_extends", "rotate_below", "renew_with", "overlap", "refreshes",
            "refresh_from", "refresh_until", "each_use", "device", "ends_on",
        ), _S.LATER),
    },
    "lockout": {"failures": _S.INT, "window": _S.TEXT},
    "answer": {**LOOK, "when": _S.TEXT},
    "operation": {
        "route": _S.TEXTS, "match": _S.TABLE, "when": _S.TEXT, "does": _S.TEXT, "transport": _S.TEXT,
        "read": _S.TABLE, "let": _S.TABLE, "accept": _S.ANY, "requires": _S.LIST, "check": _S.LIST,
        "client_by": _S.LIST, "user_by": _S.LATER, "issues": _S.LIST, "ends": _S.TEXT, "bearer": _S.TEXT,
        "url_secrets": _S.BOOL, "session": _S.LATER, "answer": _S.TABLES, "errors": _S.TABLE, "given": _S.LATER,
    },
    "check": {"that": _S.TEXT, "cause": _S.TEXT, "field": _S.TEXT},
    "reader": {"types": _S.LIST, "root": _S.TEXT, "namespace": _S.TEXT},
    "present": {"ways": _S.LIST, "errors": _S.TABLE, "answer": _S.LATER},
    "sample": {
        "client": _S.LIST, "user": _S.LIST, "device": _S.LIST, "tenant": _S.LATER, "code": _S.LATER,
        "server": _S.TABLE,
    },
    "example": {
        "name": _S.TEXT, "request": _S.TEXT, "answer": _S.TEXT, "at": _S.TEXT, "after": _S.TEXT,
        "exact": _S.BOOL, "decoded": _S.TABLE,
    },
    "decoded": {"header": _S.TEXT, "claims": _S.TEXT},
    "sample client": {
        "id": _S.TEXT, "secret": _S.TEXT, "api_secret": _S.TEXT, "name": _S.TEXT, "scope": _S.LIST, "grants": _S.LIST,
    },
    "sample user": {
        "id": _S.TEXT, "username": _S.TEXT, "email": _S.TEXT, "phone": _S.TEXT, "name": _S.TEXT, "password": _S.TEXT,
    },
    "sample device": {
        "device": _S.TEXT, "key": _S.TEXT, "user": _S.TEXT, "name": _S.TEXT, "scope": _S.LIST,
    },
}  # fmt: skip
"""Keys by section; a key of the language that is not built yet is ``LATER``."""

REQUIRED: Final[dict[str, tuple[str, ...]]] = {
    "file": ("dialect", "name", "title", "operation", "errors"),
    "formats": ("choose", "default", "as"),
    "format": ("body",),
    "credential": ("label", "form"),
    "token": ("form", "ttl"),
    "operation": ("route", "does"),
    "check": ("that",),
    "example": ("name", "request", "answer"),
    "reader": ("types",),
    "present": ("ways",),
    "sample client": ("id",),
    "sample device": ("device", "key"),
    "lockout": ("failures", "window"),
}

_PYTHON: Final[dict[Shape, tuple[type, ...]]] = {
    _S.TEXT: (str,), _S.TEXTS: (str, list), _S.LIST: (list,), _S.INT: (int,), _S.BOOL: (bool,), _S.TABLE: (dict,),
    _S.TABLES: (dict, list), _S.STATUS: (int, str), _S.ANY: (object,),
}  # fmt: skip
_ITEMS: Final[dict[Shape, type]] = {_S.TEXTS: str, _S.TABLES: dict}


def fits(value: Any, shape: Shape) -> bool:
    """Return whether ``value`` is of that shape; a boolean is no integer."""
    if isinstance(value, bool) and shape not in {_S.BOOL, _S.ANY}:
        return False
    if not isinstance(value, _PYTHON[shape]):
        return False
    item = _ITEMS.get(shape)
    return item is None or not isinstance(value, list) or all(isinstance(each, item) for each in value)
