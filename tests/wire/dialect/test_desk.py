from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.wire.dialect.complaint import Code
from tokenhouse.wire.dialect.desk import Desk
from tokenhouse.wire.dialect.scope import NOTHING
from tokenhouse.wire.dialect.stages import Names, Stage
from tokenhouse.written import read_toml


def desk(text="a = 1\nb = 'x'\n"):
    return Desk(read_toml(text, "f.toml"))


def test_problems_are_told_once_and_in_order():
    at = desk()
    at.refuse(("b",), Code.BAD_VALUE, "two")
    at.refuse(("a",), Code.BAD_VALUE, "one")
    at.refuse(("b",), Code.BAD_VALUE, "two")

    assert [str(problem) for problem in at.problems] == ["f.toml:1:1: TH-D007 one", "f.toml:2:1: TH-D007 two"]


@given(st.integers(1, 10**9), st.sampled_from("smhd"))
def test_durations(amount, unit):
    at = desk()
    size = {"s": 1, "m": 60, "h": 3600, "d": 86400}[unit]
    if amount * size < 10**9 * 86400:
        assert at.duration(("b",), f"{amount}{unit}") == timedelta(seconds=amount * size)
    assert at.duration(("b",), "never") is None
    assert at.problems == ()


@pytest.mark.parametrize("text", ["", "1", "s", "0s", "-1s", "1.5h", "1 h", "1w", "Never", "99999999999s"])
def test_what_is_no_duration(text):
    at = desk()

    assert at.duration(("b",), text) is None
    assert len(at.problems) == 1


def test_an_expression_is_compiled_or_stands_as_absent():
    at = desk()

    assert at.expression(("b",), " 1 + 1 ", Names().at(Stage.EXAMPLE)).run(None) == 2
    assert at.expression(("b",), 5, Names().at(Stage.EXAMPLE)) is NOTHING
    assert at.expression(("b",), "zzz", Names().at(Stage.EXAMPLE)) is NOTHING
    assert len(at.problems) == 2


def test_a_table_gives_what_is_sound():
    at = desk("route = 1\ndoes = 'x'\ngiven = 'y'\nfoo = 2\n")

    assert at.table((), at.document.data, "operation") == {"does": "x"}
    assert len(at.problems) == 3
    assert at.table(("x",), 5, "operation") == {}


def test_texts_of_a_list():
    at = desk("a = ['x', 1]\n")

    assert at.texts(("a",), ["x", 1]) == ("x",)
    assert [str(problem) for problem in at.problems] == ["f.toml:1:11: TH-D003 a text is expected here"]
