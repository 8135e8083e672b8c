import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.wire.dialect import text_functions as text
from tokenhouse.wire.dialect.values import ABSENT, Fault


@given(st.integers(-(2**62), 2**62), st.integers(2, 36))
def test_a_number_comes_back_from_any_base(number, base):
    assert text.integer(text.in_base(number, base), base) == number


@given(st.text(max_size=30), st.sampled_from(":-ab"))
def test_before_and_after_are_the_two_sides(whole, separator):
    left, right = text.before(whole, separator), text.after(whole, separator)

    if separator in whole:
        assert left + separator + right == whole
        assert text.before_last(whole, separator) + separator + text.after_last(whole, separator) == whole
    else:
        assert (left, right) == (ABSENT, ABSENT)
        assert text.before_last(whole, separator) is ABSENT


@pytest.mark.parametrize("value", ["", "-", "1.5", "0x1", " 1", "1 ", "١", "1" * 65, True, None, [1]])
def test_what_is_no_integer(value):
    assert text.integer(value) is ABSENT


def test_numbers_beyond_64_bits_are_absent():
    assert text.integer(str(2**63)) is ABSENT
    assert text.integer("1", 1) is ABSENT
    assert text.in_base(5, 1) is ABSENT
    assert text.in_base(0, 2) == "0"
    assert text.integer(7) == 7


def test_an_empty_separator_separates_nothing():
    assert text.split("ab", "") is ABSENT
    assert text.before("ab", "") is ABSENT
    assert text.after_last("ab", "") is ABSENT
    assert text.replace("ab", "", "x") == "ab"


def test_texts_and_lists_stay_bounded():
    with pytest.raises(Fault):
        text.replace("a" * 1000, "a", "b" * 1000)
    with pytest.raises(Fault):
        text.join(["a"] * 1000, "b" * 1000)
    assert text.split(":" * 1001, ":") is ABSENT
    assert text.words("a " * 1001) is ABSENT
    assert text.pad_left("a", 1001, "0") is ABSENT
    assert text.pad_left("a", 3, "00") is ABSENT


def test_numbers_of_lists():
    assert text.smallest([]) is ABSENT
    assert text.largest([1, "a"]) is ABSENT
    assert text.length(3) is ABSENT
    assert text.strip_prefix("abc", "x") is ABSENT
    assert text.as_text([1]) is ABSENT
    assert text.as_text(1.5) == "1.5"
