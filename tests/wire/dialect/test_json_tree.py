"""The tree of a JSON template: what JSON is read, what is complained about, where."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.wire.dialect.complaint import Code, Complaint
from tokenhouse.wire.dialect.holes import Hole
from tokenhouse.wire.dialect.json_tree import Container, Literal, Text, Value, parse_json_template


def test_a_template_is_a_tree():
    tree = parse_json_template('{ "a": "x{{ b }}y", {{ if c }} {{ for d in e }} "f": [1, {{ g }}, null] }')

    assert isinstance(tree, Container)
    first, second = tree.items
    assert first.key.literal == "a"
    assert first.node == Text(("x", Hole(" b ", 11), "y"))
    assert first.node.literal is None
    assert [statement.statement for statement in second.statements] == ["if", "for"]
    assert second.node.items[0].node == Literal("1")
    assert isinstance(second.node.items[1].node, Value)


@pytest.mark.parametrize(
    ("text", "code", "offset"),
    [
        ("", Code.BODY, 0),
        ("{", Code.BODY, 1),
        ('{"a"}', Code.BODY, 4),
        ('{"a":1,}', Code.BODY, 7),
        ('{"a":1} x', Code.BODY, 8),
        ("[1 2]", Code.BODY, 3),
        ("{a: 1}", Code.BODY, 1),
        ("'a'", Code.BODY, 0),
        ("01", Code.BODY, 1),
        ("nul", Code.BODY, 0),
        ('"a', Code.BODY, 0),
        ('"\\x"', Code.BODY, 1),
        ('"a\nb"', Code.BODY, 1),
        ('{"a": 1, "b": 2, "a": 3}', Code.DUPLICATE_KEY, 17),
        ('{"a": {{ b }', Code.BRACES, 6),
        ("[" * 40, Code.TOO_LARGE, 33),
        (" " * 70000, Code.TOO_LARGE, 0),
    ],
)
def test_what_is_no_template(text, code, offset):
    with pytest.raises(Complaint) as found:
        parse_json_template(text)

    assert (found.value.code, found.value.offset) == (code, offset)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=10,
)


@given(VALUES, st.sampled_from([None, 2]), st.booleans())
def test_all_json_is_a_template(value, indent, ascii_only):
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    if "{{" in text or "}}" in text:
        text = json.dumps(None)

    assert parse_json_template(text)


@given(st.text('{}[]":,1a \\\n', max_size=30))
def test_any_text_is_a_template_or_complained_about(text):
    try:
        parse_json_template(text)
    except Complaint as complaint:
        assert 0 <= complaint.offset <= len(text)  # noqa: PT017 - either is fine
