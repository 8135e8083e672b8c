"""Checks: conditions of an operation and the cause with which they fail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import (
    Insecure,
    InvalidClient,
    InvalidGrant,
    InvalidRequest,
    InvalidScope,
    Refusal,
    Unacceptable,
    UnauthorizedClient,
    UnsupportedGrantType,
)
from tokenhouse.wire.dialect.complaint import Code
from tokenhouse.wire.dialect.desk import Desk, Keys
from tokenhouse.wire.dialect.scope import Run
from tokenhouse.wire.dialect.stages import Names, Stage
from tokenhouse.wire.dialect.view import View

_REFUSALS: Final[dict[Cause, type[Refusal]]] = {
    Cause.MALFORMED: InvalidRequest,
    Cause.MISSING: InvalidRequest,
    Cause.UNSUPPORTED: UnsupportedGrantType,
    Cause.BAD_CLIENT: InvalidClient,
    Cause.NOT_ALLOWED: UnauthorizedClient,
    Cause.BAD_SCOPE: InvalidScope,
    Cause.INSECURE: Insecure,
    Cause.BAD_CREDENTIALS: InvalidGrant,
    Cause.BAD_TOKEN: InvalidGrant,
    Cause.UNACCEPTABLE: Unacceptable,
}
"""What a failed check may be, and the refusal that says so."""


@dataclass(frozen=True, slots=True)
class Check:
    """One condition."""

    that: Run
    cause: Cause
    field: str | None

    def fault(self, view: View) -> Refusal | None:
        """Return the refusal if the condition does not hold or what it names cannot be read."""
        try:
            holds = self.that(view)
        except Refusal as refusal:
            return refusal
        return None if holds else _REFUSALS[self.cause](self.cause, field=self.field)


def compile_checks(desk: Desk, keys: Keys, value: list[Any], names: Names) -> tuple[Check, ...]:
    """Return the checks of an operation."""
    checks: list[Check] = []
    for index, item in enumerate(value):
        here = (*keys, index)
        told = desk.table(here, item, "check")
        cause = told.get("cause", "malformed")
        if cause.startswith("x_"):
            desk.refuse((*here, "cause"), Code.NOT_YET, "own causes are not supported by this version yet")
        elif desk.choice((*here, "cause"), cause, [known.value for known in _REFUSALS]) and "that" in told:
            that = desk.expression((*here, "that"), told["that"], names.at(Stage.CHECK))
            checks.append(Check(that.run, Cause(cause), told.get("field") or that.place))
    return tuple(checks)
