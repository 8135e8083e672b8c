import json
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.wire.writing import json_object, json_string, json_text, xml_attribute, xml_text

ANY_TEXT = st.text(st.characters(codec=None), max_size=30)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)


def without_surrogates(text):
    return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)


def legal_in_xml(text):
    return "".join(
        c if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff") else "\ufffd" for c in without_surrogates(text)
    )


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", '""'),
        ('a"b\\c/', '"a\\"b\\\\c/"'),
        ("\n\t\x00\x1f", '"\\n\\t\\u0000\\u001f"'),
        ("é😀\x7f", '"é😀\x7f"'),
        ("a\ud800", '"a\ufffd"'),
    ],
)
def test_a_json_string_is_escaped_where_it_must_be(text, written):
    assert json_string(text) == written
    assert json_text(text) == json_object({"k": text})[5:-1] == written.encode()


def test_json_is_compact_and_keeps_its_order():
    assert json_text({"b": 1, "a": [True, None, 1.5]}) == b'{"b":1,"a":[true,null,1.5]}'
    assert json_object({"b": 1, "a": "x", "c": None}) == b'{"b":1,"a":"x","c":null}'


def test_json_refuses_what_it_has_no_form_for():
    with pytest.raises(TypeError):
        json_text({"at": datetime(2026, 1, 1, tzinfo=UTC)})
    with pytest.raises(ValueError):
        json_text({"n": float("nan")})


@given(ANY_TEXT)
def test_any_text_is_a_json_string(text):
    assert json.loads(json_string(text)) == without_surrogates(text)


@given(VALUES)
def test_what_is_written_is_read_again(value):
    assert json.loads(json_text(value)) == value


@given(st.dictionaries(st.text(max_size=10), ANY_TEXT | st.integers(-(2**63), 2**63 - 1) | st.none(), max_size=5))
def test_a_flat_object_is_written_the_same_both_ways(members):
    assert json_object(members) == json_text(members)


@pytest.mark.parametrize(
    ("text", "content", "attribute"),
    [
        ("a<b>&\"'", "a&lt;b&gt;&amp;\"'", "a&lt;b&gt;&amp;&quot;'"),
        ("\t\n\r", "\t\n&#13;", "&#9;&#10;&#13;"),
        ("\x00\x1b\ufffe\ud800é😀", "\ufffd\ufffd\ufffd\ufffdé😀", "\ufffd\ufffd\ufffd\ufffdé😀"),
        ("]]>", "]]&gt;", "]]&gt;"),
    ],
)
def test_xml_is_escaped_where_it_must_be(text, content, attribute):
    assert xml_text(text) == content
    assert xml_attribute(text) == attribute


@given(ANY_TEXT)
def test_any_text_is_xml(text):
    root = ET.fromstring(f'<r a="{xml_attribute(text)}">{xml_text(text)}</r>')

    assert (root.text or "", root.get("a")) == (legal_in_xml(text), legal_in_xml(text))
