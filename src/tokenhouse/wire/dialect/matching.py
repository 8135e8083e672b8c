"""``match``: what a request must look like so that an operation is meant.

Spec: the dialect language, section 4.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from tokenhouse.wire.dialect.complaint import Code, Complaint
from tokenhouse.wire.dialect.desk import Desk, Keys
from tokenhouse.wire.dialect.places import LATER, PLACES
from tokenhouse.wire.dialect.scope import Path, Run, walk
from tokenhouse.wire.dialect.stages import Names, Stage
from tokenhouse.wire.dialect.values import ABSENT, same
from tokenhouse.wire.dialect.view import View
from tokenhouse.written import did_you_mean


class Fit(Enum):
    """How a place fits what is wanted there."""

    YES = "yes"
    ABSENT = "absent"
    OTHER = "other"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Match:
    """One place and the literals it may hold; ``present`` instead of literals where only that matters."""

    path: Path
    run: Run
    field: str
    literals: tuple[Any, ...] = ()
    present: bool | None = None

    def fit(self, view: View) -> Fit:
        """Return how the request fits.

        Raises:
            InvalidRequest: the place is repeated.

        """
        value = self.run(view)
        is_absent = value is ABSENT or value is None or value == ""
        if self.present is not None:
            return Fit.YES if is_absent is not self.present else Fit.ABSENT if self.present else Fit.OTHER
        if is_absent:
            return Fit.ABSENT
        if any(same(value, literal) for literal in self.literals):
            return Fit.YES
        return Fit.OTHER if isinstance(value, type(self.literals[0])) else Fit.WRONG

    def implies(self, other: Match) -> bool:
        """Return whether every value that fits this fits ``other``, which is about the same place."""
        if other.present is not None:
            return self.present is other.present or (other.present and self.present is None)
        return self.present is None and all(any(same(a, b) for b in other.literals) for a in self.literals)


def compile_matches(desk: Desk, keys: Keys, table: Mapping[str, Any], names: Names) -> tuple[Match, ...]:
    """Return the matches of a ``match`` table, which is nested as its places are."""
    found: list[Match] = []
    for path, value in _leaves(table, ()):
        match = _match(desk, (*keys, *path), path, value, names)
        if match is not None:
            found.append(match)
    return tuple(found)


def _leaves(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key), value


def _match(desk: Desk, keys: Keys, path: tuple[str, ...], value: Any, names: Names) -> Match | None:
    root = path[0]
    at = keys[: len(keys) - len(path) + 1]
    if root in LATER:
        desk.refuse(at, Code.NOT_YET, f"{root} is not supported by this version yet")
        return None
    if root not in PLACES and root != "request":
        known = [*PLACES, "request"]
        desk.refuse(at, Code.UNKNOWN_NAME, f"{root} is no place", hint=did_you_mean(root, known) or ", ".join(known))
        return None
    try:
        found = names.at(Stage.REQUEST).resolve(path)
    except Complaint as complaint:
        desk.refuse(keys, complaint.code, complaint.message, hint=complaint.hint)
        return None
    rest, run, field = path[found.used :], found.run, found.place or ".".join(path)
    reader = run if not rest else lambda view: walk(run(view), rest)
    if isinstance(value, bool):
        return Match(path, reader, field, present=value)
    literals = tuple(value) if isinstance(value, list) else (value,)
    if not literals or not all(isinstance(item, str | int) and not isinstance(item, bool) for item in literals):
        desk.refuse(keys, Code.WRONG_KIND, "match takes a text, an integer, a list of them, true or false")
        return None
    return Match(path, reader, field, literals)
