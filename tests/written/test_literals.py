import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.written.literals import content_offset, content_start, end_of_scalar

VALUES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\x00"), max_size=20)


def basic(text):
    named = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}
    return (
        '"'
        + "".join(named.get(c, f"\\u{ord(c):04X}" if not c.isprintable() and ord(c) < 0x10000 else c) for c in text)
        + '"'
    )


@pytest.mark.parametrize(
    "literal",
    [
        '"plain"',
        '"a\\"b\\\\"',
        "'C:\\'",
        '""',
        "''",
        '""""""',
        "''''''",
        '"""a "quoted" text"""',
        '"""two at the end"""""',
        "'''one at the end''''",
        '"""\\"" """',
        '"""line\nline"""',
        "'''\nline\n'''",
        "1979-05-27 07:32:00Z",
        "-17",
        "+inf",
        "true",
    ],
)
@pytest.mark.parametrize("behind", ["", "\nnext = 1", ", 2]", "}", "# why", "]"])
def test_a_literal_ends_where_it_ends(literal, behind):
    tomllib.loads(f"k = {literal}")

    assert end_of_scalar(f"k = {literal}{behind}", 4) == 4 + len(literal)


@given(VALUES.map(basic), st.sampled_from(["", ', "x"', ", ''", "\n"]))
def test_a_basic_string_ends_at_its_own_quote(literal, behind):
    assert end_of_scalar(literal + behind, 0) == len(literal)


@pytest.mark.parametrize(
    ("literal", "start"), [('"a"', 1), ("'a'", 1), ('"""a"""', 3), ("'''a'''", 3), ('"""\na"""', 4), ("'''\n\na'''", 4)]
)
def test_content_starts_behind_quotes_and_a_first_newline(literal, start):
    assert content_start(literal, 0) == start


@pytest.mark.parametrize(
    ("literal", "offset", "place"),
    [
        ('"abc"', 0, 1),
        ('"abc"', 2, 3),
        ('"abc"', 3, 4),  # behind the end: the closing quote
        ('"abc"', 99, 4),
        ('"a\\nb"', 2, 4),
        ('"a\\u00e9b"', 2, 8),
        ('"a\\U0001F600b"', 2, 12),
        ("'a\\nb'", 2, 3),
        ("'abc'", 99, 4),
        ("'''\nab\nc'''", 3, 7),
        ("'''ab''''", 2, 5),
        ('"""a\\\n   b"""', 0, 3),
        ('"""a\\\n   b"""', 1, 9),
        ('"""a\\  \n\n b"""', 1, 10),
        ('"""a"b"""', 1, 4),
    ],
)
def test_an_offset_in_the_value_is_a_place_in_the_text(literal, offset, place):
    assert content_offset(literal, 0, offset) == place


@given(VALUES, st.data())
def test_each_character_of_a_basic_string_is_found_where_its_spelling_starts(value, data):
    literal = basic(value)
    assert tomllib.loads(f"k = {literal}")["k"] == value
    offset = data.draw(st.integers(0, len(value)))

    assert content_offset(literal, 0, offset) == len(basic(value[:offset])) - 1
