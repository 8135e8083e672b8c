"""JSON templates: what is written always parses, and comes back as it was."""

import json
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.wire.dialect.holes import Workshop
from tokenhouse.wire.dialect.json_template import JsonStyle, compile_json
from tokenhouse.wire.dialect.scope import Resolved
from tokenhouse.wire.dialect.values import ABSENT, LIST_LIMIT, Fault, Kind


class Anything:
    """Every name is a fact of the environment."""

    def resolve(self, path):
        kind = {"when": Kind.TIME, "number": Kind.INT}.get(path[0], Kind.ANY)
        return Resolved(lambda env: env.facts.get(path[0], ABSENT), kind, 1)

    def every(self, path):
        return None


def write(template, style=None, **facts):
    complaints = []
    render = compile_json(template, Workshop(Anything(), complaints.append), style)
    assert complaints == []
    return render(SimpleNamespace(facts=facts, locals={}, budget=LIST_LIMIT)).decode()


@pytest.mark.parametrize(
    ("template", "facts", "expected"),
    [
        ('{ "a": "{{ x }}" }', {"x": 'q"\n'}, '{"a":"q\\"\\n"}'),
        ('{ "a": {{ x }} }', {"x": 12}, '{"a":12}'),
        ('{ "a": {{ number }} }', {"number": 12}, '{"a":12}'),
        ('{ "a": {{ number }} }', {}, '{"a":null}'),
        ('{ "a": "{{ x }}" }', {"x": 12}, '{"a":"12"}'),
        ('{ "a": {{ x }} }', {}, '{"a":null}'),
        ('{ "a": "{{ x }}" }', {}, '{"a":""}'),
        ('{ "a": {{ x or omit }}, "b": 1 }', {}, '{"b":1}'),
        ('{ "a": {{ x or omit }}, "b": 1 }', {"x": "y"}, '{"a":"y","b":1}'),
        ('{ {{ if x }} "a": 1, "b": 2 }', {"x": True}, '{"a":1,"b":2}'),
        ('{ {{ if x }} "a": 1, {{ if not x }} "b": 2 }', {}, '{"b":2}'),
        ('{ {{ if x }} "a": 1 }', {}, "{}"),
        ('[ {{ for i in x }} { "n": "{{ i }}" } ]', {"x": ["p", "q"]}, '[{"n":"p"},{"n":"q"}]'),
        ("[ {{ for i in x }} {{ i }} ]", {"x": (1, 2)}, "[1,2]"),
        ("[ {{ for i in x }} {{ if i.on }} {{ i.n }}, 9 ]", {"x": [{"on": True, "n": 1}, {"on": False}]}, "[1,9]"),
        ("[ {{ for i in x }} 1 ]", {"x": "no list"}, "[]"),
        ('{ "{{ k }}": 1 }', {"k": 'a"b'}, '{"a\\"b":1}'),
        ('"{{ x }}"', {"x": "bare"}, '"bare"'),
        ("{{ x }}", {"x": {"a": [True, None, 1.5]}}, '{"a":[true,null,1.5]}'),
        ('{ "a": {} , "b": [ ] }', {}, '{"a":{},"b":[]}'),
        ('{ "u": "\\u00e9\\/" }', {}, '{"u":"é/"}'),
        ('{ "a": {{ [x, omit] }} }', {"x": 1}, '{"a":[1]}'),
        ('{ "a": {{ {"k": omit, "l": x} }} }', {"x": 1}, '{"a":{"l":1}}'),
    ],
)
def test_what_is_written(template, facts, expected):
    assert write(template, **facts) == expected


def test_styles():
    template = '{ "a": ["é/", {{ x }}], {{ if x }} "b": {} }'
    style = JsonStyle(spaces=True, ascii=True, escape="/", end="\n")

    assert write(template, style, x=1) == '{"a": ["\\u00e9\\/", 1], "b": {}}\n'
    assert write(template, JsonStyle(indent=2), x={"c": 1}) == (
        '{\n  "a": [\n    "é/",\n    {\n      "c": 1\n    }\n  ],\n  "b": {}\n}'
    )


def test_a_template_cannot_repeat_for_ever():
    template = "[ {{ for i in x }} [ {{ for j in x }} 1 ] ]"

    with pytest.raises(Fault):
        write(template, x=list(range(100)))


def test_a_loop_gives_the_outer_name_back():
    template = "[ {{ for i in x }} [ {{ for i in y }} {{ i }} ], {{ for i in x }} {{ i }} ]"

    assert write(template, x=[1], y=[2]) == "[[2],1]"


@pytest.mark.parametrize(
    "template",
    [
        "{",
        "{ {{ now }} }",
        '{ "a": {{ }} }',
        '{ "a": {{ if x }} }',
        '{ "a": {{ when }} }',
        '{ "a": "{{ if x }}" }',
        '"{{ x"',
    ],
)
def test_what_is_complained_about(template):
    complaints = []
    compile_json(template, Workshop(Anything(), complaints.append))

    assert len(complaints) == 1


def test_a_value_without_a_form_is_a_fault():
    with pytest.raises(Fault):
        write('{ "a": {{ x }} }', x=b"bytes")


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=10,
)
STYLES = st.builds(
    JsonStyle, st.booleans(), st.integers(0, 4), st.booleans(), st.sampled_from(["", "/", "/<"]), st.just("")
)


@given(VALUES, st.text(), STYLES)
def test_whatever_is_written_comes_back(value, text, style):
    if "<" in style.escape:
        style = JsonStyle(style.spaces, style.indent, style.ascii, "/", "")
    written = write(
        '{ "value": {{ v }}, "text": "before {{ t }}", {{ if yes }} "list": [{{ v }}] }', style, v=value, t=text, yes=1
    )

    clean = json.loads(json.dumps(value).encode().decode())
    back = json.loads(written)
    assert back["text"] == "before " + "".join("�" if "\ud800" <= c <= "\udfff" else c for c in text)
    assert list(back) == ["value", "text", "list"]
    if "\\ud" not in json.dumps(value):
        assert back["value"] == clean
        assert back["list"] == [clean]


@given(st.text(), STYLES)
def test_text_without_surrogates_comes_back_whole(text, style):
    if text.isascii():
        assert json.loads(write('"{{ t }}"', JsonStyle(ascii=style.ascii), t=text)) == text
