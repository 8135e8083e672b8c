import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.cli.output import Output, encode, text

PEOPLE = Output(as_json=False)
PROGRAMS = Output(as_json=True)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_no_control_character_reaches_the_terminal(value):
    assert text(value).isprintable()


@given(st.text())
def test_a_document_that_may_be_looked_at_says_the_same(value):
    assert json.loads(encode({"value": value})) == {"value": value}


@pytest.mark.parametrize("character", ["\x1b", "\x7f", "\x9b", "\u202e", "\u2066", "\u2028", "\ud800"])
def test_what_moves_a_terminal_is_escaped(capsys, character):
    PROGRAMS.document(f"臺灣{character}")
    assert json.dumps(character)[1:-1].encode() in capsys.readouterr().out.encode()


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "-"),
        ("", "-"),
        ([], "-"),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (["a", "b"], "a b"),
        ("\x1b[2J", "\\x1b[2J"),
    ],
)
def test_cells(value, shown):
    assert text(value) == shown


def test_a_table_is_aligned_and_has_no_trailing_space(capsys):
    PEOPLE.table([{"a": "x", "b": None}, {"a": "long", "b": "y"}], {"A": "a", "BB": "b"}, "none")
    assert capsys.readouterr().out == "A     BB\nx     -\nlong  y\n"


def test_an_empty_table_says_so_beside_the_data(capsys):
    PEOPLE.table([], {"A": "a"}, "There is none.")
    assert capsys.readouterr() == ("", "There is none.\n")
    PROGRAMS.table([], {"A": "a"}, "There is none.")
    out, err = capsys.readouterr()
    assert (json.loads(out), err) == ({"items": []}, "")


def test_fields(capsys):
    PEOPLE.fields({}, [("a", 1), ("long", "x")])
    PEOPLE.fields({}, [])
    assert capsys.readouterr().out == "a     1\nlong  x\n"
    PROGRAMS.fields({"é": 1}, [("a", 1)])
    assert capsys.readouterr().out == '{\n  "é": 1\n}\n'


def test_hints_are_for_people(capsys):
    PROGRAMS.hint("x")
    PEOPLE.hint("y")
    assert capsys.readouterr() == ("", "y\n")
