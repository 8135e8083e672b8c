"""Places: what a request offers, as a table from the first word of a name to how it is read.

Spec: the dialect language, section 3, Places.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from tokenhouse.wire.dialect.complaint import Code, Complaint
from tokenhouse.wire.dialect.scope import Path, Resolved, Run
from tokenhouse.wire.dialect.values import ABSENT, Kind
from tokenhouse.wire.dialect.view import View
from tokenhouse.written import did_you_mean


class Place(NamedTuple):
    """One kind of place: what it gives, which body reader it needs, how a path becomes a closure."""

    kind: Kind
    reader: str | None
    build: Callable[[Path], Run]
    whole: bool = False
    segments: int = 1


def _field(source: Callable[[View], dict[str, list[str]]]) -> Callable[[Path], Run]:
    def build(path: Path) -> Run:
        if not path:
            return lambda view: view.all_of(source(view))
        name = str(path[0])
        return lambda view: view.one(source(view), name)

    return build


def _param(path: Path) -> Run:
    name = str(path[0])
    return lambda view: view.param(name)


def _header(path: Path) -> Run:
    if not path:
        return lambda view: {key.decode("latin-1"): view.header(key) for key in view.headers()}
    name = str(path[0]).lower().replace("-", "_").encode()
    return lambda view: view.header(name)


def _authorization(path: Path) -> Run:
    scheme = str(path[0]).lower()
    return lambda view: view.authorization(scheme)


_BASIC: Final = {"user": 0, "password": 1}


def _basic(path: Path) -> Run:
    if not path:
        return lambda view: True if view.basic() else ABSENT
    index = _BASIC.get(str(path[0]))
    if index is None:
        raise _unknown("basic", str(path[0]), list(_BASIC))
    at = index

    def run(view: View) -> object:
        pair = view.basic()
        return ABSENT if pair is None else pair[at]

    return run


def _variable(path: Path) -> Run:
    name = str(path[0])
    return lambda view: view.request.variables.get(name, ABSENT)


def _json(path: Path) -> Run:
    return lambda view: view.json(path)


def _xml(path: Path) -> Run:
    return lambda view: view.xml(path)


def _body(path: Path) -> Run:
    return lambda view: view.body(path)


def _content_type(view: View) -> object:
    return view.header(b"content_type")


_REQUEST: Final[dict[str, tuple[Run, Kind]]] = {
    "method": (lambda view: view.request.method, Kind.TEXT),
    "path": (lambda view: view.request.path, Kind.TEXT),
    "query": (lambda view: view.request.query, Kind.TEXT),
    "host": (lambda view: view.request.host, Kind.TEXT),
    "ip": (lambda view: view.request.source or ABSENT, Kind.TEXT),
    "id": (lambda view: view.request.id, Kind.TEXT),
    "content_type": (_content_type, Kind.TEXT),
    "body": (lambda view: view.request.body, Kind.BYTES),
    "url": (lambda view: view.request.path + ("?" + view.request.query if view.request.query else ""), Kind.TEXT),
}

PLACES: Final[dict[str, Place]] = {
    "path": Place(Kind.TEXT, None, _variable),
    "query": Place(Kind.TEXT, None, _field(View.query), whole=True),
    "form": Place(Kind.TEXT, "form", _field(View.form), whole=True),
    "param": Place(Kind.TEXT, None, _param),
    "json": Place(Kind.ANY, "json", _json, whole=True, segments=16),
    "xml": Place(Kind.ANY, "xml", _xml, segments=16),
    "body": Place(Kind.ANY, "any", _body, segments=16),
    "header": Place(Kind.TEXT, None, _header, whole=True),
    "auth": Place(Kind.TEXT, None, _authorization),
    "basic": Place(Kind.TEXT, None, _basic, whole=True),
}
LATER: Final = frozenset({"cookie", "host", "challenge", "proved", "step", "payload", "tenant"})
"""First words of names that the language has and this version does not."""

HEADER_LIKE: Final = frozenset({"basic", "auth", "header"})
ADDRESS_LIKE: Final = frozenset({"query", "param", "path"})


def resolve_place(path: Path) -> Resolved | None:
    """Return the closure for a place, None if the first word names none.

    Raises:
        Complaint: a place without its field, or an unknown part of ``request``.

    """
    root = str(path[0])
    if root == "now":
        return Resolved(lambda view: view.request.now, Kind.TIME, 1)
    if root == "request":
        return _resolve_request(path)
    place = PLACES.get(root)
    if place is None:
        return None
    inner = path[1 : 1 + place.segments]
    if not inner and not place.whole:
        raise Complaint(Code.UNKNOWN_NAME, f"{root} needs the name of a field", hint=f"{root}.name")
    kind = place.kind if inner else Kind.BOOL if root == "basic" else Kind.OBJECT
    return Resolved(place.build(inner), kind, 1 + len(inner), wire_name(path))


def wire_name(path: Path) -> str:
    """Return what the caller calls the field that ``path`` reads."""
    if path[0] in {"basic", "auth"}:
        return "authorization"
    if path[0] == "header":
        return "-".join(str(part).replace("_", "-") for part in path[1:])
    return ".".join(str(part) for part in path[1:])


def every_place(path: Path) -> Run | None:
    """Return the closure that gives all values of a form or query field."""
    if len(path) != 2 or path[0] not in {"query", "form"}:  # noqa: PLR2004
        return None
    name, source = str(path[1]), View.query if path[0] == "query" else View.form
    return lambda view: list(source(view).get(name, ()))


def _resolve_request(path: Path) -> Resolved:
    name = str(path[1]) if len(path) > 1 else ""
    found = _REQUEST.get(name)
    if found is None:
        raise _unknown("request", name, list(_REQUEST))
    return Resolved(found[0], found[1], 2)


def _unknown(root: str, name: str, known: list[str]) -> Complaint:
    return Complaint(Code.UNKNOWN_NAME, f"{root} has no {name!r}", hint=did_you_mean(name, known) or ", ".join(known))
