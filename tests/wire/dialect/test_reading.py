import pytest

from tokenhouse.protocol.refusals import InvalidRequest, UnsupportedMediaType
from tokenhouse.wire.dialect.reading import Reader, Reading
from tokenhouse.wire.dialect.view import View


def read(kit, reading, kind=None, body=b"", method="POST"):
    headers = (("content-type", kind),) if kind is not None else ()
    view = View(kit.request(method, headers=headers, body=body), {})
    reading.read(view)
    return view.kind, view.data


JSON = Reading({"application/json": Reader("json")})


def test_a_body_is_read_by_its_type(kit):
    xml = Reading({"text/xml": Reader("xml", "r", "urn:x"), "text/plain": Reader("text")})

    assert read(kit, JSON, "Application/JSON; charset=utf-8", b'{"a":1}') == ("json", {"a": 1})
    assert read(kit, xml, "text/xml", b'<r xmlns="urn:x"/>')[0] == "xml"
    assert read(kit, xml, "text/plain", b"raw") == ("text", b"raw")
    for wrong in (b"<s/>", b'<r xmlns="urn:y"/>', b"<!DOCTYPE r><r/>"):
        with pytest.raises(InvalidRequest):
            read(kit, xml, "text/xml", wrong)


def test_missing_and_any_types(kit):
    missing = Reading({"": Reader("json")})
    anything = Reading({"*": Reader("form")})

    assert read(kit, missing, None, b"{}") == ("json", {})
    assert read(kit, anything, "made/up", b"a=1") == ("form", {"a": ["1"]})
    assert read(kit, anything, None, b"a=1") == ("form", {"a": ["1"]})
    with pytest.raises(UnsupportedMediaType):
        read(kit, missing, "text/plain", b"{}")


def test_a_call_without_a_body(kit):
    assert read(kit, JSON, method="GET") == ("", None)
    for kind in ("a/b", "application/json"):  # some clients name one with every call
        assert read(kit, JSON, kind, method="GET") == ("", None)
    for options in ({"method": "POST"}, {"method": "GET", "body": b"x"}, {"method": "PUT", "kind": "a/b"}):
        with pytest.raises(UnsupportedMediaType):
            read(kit, JSON, **options)


def test_readings_together_prefer_their_own():
    both = JSON.together(Reading({"application/json": Reader("text"), "a/b": Reader("form")}))

    assert both.readers["application/json"].name == "json"
    assert both.names == {"json", "form"}


def test_a_file_may_read_any_type_and_is_warned(kit):
    dialect = kit.load(kit.write(head=kit.HEAD.replace('["json", "form"]', '{ json = ["*"] }')))

    assert "any content type" in dialect.warnings[0]
