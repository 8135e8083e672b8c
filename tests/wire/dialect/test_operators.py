from datetime import UTC, datetime, timedelta

import pytest
from jinja2 import nodes

from tokenhouse.wire.dialect import operators
from tokenhouse.wire.dialect.complaint import Complaint
from tokenhouse.wire.dialect.values import ABSENT, Kind

NOON = datetime(2020, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def calculate(node, left, right):
    return operators.BINARY[node].build(lambda _: left, lambda _: right)(None)


@pytest.mark.parametrize(
    ("node", "left", "right", "expected"),
    [
        (nodes.Add, NOON, HOUR, NOON + HOUR),
        (nodes.Sub, NOON, HOUR, NOON - HOUR),
        (nodes.Sub, NOON, NOON, timedelta(0)),
        (nodes.Add, HOUR, HOUR, 2 * HOUR),
        (nodes.Add, HOUR, NOON, ABSENT),
        (nodes.Mul, HOUR, 2, ABSENT),
        (nodes.Mul, "a", 2, ABSENT),
        (nodes.Add, [1], [2], ABSENT),
        (nodes.Add, True, 1, ABSENT),
        (nodes.Mod, 1, 0, ABSENT),
        (nodes.Add, NOON, timedelta.max, ABSENT),
        (nodes.Add, 2**62, 2**62, ABSENT),
    ],
)
def test_arithmetic_is_for_numbers_and_times(node, left, right, expected):
    assert calculate(node, left, right) == expected


@pytest.mark.parametrize(
    ("node", "left", "right", "kind"),
    [
        (nodes.Add, Kind.INT, Kind.INT, Kind.INT),
        (nodes.Add, Kind.TIME, Kind.DURATION, Kind.TIME),
        (nodes.Sub, Kind.TIME, Kind.TIME, Kind.DURATION),
        (nodes.Add, Kind.ANY, Kind.INT, Kind.ANY),
        (nodes.Or, Kind.TEXT, Kind.NULL, Kind.TEXT),
        (nodes.Or, Kind.NULL, Kind.INT, Kind.INT),
        (nodes.And, Kind.TEXT, Kind.INT, Kind.ANY),
    ],
)
def test_kinds_combine(node, left, right, kind):
    assert operators.BINARY[node].kind(left, right) is kind


@pytest.mark.parametrize(("left", "right"), [(Kind.TEXT, Kind.ANY), (Kind.TIME, Kind.INT), (Kind.BOOL, Kind.INT)])
def test_kinds_that_do_not_combine(left, right):
    with pytest.raises(Complaint):
        operators.BINARY[nodes.Add].kind(left, right)


@pytest.mark.parametrize(
    ("name", "left", "right", "expected"),
    [
        ("lt", 1, 2, True),
        ("lt", "a", "b", True),
        ("lteq", NOON, NOON, True),
        ("gt", HOUR, timedelta(0), True),
        ("gteq", 1, "1", False),
        ("lt", False, True, False),
        ("lt", None, 1, False),
        ("ne", ABSENT, "a", True),
        ("in", 1, (True,), False),
        ("in", "a", None, False),
        ("notin", ABSENT, [], False),
        ("notin", "a", [], True),
    ],
)
def test_comparisons_do_not_coerce(name, left, right, expected):
    assert operators.COMPARISONS[name](left, right) is expected


def test_text_is_for_what_has_a_spelling():
    operators.require_text(Kind.INT)
    with pytest.raises(Complaint):
        operators.require_text(Kind.DURATION)
