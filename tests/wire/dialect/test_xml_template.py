"""XML templates: what is written always parses, with the values that were given."""

import re
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.wire.dialect.complaint import Code
from tokenhouse.wire.dialect.holes import Workshop
from tokenhouse.wire.dialect.scope import Resolved
from tokenhouse.wire.dialect.values import ABSENT, LIST_LIMIT
from tokenhouse.wire.dialect.xml_template import XmlStyle, compile_xml


class Anything:
    """Every name is a fact of the environment."""

    def resolve(self, path):
        return Resolved(lambda env: env.facts.get(path[0], ABSENT), "any", 1)

    def every(self, path):
        return None


def write(template, style=None, **facts):
    complaints = []
    render = compile_xml(template, Workshop(Anything(), complaints.append), style)
    assert [complaint.message for complaint in complaints] == []
    return render(SimpleNamespace(facts=facts, locals={}, budget=LIST_LIMIT)).decode()


@pytest.mark.parametrize(
    ("template", "facts", "expected"),
    [
        ("<a>{{ x }}</a>", {"x": "1 < 2 & 3"}, "<a>1 &lt; 2 &amp; 3</a>"),
        ("<a>{{ x }}</a>", {"x": 12}, "<a>12</a>"),
        ("<a>{{ x }}</a>", {}, "<a></a>"),
        ("<a>{{ 'const' }}</a>", {}, "<a>const</a>"),
        ("<a>v{{ x }}.{{ y }}</a>", {"x": 1, "y": 2}, "<a>v1.2</a>"),
        ("<a>\n  <b/>\n  <c></c>\n</a>", {}, "<a><b/><c></c></a>"),
        ("<r><a>{{ x or omit }}</a></r>", {}, "<r></r>"),
        ("<r><a>{{ x or omit }}</a></r>", {"x": "y"}, "<r><a>y</a></r>"),
        ("<a b=\"{{ x }}\" c='1'/>", {"x": 'q"<'}, "<a b=\"q&quot;&lt;\" c='1'/>"),
        ('<a b="{{ x or omit }}"/>', {}, "<a/>"),
        ('<a b="{{ x or omit }}"/>', {"x": 1}, '<a b="1"/>'),
        ('<a b="v{{ x }}"/>', {"x": 1}, '<a b="v1"/>'),
        ("<r>{{ if x }} <a/> {{ if not x }} <b/> </r>", {"x": 1}, "<r><a/></r>"),
        ("<r>{{ for i in x }} <a>{{ i }}</a></r>", {"x": ["p", "q"]}, "<r><a>p</a><a>q</a></r>"),
        ("<r>{{ for i in x }} {{ if i.on }} <a>{{ i.n }}</a></r>", {"x": [{"on": 1, "n": 2}, {}]}, "<r><a>2</a></r>"),
        ('<?xml version="1.0"?>\n<a>1</a>', {}, '<?xml version="1.0"?><a>1</a>'),
        ("<a> kept </a>", {}, "<a> kept </a>"),
        ("<a>x &amp; y</a>", {}, "<a>x &amp; y</a>"),
    ],
)
def test_what_is_written(template, facts, expected):
    assert write(template, **facts) == expected


def test_indentation():
    assert write("<a><b><c>1</c></b><d/></a>", XmlStyle(indent=2, end="\n")) == (
        "<a>\n  <b>\n    <c>1</c>\n  </b>\n  <d/>\n</a>\n"
    )


@pytest.mark.parametrize(
    ("template", "offset"),
    [
        ("<a><b></a>", 8),
        ("", 0),
        ("\n\n<a>\n <b>\n</a>", 13),
        ("<a>1</a><b/>", 8),
        ("<!DOCTYPE a><a/>", 0),
        ("<a><!-- x --></a>", 3),
        ("<a><![CDATA[x]]></a>", 3),
        ("<a>text<b/></a>", 0),
        ('<a {{ x }}="1"/>', 0),
        ("<a>{{ }}</a>", 5),
        ("<a>{{ x </a>", 3),
        ("<a/>{{ if x }}", 0),
        ("<a>" + " " * 70000 + "</a>", 0),
    ],
)
def test_what_is_complained_about(template, offset):
    complaints = []
    compile_xml(template, Workshop(Anything(), complaints.append))

    assert [complaint.offset for complaint in complaints] == [offset]
    assert complaints[0].code in {Code.BODY, Code.SYNTAX, Code.BRACES, Code.TOO_LARGE}


def legal(text):
    """What XML 1.0 can carry of a text, as a parser gives it back."""
    return re.sub("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "�", text)


@given(st.text(), st.text())
def test_whatever_is_written_comes_back(text, attribute):
    written = write('<r a="{{ a }}"><t>before {{ t }}</t><u>{{ t }}</u></r>', t=text, a=attribute)

    root = ET.fromstring(written)
    assert root.get("a") == legal(attribute)
    assert root[0].text == "before " + legal(text)
    assert (root[1].text or "") == legal(text)
