"""Forms: what they spell, how much they carry."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.wire.dialect.complaint import Complaint
from tokenhouse.wire.dialect.forms import (
    ALPHABETS,
    SHAPES,
    Form,
    one_spelling,
    read_form_text,
    require_capacity,
)


@given(
    st.sampled_from(sorted(ALPHABETS)), st.integers(1, 999), st.text("abc-_.:", max_size=9), st.text("xyz", max_size=9)
)
def test_a_form_is_read_as_it_is_written(name, length, before, behind):
    spelling = one_spelling(f"{before}{{{name}:{length}}}{behind}")

    assert (spelling.alphabet, spelling.length) == (ALPHABETS[name], length)
    assert (spelling.prefix, spelling.suffix) == (before, behind)


@given(st.text(max_size=60))
def test_any_text_is_read_or_complained_about(text):
    try:
        parts = read_form_text(text)
    except Complaint as complaint:
        assert 0 <= complaint.offset <= len(text)  # noqa: PT017 - either is fine
    else:
        assert "{" not in "".join(part for part in parts if isinstance(part, str))


@given(st.sampled_from(sorted(ALPHABETS)), st.data())
def test_a_form_matches_what_is_spelled_in_it_and_nothing_shorter(name, data):
    text = data.draw(st.text(ALPHABETS[name], min_size=8, max_size=8))
    pattern = Form(name, 8, 8).pattern

    assert re.fullmatch(pattern, text)
    assert not re.fullmatch(pattern, text[1:])
    assert not re.fullmatch(pattern, text[1:] + "!")


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("uuid", "0b9ac5d2-0000-4000-8000-1234567890ab", "0B9AC5D2-0000-4000-8000-1234567890AB"),
        ("UUID", "0B9AC5D2-0000-4000-8000-1234567890AB", "0b9ac5d2-0000-4000-8000-1234567890ab"),
        ("int", "-12", "012"),
        ("jwt", "ab.c-_.d", "ab.cd"),
        ("iso8601", "2020-05-08T08:16:18.123Z", "2020-05-08 08:16:18"),
        ("text", "a b", 'a"b'),
    ],
)
def test_shapes_of_examples(name, good, bad):
    assert re.fullmatch(SHAPES[name], good)
    assert not re.fullmatch(SHAPES[name], bad)


@pytest.mark.parametrize(
    "text", ["{hex}", "{uuid:3}", "{hex:0}", "{hex:9..3}", "{hx:3}", "{hex:64", "a}", "{ hex:64 }", "{hex:99999}"]
)
def test_what_is_no_form(text):
    with pytest.raises(Complaint):
        read_form_text(text)


@pytest.mark.parametrize("text", ["", "abc", "{hex:4}{hex:4}", "{hex:4..8}", "{a=hex:4}", "{uuid}", "{int}"])
def test_what_is_not_one_spelling(text):
    with pytest.raises(Complaint):
        one_spelling(text)


@pytest.mark.parametrize("enough", ["{hex:64}", "{base64url:43}", "{alnum:43}", "{base32:52}", "{digits:78}"])
def test_256_bits_are_enough(enough):
    require_capacity(one_spelling(enough))


@pytest.mark.parametrize(
    ("small", "bits", "needed"),
    [("{hex:63}", 252, 64), ("{base64url:42}", 252, 43), ("{alnum:42}", 250, 43), ("{digits:77}", 255, 78)],
)
def test_less_is_refused_with_what_is_needed(small, bits, needed):
    with pytest.raises(Complaint) as found:
        require_capacity(one_spelling(small))

    assert f"carries {bits} bits" in found.value.message
    assert found.value.hint.startswith(f"{needed} characters")
