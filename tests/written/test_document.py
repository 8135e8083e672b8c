import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.written.document import SYNTAX, read_toml
from tokenhouse.written.problem import Problem

TEXT = """\
name = "house"

[answer]
body = '''
{
  "token": {{ tokn }}
}'''
escaped = "a\\tb"
number = 7
"""


@pytest.fixture
def document():
    return read_toml(TEXT, "house.toml")


def test_a_document_has_its_values_its_text_and_its_path(document):
    assert document.data["answer"]["number"] == 7
    assert document.path == "house.toml"
    assert document.text == TEXT


@pytest.mark.parametrize(
    ("keys", "key", "value"),
    [
        ((), (1, 1), (1, 1)),
        (("name",), (1, 1), (1, 8)),
        (("answer",), (3, 2), (3, 2)),
        (("answer", "body"), (4, 1), (5, 1)),
        (("answer", "number"), (9, 1), (9, 10)),
        (("answer", "missing"), (3, 2), (3, 2)),
        (("answer", "number", 3, "x"), (9, 1), (9, 10)),
        (("missing",), (1, 1), (1, 1)),
    ],
)
def test_a_key_is_found_or_its_nearest_parent(document, keys, key, value):
    assert document.position(keys) == key
    assert document.value_position(keys) == value


def test_a_problem_points_at_the_key(document):
    problem = document.problem(("answer", "number"), "too small", code="TH-X001", hint="at least 8")

    assert str(problem) == "house.toml:9:1: TH-X001 too small (at least 8)"


@pytest.mark.parametrize(
    ("keys", "offset", "position"),
    [
        (("answer", "body"), 0, (5, 1)),
        (("answer", "body"), TEXT.index("tokn") - TEXT.index("{\n"), (6, 15)),
        (("answer", "escaped"), 2, (8, 15)),
        (("name",), 99, (1, 14)),
        (("answer", "number"), 1, (9, 1)),  # not a string: its key
        (("answer",), 1, (3, 2)),
        (("missing",), 1, (1, 1)),
    ],
)
def test_a_problem_points_into_a_string(document, keys, offset, position):
    assert document.problem(keys, "m", code="TH-X001", offset=offset).position == position


def test_windows_line_ends_change_no_position():
    document = read_toml(TEXT.replace("\n", "\r\n"), "house.toml")

    assert document.position(("answer", "number")) == (9, 1)
    assert document.problem(("answer", "body"), "m", code="TH-X001", offset=2).position == (6, 1)
    assert document.data == read_toml(TEXT, "house.toml").data


def test_an_empty_text_is_an_empty_document():
    document = read_toml("", "house.toml")

    assert document.data == {}
    assert document.position(("a",)) == document.value_position(("a",)) == (1, 1)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("a = 1\nb = \n", (2, 5)),
        ("a = 1\na = 2", (2, 6)),
        ("[a\n", (1, 3)),
        ('a = """never closed\n', (2, 1)),
        ("a = 1\nb", (2, 2)),
        ("\ufeffa = 1", (1, 1)),
        ("a = " + "[" * 100_000, (1, 1)),
        ("a = " + "1" * 5000, (1, 1)),
    ],
)
def test_what_is_no_toml_is_a_problem_with_its_place(text, position):
    with pytest.raises(Problem) as caught:
        read_toml(text, "house.toml")

    assert caught.value.code == SYNTAX
    assert caught.value.position == position
    assert "(at " not in caught.value.message
    assert caught.value.message


@given(st.text(st.sampled_from("ab=.[]{}\"'\\#, \n\r\t1-T:"), max_size=40) | st.text(max_size=40))
def test_any_text_is_read_or_refused_with_a_place(text):
    try:
        document = read_toml(text, "f")
    except Problem as problem:
        line, column = problem.position
        lines = text.replace("\r\n", "\n").split("\n")
        assert 1 <= line <= len(lines)
        assert 1 <= column <= len(lines[line - 1]) + 2
    else:
        for key in document.data:
            line, column = document.position((key,))
            assert document.text.split("\n")[line - 1][column - 1 :].startswith((key or '"', '"', "'"))


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('a = "b\n', "a quote is not closed on this line"),
        ("a = b", "a text stands in quotes"),
        ("a = 1\na = 2\n", "this key is there already"),
        ("[a]\n[a]\n", "a table stands once: put its keys together"),
        ("a = { b = 1\n}", "an inline table stands on one line"),
        ("a b", ""),
    ],
)
def test_what_is_no_toml_comes_with_what_was_meant(text, hint):
    with pytest.raises(Problem) as caught:
        read_toml(text, "house.toml")

    assert caught.value.hint == hint
