"""Operators: what they accept as far as it is known at load, and what they do.

No operator coerces; arithmetic is for integers, times and durations only, so text cannot be multiplied.
"""

from __future__ import annotations

import operator as python
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from jinja2 import nodes

from tokenhouse.wire.dialect.complaint import Code, Complaint
from tokenhouse.wire.dialect.scope import Run
from tokenhouse.wire.dialect.values import ABSENT, CURES, INTEGER_LIMIT, Kind, Marker, bounded, same, text_of

_ARITHMETIC: Final[dict[tuple[str, Kind, Kind], Kind]] = {
    ("+", Kind.TIME, Kind.DURATION): Kind.TIME,
    ("+", Kind.DURATION, Kind.DURATION): Kind.DURATION,
    ("-", Kind.TIME, Kind.DURATION): Kind.TIME,
    ("-", Kind.TIME, Kind.TIME): Kind.DURATION,
    ("-", Kind.DURATION, Kind.DURATION): Kind.DURATION,
    **{(sign, Kind.INT, Kind.INT): Kind.INT for sign in ("+", "-", "*", "//", "%")},
}


class Operator(NamedTuple):
    """How an operator's kinds combine, and how its closure is built from those of its operands."""

    kind: Callable[..., Kind]
    build: Callable[..., Run]


def either(left: Kind, right: Kind) -> Kind:
    """Return the kind of a value that is one of two; null and omit fit every kind."""
    if left is right or right is Kind.NULL:
        return left
    return right if left is Kind.NULL else Kind.ANY


def require_text(kind: Kind) -> None:
    """Refuse what has no spelling in text.

    Raises:
        Complaint: bytes, a time, a list, an object or a duration; names the cure.

    """
    if kind in CURES:
        raise Complaint(Code.TYPE, CURES[kind])


def concat(runs: Sequence[Run]) -> Run:
    """Return the closure of ``~``."""

    def join(env: Any) -> Any:
        texts: list[str] = []
        for run in runs:
            value = run(env)
            if value is ABSENT:
                return ABSENT
            texts.append(text_of(value))
        return bounded("".join(texts))

    return join


def _arithmetic_kind(sign: str) -> Callable[[Kind, Kind], Kind]:
    def kind(left: Kind, right: Kind) -> Kind:
        known = _ARITHMETIC.get((sign, left, right))
        if known is not None:
            return known
        if Kind.ANY in {left, right} and not {left, right} & {Kind.TEXT, Kind.LIST, Kind.OBJECT, Kind.BOOL, Kind.BYTES}:
            return Kind.ANY
        hint = "text is joined with ~" if Kind.TEXT in {left, right} else ""
        raise Complaint(Code.TYPE, f"{left} {sign} {right} is not defined", hint=hint)

    return kind


def _calculate(sign: str, calculate: Callable[[Any, Any], Any]) -> Callable[[Run, Run], Run]:
    def build(left: Run, right: Run) -> Run:
        def run(env: Any) -> Any:
            a, b = left(env), right(env)
            integers = type(a) is int and type(b) is int
            if not integers and (_family(a), _family(b)) not in _MIXED.get(sign, ()):
                return ABSENT
            try:
                result = calculate(a, b)
            except (ZeroDivisionError, OverflowError):
                return ABSENT
            return ABSENT if integers and abs(result) >= INTEGER_LIMIT else result

        return run

    return build


def _family(value: Any) -> type | None:
    return next((family for family in (datetime, timedelta) if isinstance(value, family)), None)


_MIXED: Final[dict[str, tuple[tuple[type | None, type | None], ...]]] = {
    "+": ((datetime, timedelta), (timedelta, timedelta)),
    "-": ((datetime, timedelta), (datetime, datetime), (timedelta, timedelta)),
}


def _negate(inner: Run) -> Run:
    def run(env: Any) -> Any:
        value = inner(env)
        return -value if type(value) is int else ABSENT

    return run


def _integer_kind(kind: Kind) -> Kind:
    if kind not in {Kind.INT, Kind.ANY}:
        raise Complaint(Code.TYPE, f"{kind} has no sign")
    return Kind.INT


def _and(left: Run, right: Run) -> Run:
    return lambda env: left(env) and right(env)


def _or(left: Run, right: Run) -> Run:
    return lambda env: left(env) or right(env)


def _not(inner: Run) -> Run:
    return lambda env: not inner(env)


BINARY: Final[dict[type[nodes.Node], Operator]] = {
    nodes.Add: Operator(_arithmetic_kind("+"), _calculate("+", python.add)),
    nodes.Sub: Operator(_arithmetic_kind("-"), _calculate("-", python.sub)),
    nodes.Mul: Operator(_arithmetic_kind("*"), _calculate("*", python.mul)),
    nodes.FloorDiv: Operator(_arithmetic_kind("//"), _calculate("//", python.floordiv)),
    nodes.Mod: Operator(_arithmetic_kind("%"), _calculate("%", python.mod)),
    nodes.Neg: Operator(_integer_kind, _negate),
    nodes.And: Operator(either, _and),
    nodes.Or: Operator(either, _or),
    nodes.Not: Operator(lambda _: Kind.BOOL, _not),
}


def _ordered(order: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def test(left: Any, right: Any) -> bool:
        families = {_order_family(left), _order_family(right)}
        return len(families) == 1 and None not in families and order(left, right)

    return test


def _order_family(value: Any) -> type | None:
    if isinstance(value, bool):
        return None
    return next((family for family in (int, str, datetime, timedelta) if isinstance(value, family)), None)


def _contains(item: Any, container: Any) -> bool:
    if isinstance(container, str):
        return isinstance(item, str) and item in container
    if isinstance(container, list | tuple | dict):
        return any(same(item, other) for other in container)
    return False


COMPARISONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "eq": same,
    "ne": lambda left, right: not same(left, right),
    "lt": _ordered(python.lt),
    "lteq": _ordered(python.le),
    "gt": _ordered(python.gt),
    "gteq": _ordered(python.ge),
    "in": _contains,
    "notin": lambda item, container: not isinstance(item, Marker) and not _contains(item, container),
}


def compare(runs: Sequence[Run], tests: Sequence[Callable[[Any, Any], bool]]) -> Run:
    """Return the closure of a chain of comparisons."""

    def run(env: Any) -> bool:
        left = runs[0](env)
        for test, operand in zip(tests, runs[1:], strict=True):
            right = operand(env)
            if not test(left, right):
                return False
            left = right
        return True

    return run
