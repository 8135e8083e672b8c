from __future__ import annotations

from datetime import UTC, datetime

from tokenhouse.protocol.exchange import HttpAnswer, HttpRequest

REQUEST = HttpRequest(
    "POST", "/a", "", ((b"accept", b"text/xml"), (b"x", b""), (b"accept", b"*/*")), b"", "r", datetime.now(UTC)
)


def test_a_header_is_found_by_its_lower_case_name():
    assert REQUEST.header(b"accept") == b"text/xml"
    assert REQUEST.header(b"x") == b""
    assert REQUEST.header(b"Accept") is None
    assert REQUEST.header(b"missing") is None


def test_nothing_is_trusted_by_default():
    assert (REQUEST.source, REQUEST.host, REQUEST.secure, REQUEST.variables) == ("", "", False, {})
    assert REQUEST.certificate is None


def test_an_answer_is_status_headers_and_bytes():
    assert HttpAnswer(200, (), b"x") == HttpAnswer(200, (), b"x")
