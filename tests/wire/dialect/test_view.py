"""Places of a request: what each gives, when it is absent, when it is malformed."""

import pytest

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import InvalidRequest
from tokenhouse.wire.dialect.expressions import compile_expression
from tokenhouse.wire.dialect.reading import Reader, Reading
from tokenhouse.wire.dialect.stages import Names, Stage
from tokenhouse.wire.dialect.values import ABSENT
from tokenhouse.wire.dialect.view import View

SCOPE = Names().at(Stage.REQUEST)
READING = Reading(
    {"a/json": Reader("json"), "a/form": Reader("form"), "a/xml": Reader("xml"), "a/text": Reader("text")}
)
XML = b'<r xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns="urn:x"><a b="1">t</a><n i:nil="true"/><e/><d>1</d><d>2</d><c><k>v</k></c></r>'


def look(kit, expression, kind="", body=b"", *, telling=False, **options):
    headers = ((("content-type", kind),) if kind else ()) + options.pop("headers", ())
    view = View(kit.request(headers=headers, body=body, **options), kit.SERVER)
    if kind:
        READING.read(view)
    view.telling = telling
    return compile_expression(expression, SCOPE).run(view)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("json.a", "x"),
        ("json.o.p[0]", 1),
        ("json.o.q", ABSENT),
        ("json.a.b", ABSENT),
        ("json.none", None),
        ("body.a", "x"),
        ("form.a", ABSENT),
        ("xml.a", ABSENT),
        ("json | length", 3),
    ],
)
def test_json(kit, expression, expected):
    assert look(kit, expression, "a/json", b'{"a":"x","o":{"p":[1]},"none":null}') == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("form.a", "x"),
        ("form['b-c']", "y"),
        ("form.z", ABSENT),
        ("body.a", "x"),
        ("body.a.b", ABSENT),
        ("param.a", "x"),
        ("param.q", "1"),
        ("every(form.m)", ["1", "2"]),
        ("every(form.z)", []),
        ("every(query.q)", ["1"]),
        ("json.a", ABSENT),
        ("query", {"q": "1", "same": "s"}),
        ("param.same", "s"),
    ],
)
def test_forms_and_queries(kit, expression, expected):
    assert look(kit, expression, "a/form", b"a=x&b-c=y&m=1&m=2&q2=1&same=s", query="q=1&same=s") == expected


@pytest.mark.parametrize("expression", ["form.m", "form", "param.a", "body.m", "header.x", "query.q", "xml.d"])
def test_what_is_there_twice_is_malformed_unless_a_refusal_is_being_said(kit, expression):
    kind, body = ("a/xml", XML) if expression == "xml.d" else ("a/form", b"m=1&m=2&a=1")
    options = {"query": "a=2&q=1&q=1", "headers": (("x", "1"), ("x", "1"))}

    with pytest.raises(InvalidRequest) as found:
        look(kit, expression, kind, body, **options)
    assert found.value.cause is Cause.MALFORMED
    assert look(kit, expression, kind, body, telling=True, **options) in (ABSENT, {"m": ABSENT, "a": "1"})


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("xml.a", "t"),
        ("xml.a['@b']", "1"),
        ("xml.a['@z']", ABSENT),
        ("xml.n", ABSENT),
        ("xml.e", ""),
        ("xml.c.k", "v"),
        ("xml.c", {}),
        ("xml.z", ABSENT),
        ("body.a", "t"),
    ],
)
def test_xml(kit, expression, expected):
    assert look(kit, expression, "a/xml", XML) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("header.x_api_key", "k"),
        ("header['X-Api-Key']", "k"),
        ("header.none", ABSENT),
        ("header | pick(['x_api_key'])", {"x_api_key": "k"}),
        ("auth.token", "tt"),
        ("auth.bearer", ABSENT),
        ("basic.user", ABSENT),
        ("basic is defined", False),
        ("path.id", "7"),
        ("path.other", ABSENT),
        ("request.method", "POST"),
        ("request.path", "/token"),
        ("request.url", "/token?a=1"),
        ("request.query", "a=1"),
        ("request.host", "tokens.example"),
        ("request.ip", "192.0.2.1"),
        ("request.id", "req-1"),
        ("request.content_type", ABSENT),
        ("request.body", b"raw"),
        ("now | epoch", 1597715044),
        ("server.host", "tokens.example"),
    ],
)
def test_the_rest_of_a_request(kit, expression, expected):
    headers = (("X-Api-Key", "k"), ("Authorization", "Token tt"))

    assert look(kit, expression, query="a=1", headers=headers, variables={"id": "7"}, body=b"raw") == expected


def test_basic(kit):
    headers = (("Authorization", "Basic YTpi"),)

    assert look(kit, "basic.user ~ basic.password", headers=headers) == "ab"
    assert look(kit, "basic", headers=headers) is True
    assert look(kit, "basic is defined", headers=(*headers, *headers)) is False
    assert look(kit, "auth.basic", headers=(("Authorization", "Basic é"),)) is ABSENT


def test_a_header_that_is_no_text_is_malformed(kit):
    request = kit.request()
    request.headers = ((b"x", b"\xff"),)
    view = View(request, {})

    with pytest.raises(InvalidRequest):
        view.header(b"x")


def test_a_broken_query_is_malformed(kit):
    with pytest.raises(InvalidRequest):
        look(kit, "query.a", query="a=%zz")
    assert look(kit, "query.a", query="a=%zz", telling=True) is ABSENT
