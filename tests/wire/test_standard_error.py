import json

import pytest

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import (
    Busy,
    InvalidClient,
    InvalidGrant,
    InvalidRequest,
    Limited,
    ServerFault,
    UnsupportedMediaType,
    WrongMethod,
)
from tokenhouse.wire.standard_error import refusal_answer

JSON = (b"content-type", b"application/json")
CHALLENGE = (b"www-authenticate", b'Basic realm="tokenhouse", charset="UTF-8"')


@pytest.mark.parametrize(
    ("refusal", "status", "headers", "body"),
    [
        (
            InvalidGrant(Cause.WRONG_PASSWORD),
            400,
            (JSON,),
            b'{"error":"invalid_grant","error_description":"The user name or password is incorrect."}',
        ),
        (
            InvalidClient(Cause.UNKNOWN_CLIENT),
            401,
            (JSON, CHALLENGE),
            b'{"error":"invalid_client","error_description":"Client authentication failed."}',
        ),
        (
            InvalidRequest(Cause.MISSING, field="grant_type"),
            400,
            (JSON,),
            b'{"error":"invalid_request","error_description":"The parameter grant_type is missing."}',
        ),
        (
            Busy(Cause.BUSY, retry_after=2),
            503,
            (JSON, (b"retry-after", b"2")),
            b'{"error":"temporarily_unavailable","error_description":"The server is busy. Try again shortly."}',
        ),
        (
            Limited(Cause.LIMITED, retry_after=0),
            429,
            (JSON, (b"retry-after", b"0")),
            b'{"error":"temporarily_unavailable","error_description":"Too many attempts. Try again later."}',
        ),
    ],
)
def test_a_refusal_is_said_byte_for_byte(refusal, status, headers, body):
    answer = refusal_answer(refusal)

    assert (answer.status, answer.headers, answer.body) == (status, headers, body)


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (WrongMethod(Cause.WRONG_METHOD), 405),
        (UnsupportedMediaType(Cause.UNSUPPORTED_MEDIA), 415),
        (ServerFault(Cause.SERVER_ERROR), 500),
    ],
)
def test_the_status_is_the_refusals(refusal, status):
    answer = refusal_answer(refusal)

    assert answer.status == status
    assert list(json.loads(answer.body)) == ["error", "error_description"]


@pytest.mark.parametrize("cause", [Cause.UNKNOWN_USER, Cause.WRONG_PASSWORD, Cause.USER_LOCKED, Cause.USER_DISABLED])
def test_what_must_not_be_told_apart_is_the_same(cause):
    assert refusal_answer(InvalidGrant(cause)) == refusal_answer(InvalidGrant(Cause.BAD_CREDENTIALS))
