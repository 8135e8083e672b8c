from base64 import b64encode
from datetime import UTC, datetime

import pytest

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.exchange import HttpRequest
from tokenhouse.protocol.refusals import InvalidClient, InvalidRequest, UnsupportedMediaType
from tokenhouse.wire.standard_question import StandardQuestion

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FORM = (b"content-type", b"application/x-www-form-urlencoded")


def request(body, *headers):
    basic = (b"authorization", b"Basic " + b64encode(b"api:s3cret"))
    return HttpRequest(
        "POST", "/oauth2/introspect", "", headers or (FORM, basic), body, "req-1", NOW, source="192.0.2.7", secure=True
    )


def read(body):
    return StandardQuestion().read(request(body))


def test_a_question_is_read():
    question = read(b"token=t-1&token_type_hint=refresh_token&unknown=x")

    assert question.token.reveal() == "t-1"
    assert question.hint == "refresh_token"
    assert question.credentials.client_id == "api"
    assert (question.id, question.now, question.source, question.fault) == ("req-1", NOW, "192.0.2.7", None)
    assert "t-1" not in repr(question)


def test_the_hint_may_be_left_out():
    assert read(b"token=t-1").hint is read(b"token=t-1").credential_id is None


def test_a_pair_is_read():
    question = read(b"token=s3&token_type_hint=client_secret&credential_id=app")

    assert (question.hint, question.credential_id) == ("client_secret", "app")
    assert read(b"token=s3&credential_id=a&credential_id=b").fault.field == "credential_id"


@pytest.mark.parametrize("body", [b"", b"token=", b"token_type_hint=x"])
def test_a_question_needs_a_token(body):
    question = read(body)

    assert question.token is None
    assert (question.fault.cause, question.fault.field) == (Cause.MISSING, "token")


def test_a_repeated_token_is_a_fault_and_no_token():
    question = read(b"token=a&token=b")

    assert (question.fault.cause, question.fault.field, question.token) == (Cause.MALFORMED, "token", None)


def test_what_cannot_be_read_at_all_is_raised():
    with pytest.raises(UnsupportedMediaType):
        StandardQuestion().read(request(b"token=a", (b"content-type", b"text/plain")))
    with pytest.raises(InvalidRequest):
        read(b"token=\xff")


def test_a_refusal_is_the_standard_one():
    answer = StandardQuestion().refuse(InvalidClient(Cause.BAD_CLIENT), request(b""))

    assert answer.status == 401
    assert answer.body == b'{"error":"invalid_client","error_description":"Client authentication failed."}'
