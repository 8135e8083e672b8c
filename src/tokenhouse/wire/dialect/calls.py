"""Calls of functions: the arguments' kinds are checked at load as far as they are known, and again at run time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from tokenhouse.wire.dialect.complaint import Code, Complaint
from tokenhouse.wire.dialect.functions import FUNCTIONS, LATER, SPECIAL, Function
from tokenhouse.wire.dialect.operators import either
from tokenhouse.wire.dialect.scope import Compiled, Run
from tokenhouse.wire.dialect.values import ABSENT, TEXT_LIMIT, Fault, Kind, Marker
from tokenhouse.written import did_you_mean

_PYTHON: Final[dict[Kind, type | tuple[type, ...]]] = {
    Kind.ANY: object,
    Kind.TEXT: str,
    Kind.BYTES: bytes,
    Kind.DATA: (str, bytes),
    Kind.INT: int,
    Kind.LIST: (list, tuple),
    Kind.OBJECT: dict,
    Kind.TIME: datetime,
    Kind.DURATION: timedelta,
}
_FITS: Final[dict[Kind, frozenset[Kind]]] = {Kind.DATA: frozenset({Kind.TEXT, Kind.BYTES})}
_FAILURES: Final = (ValueError, TypeError, OverflowError, RecursionError)


def compile_call(name: str, arguments: list[Compiled]) -> Compiled:
    """Return the call of function ``name``.

    Raises:
        Complaint: unknown, not built yet, or called with other arguments than its row says.

    """
    if name == "default":
        return _default(arguments)
    row = FUNCTIONS.get(name)
    if row is None:
        if name in LATER:
            raise Complaint(Code.NOT_YET, f"the function {name} is not supported by this version yet")
        hint = did_you_mean(name, [*FUNCTIONS, *SPECIAL])
        raise Complaint(Code.UNKNOWN_FUNCTION, f"unknown function {name}", hint=hint)
    _check(row, arguments)
    kinds = [_PYTHON[kind] for kind in row.takes]
    return Compiled(
        _applied(row, [argument.run for argument in arguments], kinds),
        row.gives,
        frozenset().union(*(argument.names for argument in arguments)),
        next((argument.place for argument in arguments if argument.place), None),
        constant=all(argument.constant for argument in arguments),
    )


def _check(row: Function, arguments: Sequence[Compiled]) -> None:
    least = len(row.takes) - row.optional
    if not least <= len(arguments) <= len(row.takes):
        wanted = str(least) if not row.optional else f"{least} to {len(row.takes)}"
        raise Complaint(Code.TYPE, f"{row.name} takes {wanted} arguments, not {len(arguments)}", hint=row.example[0])
    for argument, kind in zip(arguments, row.takes, strict=False):
        fits = _FITS.get(kind, frozenset({kind}))
        if Kind.ANY not in {kind, argument.kind} and argument.kind not in fits:
            raise Complaint(Code.TYPE, f"{row.name} takes {kind}, not {argument.kind}", hint=row.example[0])


def _applied(row: Function, runs: list[Run], kinds: list[type | tuple[type, ...]]) -> Run:
    apply = row.apply
    if len(runs) == 1:
        (only,), (wanted,) = runs, kinds[:1]

        def one(env: Any) -> Any:
            value = only(env)
            if (
                isinstance(value, Marker)
                or not isinstance(value, wanted)
                or (wanted is int and isinstance(value, bool))
            ):
                return ABSENT
            try:
                return _sized(apply(value))
            except _FAILURES:
                return ABSENT

        return one

    def several(env: Any) -> Any:
        values = [run(env) for run in runs]
        for value, wanted in zip(values, kinds, strict=False):
            if (
                isinstance(value, Marker)
                or not isinstance(value, wanted)
                or (wanted is int and isinstance(value, bool))
            ):
                return ABSENT
        try:
            return _sized(apply(*values))
        except _FAILURES:
            return ABSENT

    return several


def _sized(value: Any) -> Any:
    """Return ``value``; what encodings of encodings would blow up is a fault."""
    if isinstance(value, str | bytes) and len(value) > TEXT_LIMIT:
        msg = "a function gave too much"
        raise Fault(msg)
    return value


def _default(arguments: list[Compiled]) -> Compiled:
    if len(arguments) != 2:  # noqa: PLR2004
        raise Complaint(Code.TYPE, f"default takes 2 arguments, not {len(arguments)}", hint="x | default('')")
    value, otherwise = arguments
    run, other = value.run, otherwise.run

    def defaulted(env: Any) -> Any:
        found = run(env)
        return other(env) if found is ABSENT else found

    return Compiled(
        defaulted,
        either(value.kind, otherwise.kind),
        value.names | otherwise.names,
        value.place or otherwise.place,
        omits=value.omits or otherwise.omits,
        constant=value.constant and otherwise.constant,
    )
