"""Expressions of ``[present]`` as data: what can be said to a resource server, and what cannot."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.wire.dialect.complaint import Code, Complaint
from tokenhouse.wire.dialect.presentation_sources import sources_of

LETS = {"bare": "header.authorization", "twice": "bare | default(query.t)"}


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ("auth.bearer", [{"header": "authorization", "scheme": "bearer"}]),
        ("auth.Token", [{"header": "authorization", "scheme": "token"}]),
        ("header.appid", [{"header": "appid"}]),
        ("header.AppId", [{"header": "appid"}]),
        ("header['X-Key']", [{"header": "x-key"}]),
        ("header.x_key", [{"header": "x-key"}]),
        ("query.token", [{"query": "token"}]),
        ("query['a-b']", [{"query": "a-b"}]),
        ("cookie.sid", [{"cookie": "sid"}]),
        ("bare", [{"header": "authorization"}]),
        ("twice", [{"header": "authorization"}, {"query": "t"}]),
        ("header.a | default(header.b)", [{"header": "a"}, {"header": "b"}]),
        ("default(header.a, header.b)", [{"header": "a"}, {"header": "b"}]),
        ("header.a | default(header.b) | default(query.c)", [{"header": "a"}, {"header": "b"}, {"query": "c"}]),
        ("header.a | strip_prefix('P ') | default(header.a)", [{"header": "a", "strip": "P "}]),
        (
            "auth.bearer | default(strip_prefix(header.a, 'P ')) | default(header.a) | default(query.t)",
            [{"header": "authorization", "scheme": "bearer"}, {"header": "a", "strip": "P "}, {"query": "t"}],
        ),
    ],
)
def test_what_an_expression_says(text, sources):
    assert sources_of(text, LETS) == sources


@pytest.mark.parametrize(
    "text",
    [
        "header.a | strip_prefix('P ')",
        "header.a | strip_prefix('P ') | default(header.b)",
        "header.a | strip_prefix('P ') | default(header.b) | default(header.a)",
        "auth.bearer | strip_prefix('P ')",
        "(header.a | default(header.b)) | strip_prefix('P ')",
        "header.a | strip_prefix(header.b)",
        "header.a | strip_prefix(17)",
        "header.a | strip_prefix('P ') | strip_prefix('Q ')",
        "header.a | lower",
        "header.a ~ header.b",
        "header.a if header.b else header.c",
        "header.a or header.b",
        "header",
        "header.a[0]",
        "header.a.b",
        "header[0:1]",
        "basic.user",
        "json.token",
        "path.token",
        "param.token",
        "'constant'",
        "unknown.call()",
        "default(header.a)",
    ],
)
def test_what_only_this_server_can_do_is_refused(text):
    with pytest.raises(Complaint) as refused:
        sources_of(text, LETS)
    assert refused.value.code is Code.NOT_YET
    assert refused.value.message


@given(
    place=st.sampled_from(["auth", "header", "query", "cookie"]),
    name=st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True),
)
def test_every_simple_place_has_a_source(place, name):
    (first, *_) = sources_of(f"{place}['{name}']", {})
    assert name.replace("_", "-") in {text.replace("_", "-") for text in first.values()}
