"""Routing: exact paths from one dictionary, path variables afterwards; a host of one's own before everybody's.

Two contracts on one route and host are a mistake that is found at start, never in traffic.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from tokenhouse.http.visits import Endpoint

ANY_HOST = ""


class RouteConflict(Exception):
    """Two contracts claim the same method, path and host."""


class Match(NamedTuple):
    """What a request leads to: the endpoint, its path variables, and the methods that the path knows.

    Where the method is none of them, ``endpoint`` is one that can refuse in the right words.
    """

    endpoint: Endpoint
    variables: dict[str, str]
    methods: tuple[str, ...]
    is_allowed: bool


class _Pattern(NamedTuple):
    host: str
    parts: tuple[str, ...]
    method: str
    endpoint: Endpoint


class Router:
    """All routes of a listener."""

    def __init__(self) -> None:
        self._exact: dict[tuple[str, str], dict[str, Endpoint]] = {}
        self._patterns: list[_Pattern] = []

    def add(self, method: str, path: str, endpoint: Endpoint, hosts: Iterable[str] = ()) -> None:
        """Add a route on each of ``hosts``, or on every host.

        Raises:
            RouteConflict: somebody else has it.

        """
        for host in tuple(hosts) or (ANY_HOST,):
            if "{" in path:
                self._add_pattern(_Pattern(host, tuple(path.split("/")), method, endpoint))
                continue
            known = self._exact.setdefault((host, path), {})
            if method in known:
                raise RouteConflict(f"two contracts claim {method} {host}{path}")
            known[method] = endpoint

    def _add_pattern(self, pattern: _Pattern) -> None:
        for other in self._patterns:
            same_place = (other.host, other.method) == (pattern.host, pattern.method)
            if same_place and _shape(other.parts) == _shape(pattern.parts):
                raise RouteConflict(f"two contracts claim {pattern.method} {pattern.host}{'/'.join(pattern.parts)}")
        self._patterns.append(pattern)

    def find(self, method: str, path: str, host: str) -> Match | None:
        """Return the match, None if nobody knows the path."""
        for place in (host, ANY_HOST):
            known = self._exact.get((place, path))
            if known is not None:
                endpoint = known.get(method) or next(iter(known.values()))
                return Match(endpoint, {}, tuple(known), method in known)
        return self._find_pattern(method, path, host) if self._patterns else None

    def _find_pattern(self, method: str, path: str, host: str) -> Match | None:
        parts = tuple(path.split("/"))
        fitting = [
            pattern
            for place in dict.fromkeys((host, ANY_HOST))
            for pattern in self._patterns
            if pattern.host == place and _fits(pattern.parts, parts)
        ]
        if not fitting:
            return None
        chosen = next((p for p in fitting if p.method == method), None)
        first = chosen or fitting[0]
        named = zip(first.parts, parts, strict=True)
        variables = {name[1:-1]: value for name, value in named if name.startswith("{")}
        return Match(first.endpoint, variables, tuple(p.method for p in fitting), chosen is not None)


def _shape(parts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple("{}" if part.startswith("{") else part for part in parts)


def _fits(pattern: tuple[str, ...], parts: tuple[str, ...]) -> bool:
    return len(pattern) == len(parts) and all(
        name == value or (name.startswith("{") and value != "") for name, value in zip(pattern, parts, strict=True)
    )
