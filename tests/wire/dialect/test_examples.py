import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.wire.dialect.complaint import Complaint
from tokenhouse.wire.dialect.examples import expected_answer, fill, read_request, request_line

REQUEST = """POST /token/{r}?a=1 HTTP/1.1
Authorization: Basic {b}
X-Empty:
content-type: text/plain

one {r} {unknown}

two
"""


def test_a_request_is_read_with_its_captures():
    request = read_request(REQUEST, {"r": "R", "b": "B"})

    assert (request.method, request.path, request.query) == ("POST", "/token/R", "a=1")
    assert request.headers == (("authorization", "Basic B"), ("x-empty", ""), ("content-type", "text/plain"))
    assert request.body == b"one R {unknown}\n\ntwo"


def test_a_request_may_compute_over_captures():
    assert read_request("GET /{{ r | lower }}\nx: {{ r | sha256 | hex }}", {"r": "R"}).path == "/r"


def test_an_expression_of_a_request_sees_captures_only():
    with pytest.raises(Complaint):
        fill("{{ request.path }}", {"r": "R"})


def test_an_answer_is_read():
    answer = expected_answer("HTTP/1.1 200 OK\nContent-Type: text/xml\n\n<a/>\n")

    assert (answer.status, answer.headers, answer.body) == (200, (("content-type", "text/xml"),), "<a/>")
    assert expected_answer("204").body == ""


@pytest.mark.parametrize("text", ["", "hello", "POST token", "post /token", "POST /a b"])
def test_what_is_no_request(text):
    with pytest.raises(Complaint):
        request_line(text)


@pytest.mark.parametrize("text", ["", "OK", "999", "200\nno header", "200 \nx y: z"])
def test_what_is_no_answer(text):
    with pytest.raises(Complaint):
        expected_answer(text)


@given(st.text(max_size=80))
def test_any_text_is_read_or_complained_about(text):
    for read in (expected_answer, lambda text: read_request(text, {"a": "b"})):
        try:
            read(text)
        except Complaint as complaint:
            assert complaint.message  # noqa: PT017 - either is fine
