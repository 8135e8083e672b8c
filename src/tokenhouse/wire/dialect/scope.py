"""What an expression may name: a scope turns a dotted path into a closure.

Which scope is used where is the table of section 3, "Who sees what".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from tokenhouse.wire.dialect.values import ABSENT, Kind

Run = Callable[[Any], Any]
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Compiled:
    """An expression, ready to run.

    ``names`` are the dotted names it uses; ``place`` is the wire name of the first request field it reads; ``omits``
    says that it may answer ``omit``; ``constant`` that it needs no request.
    """

    run: Run
    kind: Kind
    names: frozenset[str] = frozenset()
    place: str | None = None
    omits: bool = False
    constant: bool = False


@dataclass(frozen=True, slots=True)
class Resolved:
    """The part of a path that a scope knows: ``used`` segments of it; the rest is looked up in the value."""

    run: Run
    kind: Kind
    used: int
    place: str | None = None


class Scope(Protocol):
    """The names that are visible at one stage."""

    def resolve(self, path: Path) -> Resolved:
        """Return what ``path`` begins with.

        Raises:
            Complaint: no such name here.

        """
        ...

    def every(self, path: Path) -> Run | None:
        """Return a closure that gives all values of a place that may be repeated; None if ``path`` is no such place."""
        ...


NOTHING = Compiled(lambda _: ABSENT, Kind.ANY)
"""What stands in for an expression that was refused, so that loading goes on and finds the next problem."""


def member(value: Any, key: str | int) -> Any:
    """Return a member of an object or an item of a list, ``ABSENT`` if there is none."""
    if isinstance(key, str):
        return value.get(key, ABSENT) if isinstance(value, dict) else ABSENT
    if isinstance(value, list | tuple) and -len(value) <= key < len(value):
        return value[key]
    return ABSENT


def walk(value: Any, path: Path) -> Any:
    """Return what lies at ``path`` inside ``value``."""
    for key in path:
        value = member(value, key)
        if value is ABSENT:
            return ABSENT
    return value
