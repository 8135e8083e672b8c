import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import InvalidRequest, TooLarge
from tokenhouse.wire.text import is_clean_text, require_clean


@pytest.mark.parametrize("text", ["", "plain", "tab\tand\r\nlines", "Zürich 東京 😀", "\x7f", "\u200f"])
def test_ordinary_text_is_clean(text):
    assert is_clean_text(text)
    assert require_clean(text) == text


@pytest.mark.parametrize("character", ["\x00", "\x01", "\x08", "\x0b", "\x0c", "\x1b", "\x1f", "\ud800", "a\udfffb"])
def test_one_bad_character_is_refused_with_its_field(character):
    assert not is_clean_text(f"a{character}b")
    with pytest.raises(InvalidRequest) as caught:
        require_clean(f"a{character}b", "name")
    assert (caught.value.cause, caught.value.field) == (Cause.MALFORMED, "name")


def test_a_value_is_measured_in_bytes():
    assert require_clean("é" * 4096) == "é" * 4096
    with pytest.raises(TooLarge) as caught:
        require_clean("é" * 4096 + "x", "name")
    assert (caught.value.cause, caught.value.field) == (Cause.TOO_LARGE, "name")


@given(st.text(st.characters(codec=None)))
def test_clean_text_is_exactly_what_can_be_written_without_controls(text):
    controls = {chr(c) for c in range(32)} - set("\t\n\r")
    surrogates = any("\ud800" <= c <= "\udfff" for c in text)

    assert is_clean_text(text) == (not surrogates and not controls & set(text))
