import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import InvalidRequest
from tokenhouse.wire.media import FORM, JSON, media_type


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, ("", None)),
        (b"application/x-www-form-urlencoded", (FORM, None)),
        (b"application/json", (JSON, None)),
        (b"Application/JSON", (JSON, None)),
        (b"application/json; charset=utf-8", (JSON, "utf-8")),
        (b"application/json;charset=UTF-8", (JSON, "utf-8")),
        (b'text/xml ; Charset="utf-8" ; x=y', ("text/xml", "utf-8")),
        (b"text/xml; charset=utf8", ("text/xml", "utf-8")),
        (b'text/xml; x="a;b\\"c"; charset=utf-8', ("text/xml", "utf-8")),
        (b"text/xml;", ("text/xml", None)),
        (b"text/xml; ; charset=utf-8", ("text/xml", "utf-8")),
        (b" text/xml ", ("text/xml", None)),
        (b"application/vnd.x+json; profile=1", ("application/vnd.x+json", None)),
        (b"json", ("json", None)),
    ],
)
def test_a_content_type_is_its_type_and_charset(header, expected):
    assert media_type(header) == expected


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b";",
        b"/",
        b"text/",
        b"text/xml, text/html",
        b"text/xml charset=utf-8",
        b"text/xml; charset",
        b"text/xml; charset=",
        b"text/xml; charset=latin-1",
        b"text/xml; charset=utf-16",
        b"text/xml; charset=utf-8; charset=utf-16",
        b'text/xml; x="open',
        b"text/\xfcml",
        b"text/xml\x00",
    ],
)
def test_what_cannot_be_read_is_malformed(header):
    with pytest.raises(InvalidRequest) as caught:
        media_type(header)
    assert caught.value.cause is Cause.MALFORMED


@given(st.binary(max_size=60) | st.text(st.sampled_from('a/;= "\\charset=utf-8'), max_size=60).map(str.encode))
def test_any_header_is_read_or_refused(header):
    try:
        name, charset = media_type(header)
    except InvalidRequest:
        return
    assert name == name.lower()
    assert charset in {None, "utf-8"}
