from base64 import b64encode
from datetime import UTC, datetime

import pytest

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.exchange import HttpRequest
from tokenhouse.protocol.names import AuthMethod
from tokenhouse.protocol.refusals import Insecure, InvalidRequest, TooLarge, UnsupportedMediaType
from tokenhouse.wire.standard_client import read_call

FORM = (b"content-type", b"application/x-www-form-urlencoded")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
BASIC = (b"authorization", b"Basic " + b64encode(b"app:s3cret"))


def call(body, *headers, query="", form=FORM):
    headers = (b"host", b"localhost"), *((form,) if form else ()), *headers
    return read_call(
        HttpRequest("POST", "/oauth2/token", query, headers, body, "id", datetime(2026, 1, 1, tzinfo=UTC), secure=True)
    )


def who(credentials):
    secret = None if credentials.secret is None else credentials.secret.reveal()
    return credentials.method, credentials.client_id, secret, credentials.malformed


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", (AuthMethod.NONE, None, None, False)),
        (b"client_id=app", (AuthMethod.NONE, "app", None, False)),
        (b"client_id=app&client_secret=", (AuthMethod.NONE, "app", None, False)),
        (b"client_id=app&client_secret=s%2B3", (AuthMethod.POST, "app", "s+3", False)),
        (b"client_secret=s3", (AuthMethod.POST, None, "s3", False)),
    ],
)
def test_a_client_in_the_body(body, expected):
    found = call(body)

    assert who(found.credentials) == expected
    assert found.fault is None


@pytest.mark.parametrize(
    ("pair", "name", "secret"),
    [
        (b"app:s3cret", "app", "s3cret"),
        (b"app:", "app", ""),
        (b"a%3Ap:s+%2B", "a:p", "s +"),
        ("é:東".encode(), "é", "東"),
        (b"app:a:b", "app", "a:b"),
    ],
)
def test_a_client_in_the_header_is_form_decoded(pair, name, secret):
    found = call(b"client_id=", (b"authorization", b"Basic " + b64encode(pair)))

    assert who(found.credentials) == (AuthMethod.BASIC, name, secret, False)
    assert found.fault is None


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"Bearer token",
        b"Basic",
        b"Basic !",
        b"Basic " + b64encode(b"no colon"),
        b"Basic " + b64encode(b":secret"),
        b"Basic " + b64encode(b"app:%zz"),
        b"Basic " + b64encode(b"%zz:s"),
        b"Basic " + b64encode(b"app:%00"),
        b"Basic " + b64encode(b"app:\xff"),
    ],
)
def test_an_unreadable_header_authenticates_nobody(header):
    found = call(b"client_id=app", (b"authorization", header))

    assert who(found.credentials) == (AuthMethod.BASIC, None, None, True)


def test_several_headers_authenticate_nobody():
    assert call(b"", BASIC, BASIC).credentials.malformed


def test_the_id_may_be_repeated_in_the_body():
    found = call(b"client_id=app", BASIC)

    assert found.fault is None
    assert found.credentials.client_id == "app"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"client_id=app&client_secret=s3cret", "client_secret"),
        (b"client_secret=s3cret", "client_secret"),
        (b"client_id=other", "client_id"),
    ],
)
def test_two_ways_of_authentication_are_a_fault_of_the_proven_client(body, field):
    found = call(body, BASIC)

    assert who(found.credentials) == (AuthMethod.BASIC, "app", "s3cret", False)
    assert isinstance(found.fault, InvalidRequest)
    assert (found.fault.cause, found.fault.field) == (Cause.MALFORMED, field)


def test_parameters_are_read_once_and_empty_ones_left_out():
    found = call(b"a=1&b=&unknown=x")

    assert found.values == {"a": "1", "unknown": "x"}


@pytest.mark.parametrize("body", [b"a=1&a=1", b"a=&a=1", b"a=1&b=2&a=3", b"a&a"])
def test_a_repeated_parameter_is_a_fault(body):
    found = call(body)

    assert (found.fault.code, found.fault.cause, found.fault.field) == ("invalid_request", Cause.MALFORMED, "a")
    assert "a" not in found.values


@pytest.mark.parametrize("name", ["client_id", "client_secret"])
def test_a_repeated_client_leaves_open_who_asks(name):
    with pytest.raises(InvalidRequest) as caught:
        call(f"{name}=app&{name}=app".encode(), BASIC)
    assert (caught.value.cause, caught.value.field) == (Cause.MALFORMED, name)


@pytest.mark.parametrize("query", ["grant_type=password", "x", "client_id=a"])
def test_parameters_in_the_query_are_refused(query):
    with pytest.raises(InvalidRequest):
        call(b"grant_type=client_credentials", BASIC, query=query)


@pytest.mark.parametrize(
    "value", [None, b"application/json", b"text/plain", b"multipart/form-data; boundary=x", b"form"]
)
def test_only_a_form_is_read(value):
    with pytest.raises(UnsupportedMediaType) as caught:
        call(b"", form=value and (b"content-type", value))
    assert caught.value.cause is Cause.UNSUPPORTED_MEDIA


def test_a_form_may_say_its_charset():
    assert call(b"a=%C3%A9", form=(b"content-type", FORM[1] + b"; charset=UTF-8")).values == {"a": "é"}


def test_two_content_types_are_malformed():
    with pytest.raises(InvalidRequest):
        call(b"", FORM)


def test_a_value_has_a_bound():
    with pytest.raises(TooLarge):
        call(b"a=" + b"x" * 1_000_000)


def test_plain_http_is_refused_before_anything_is_read():
    with pytest.raises(Insecure):
        read_call(HttpRequest("POST", "/oauth2/token", "", (), b"%", "id", datetime(2026, 1, 1, tzinfo=UTC)))


def test_only_a_call_that_has_resources_lets_them_be_repeated():
    assert call(b"resource=a&resource=b").fault.field == "resource"
    assert call(b"resource=a").values == {"resource": "a"}
    headers = (b"host", b"localhost"), FORM
    request = HttpRequest("POST", "/", "", headers, b"resource=a&resource=&resource=b", "id", NOW, secure=True)
    found = read_call(request, for_resources=True)
    assert (found.resources, found.values, found.fault) == (("a", "b"), {}, None)
