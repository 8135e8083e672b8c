import pytest

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import InvalidRequest

MEDIA = """[formats]
choose  = "header.accept"
default = "application/json"
[formats.as]
"application/json" = "json"
"text/json" = { body = "json", content_type = "text/json; charset=utf-8" }
"text/xml" = "xml"
"""
WORDS = """[formats]
choose  = "query.f"
default = "j"
as = { j = "json", x = { body = "xml" } }
"""


def refuse(kit, formats, *, headers=(), query=""):
    errors = "[errors]\njson = '{}'\nxml = '<e/>'\ndefault = {}\n"
    operation = kit.OPERATION + "answer.json = '{}'\nanswer.xml = '<a/>'\n"
    (route,) = kit.load(kit.write(operation=operation, errors=errors, more=formats)).mount(kit.SERVER)
    answer = route.codec.open(kit.request(headers=headers, query=query)).refuse(InvalidRequest(Cause.MALFORMED))
    return dict(answer.headers)[b"content-type"], answer.body, dict(answer.headers).get(b"vary")


@pytest.mark.parametrize(
    ("accept", "kind", "body"),
    [
        ("", b"application/json", b"{}"),
        ("text/xml", b"text/xml", b"<e/>"),
        ("text/xml;q=0.5, text/json", b"text/json; charset=utf-8", b"{}"),
        ("image/png", b"application/json", b"{}"),
        ("*/*", b"application/json", b"{}"),
        ("text/*;q=0.9", b"text/json; charset=utf-8", b"{}"),
        ("application/json;q=0, */*", b"text/json; charset=utf-8", b"{}"),
        (",,;;", b"application/json", b"{}"),
    ],
)
def test_media_types_are_chosen_by_accept(kit, accept, kind, body):
    assert refuse(kit, MEDIA, headers=(("accept", accept),)) == (kind, body, b"Accept")


def test_without_or_with_two_accept_headers_it_is_the_default(kit):
    assert refuse(kit, MEDIA)[0] == b"application/json"
    assert refuse(kit, MEDIA, headers=(("accept", "text/xml"), ("accept", "text/json")))[0] == b"application/json"


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("f=x", b"application/xml"),
        ("f=j", b"application/json"),
        ("", b"application/json"),
        ("f=y", b"application/json"),
    ],
)
def test_words_are_compared(kit, query, kind):
    assert refuse(kit, WORDS, query=query)[::2] == (kind, None)


def test_a_query_that_cannot_be_read_gets_the_default(kit):
    assert refuse(kit, WORDS, query="f=%zz")[0] == b"application/json"
