"""Routes: ``"POST|PUT /a/{var}"``, and which of them get in each other's way.

Spec: the dialect language, section 4.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from tokenhouse.wire.dialect.complaint import Code, Complaint

_ROUTE: Final = re.compile(r"([A-Z]+(?:\|[A-Z]+)*) (/\S*)")
_VARIABLE: Final = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})


class RoutePath(NamedTuple):
    """One method and path."""

    method: str
    path: str

    @property
    def variables(self) -> frozenset[str]:
        """The names of its variables."""
        return frozenset(_VARIABLE.findall(self.path))

    def overlaps(self, other: RoutePath) -> bool:
        """Return whether some path fits both patterns although neither is literal."""
        mine, others = self.path.split("/"), other.path.split("/")
        if self.method != other.method or len(mine) != len(others) or not (self.variables and other.variables):
            return False
        return all(a == b or "{" in a or "{" in b for a, b in zip(mine, others, strict=True))


def read_route(text: str) -> tuple[RoutePath, ...]:
    """Return the methods and the path of a route.

    Raises:
        Complaint: not ``METHOD /path``, or a variable that is not a whole segment.

    """
    found = _ROUTE.fullmatch(text)
    if found is None:
        raise Complaint(Code.ROUTE, f"not a route: {text!r}", hint='"POST /path/{variable}"')
    methods, path = found.groups()
    for method in methods.split("|"):
        if method not in _METHODS:
            raise Complaint(Code.ROUTE, f"unknown method {method}", hint=f"one of: {', '.join(sorted(_METHODS))}")
    for segment in path.split("/"):
        if ("{" in segment or "}" in segment) and _VARIABLE.fullmatch(segment) is None:
            raise Complaint(Code.ROUTE, f"a variable is a whole segment: {segment!r}", offset=text.index(segment))
    names = _VARIABLE.findall(path)
    if len(set(names)) != len(names):
        raise Complaint(Code.ROUTE, "a variable occurs twice")
    if "?" in path or "#" in path:
        raise Complaint(Code.ROUTE, "a route has no query", hint="match.query.NAME")
    return tuple(RoutePath(method, path) for method in dict.fromkeys(methods.split("|")))


def shadowed(route: RoutePath, earlier: Sequence[RoutePath]) -> RoutePath | None:
    """Return an earlier route of another shape whose variables get in the way, None if there is none."""
    return next((other for other in earlier if other.path != route.path and route.overlaps(other)), None)


def fits_path(path: str, route: RoutePath) -> bool:
    """Return whether a literal path is one of a route's."""
    pattern = "/".join("[^/]+" if "{" in part else re.escape(part) for part in route.path.split("/"))
    return re.fullmatch(pattern, path) is not None
