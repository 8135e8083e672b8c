"""The desk: where the parts of a file are looked at, and where what is wrong with them is collected."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, Final

from tokenhouse.wire.dialect.complaint import Code, Complaint
from tokenhouse.wire.dialect.expressions import compile_expression
from tokenhouse.wire.dialect.holes import Workshop
from tokenhouse.wire.dialect.schema import REQUIRED, SECTIONS, Shape, fits
from tokenhouse.wire.dialect.scope import NOTHING, Compiled, Scope
from tokenhouse.written import Document, Problem, did_you_mean

Keys = tuple[str | int, ...]

_DURATION: Final = re.compile(r"([1-9][0-9]{0,9})([smhd])")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Desk:
    """A document being looked at, and the problems found so far."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._found: dict[str, Problem] = {}

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Every problem, in the order of the file."""
        return tuple(sorted(self._found.values(), key=lambda problem: problem.position))

    def refuse(self, keys: Keys, code: Code, message: str, *, hint: str = "") -> None:
        """Remember a problem with a key."""
        self._remember(self.document.problem(keys, message, code=code.value, hint=hint))

    def report(self, keys: Keys, complaint: Complaint) -> None:
        """Remember a problem inside the text that is the value at ``keys``."""
        problem = self.document.problem(
            keys, complaint.message, code=complaint.code.value, hint=complaint.hint, offset=complaint.offset
        )
        self._remember(problem)

    def _remember(self, problem: Problem) -> None:
        self._found.setdefault(str(problem), problem)

    def reporter(self, keys: Keys) -> Callable[[Complaint], None]:
        """Return a function that reports what is wrong with the text at ``keys``."""
        return lambda complaint: self.report(keys, complaint)

    def table(self, keys: Keys, value: Any, section: str, *, extra: Iterable[str] = ()) -> dict[str, Any]:
        """Return the keys of a table that are known and of the right shape; report the others."""
        if not isinstance(value, dict):
            self.refuse(keys, Code.WRONG_KIND, "a table is expected here")
            return {}
        known = SECTIONS[section]
        good: dict[str, Any] = {}
        for key, item in value.items():
            shape = known.get(key, Shape.ANY if key in set(extra) else None)
            if shape is None:
                hint = did_you_mean(key, [*known, *extra]) or f"known: {', '.join([*known, *extra])}"
                self.refuse((*keys, key), Code.UNKNOWN_KEY, f"unknown key {key!r}", hint=hint)
            elif shape is Shape.LATER:
                self.refuse((*keys, key), Code.NOT_YET, f"{key} is not supported by this version yet")
            elif not fits(item, shape):
                self.refuse((*keys, key), Code.WRONG_KIND, f"{key} takes {shape.value}")
            else:
                good[key] = item
        for key in REQUIRED.get(section, ()):
            if key not in value:
                self.refuse(keys, Code.MISSING_KEY, f"{key} is missing")
        return good

    def expression(self, keys: Keys, text: Any, scope: Scope) -> Compiled:
        """Return an expression compiled; a problem stands as absent."""
        if not isinstance(text, str):
            self.refuse(keys, Code.WRONG_KIND, "an expression is a text")
            return NOTHING
        margin = len(text) - len(text.lstrip())
        try:
            return compile_expression(text.strip(), scope)
        except Complaint as complaint:
            self.report(keys, complaint.moved(margin))
            return NOTHING

    def workshop(
        self, keys: Keys, scope: Scope, *, strict: bool = False, carried: frozenset[str] | None = None
    ) -> Workshop:
        """Return a workshop that reports to this desk."""
        return Workshop(scope, self.reporter(keys), strict=strict, carried=carried)

    def choice(self, keys: Keys, value: str, known: Iterable[str], later: Iterable[str] = ()) -> str | None:
        """Return ``value`` if it is one of ``known``, else report it and return None."""
        if value in set(known):
            return value
        if value in set(later):
            self.report(keys, Complaint(Code.NOT_YET, f"{value!r} is not supported by this version yet"))
        else:
            hint = did_you_mean(value, known) or f"one of: {', '.join(known)}"
            self.report(keys, Complaint(Code.BAD_VALUE, f"unknown value {value!r}", hint=hint))
        return None

    def texts(self, keys: Keys, value: list[Any]) -> tuple[str, ...]:
        """Return the texts of a list, report what is none."""
        for index, item in enumerate(value):
            if not isinstance(item, str):
                self.refuse((*keys, index), Code.WRONG_KIND, "a text is expected here")
        return tuple(item for item in value if isinstance(item, str))

    def duration(self, keys: Keys, text: str) -> timedelta | None:
        """Return a duration; ``never`` is None, and so is what is reported."""
        if text == "never":
            return None
        found = _DURATION.fullmatch(text)
        if found is None:
            self.report(
                keys, Complaint(Code.BAD_VALUE, f"not a duration: {text!r}", hint='"90s" "30m" "12h" "14d" "never"')
            )
            return None
        return timedelta(**{_UNITS[found[2]]: int(found[1])})
