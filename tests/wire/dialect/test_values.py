from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.wire.dialect.values import ABSENT, OMIT, Fault, Kind, bounded, kind_of, same, text_of


def test_markers_are_false_and_say_their_name():
    assert not ABSENT
    assert not OMIT
    assert repr(ABSENT) == "absent"


@pytest.mark.parametrize(
    ("value", "text"),
    [("a", "a"), (1, "1"), (True, "true"), (False, "false"), (None, ""), (ABSENT, ""), (OMIT, ""), (1.5, "1.5")],
)
def test_what_stands_in_text(value, text):
    assert text_of(value) == text


@pytest.mark.parametrize("value", [b"a", [1], {"a": 1}, datetime.now(UTC), timedelta(1)])
def test_what_does_not_stand_in_text(value):
    with pytest.raises(Fault):
        text_of(value)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("a", Kind.TEXT),
        (True, Kind.BOOL),
        (1, Kind.INT),
        (b"", Kind.BYTES),
        ((), Kind.LIST),
        ({}, Kind.OBJECT),
        (None, Kind.NULL),
        (1.5, Kind.ANY),
    ],
)
def test_kinds(value, kind):
    assert kind_of(value) is kind


def test_nothing_is_coerced_when_compared():
    yes, no = True, False
    assert not same(yes, 1)
    assert not same(0, no)
    assert not same("1", 1)
    assert not same(ABSENT, ABSENT)
    assert same(yes, yes)


@given(st.text())
def test_a_text_equals_itself(text):
    assert same(text, text)


def test_a_text_has_an_end():
    assert bounded("a" * 65536)
    with pytest.raises(Fault):
        bounded("a" * 65537)
