import json

import pytest

from tokenhouse_verify.answers import CAUSES, Answer, cause_of, contract_answer, standard_answer
from tokenhouse_verify.errors import (
    InsufficientScope,
    InvalidRequest,
    InvalidToken,
    Limited,
    MissingToken,
    Reason,
    Refusal,
    Unavailable,
)


class Own(Refusal):
    """A refusal that an application made up."""

    status = 402
    error = "payment_required"
    description = "Pay first."


class Expired(InvalidToken):
    """One that says more of what there is."""


@pytest.mark.parametrize(
    ("refusal", "cause"),
    [
        (MissingToken(), "no_token"),
        (InvalidToken(Reason.EXPIRED), "bad_token"),
        (Expired(Reason.EXPIRED), "bad_token"),
        (InvalidToken(Reason.NOT_AN_ACCESS_TOKEN), "bad_token"),
        (InvalidToken(Reason.WRONG_KIND), "wrong_bearer"),
        (InsufficientScope("a"), "not_allowed"),
        (InvalidRequest(Reason.REPEATED), "malformed"),
        (Limited(), "limited"),
        (Unavailable(Reason.KEYS_UNAVAILABLE), "server_error"),
        (Unavailable(Reason.BUSY), "busy"),
        (Own(Reason.SCOPE), "default"),
    ],
)
def test_the_cause_of_a_refusal(refusal, cause):
    assert cause_of(refusal) == cause
    assert cause in CAUSES


def test_the_standard_answer():
    answer = standard_answer(Own(Reason.SCOPE), "api", "r-1")
    assert answer.status == 402
    assert json.loads(answer.body) == {"error": "payment_required", "error_description": "Pay first."}
    headers = dict(answer.headers)
    assert headers["WWW-Authenticate"].startswith('Bearer realm="api", error="payment_required"')
    assert (headers["Content-Type"], headers["X-Request-Id"]) == ("application/json", "r-1")


def test_a_contract_says_it_in_its_words_and_nothing_is_taken_away():
    row = Answer(200, (("content-type", "text/plain"), ("cache-control", "private"), ("x-request-id", "fixed")), b"no")
    answer = contract_answer(InvalidToken(Reason.EXPIRED), {"bad_token": row}, "r-1")
    assert (answer.status, answer.body) == (200, b"no")
    assert answer.headers == (*row.headers, ("X-Content-Type-Options", "nosniff"))


def test_who_must_wait_is_told_how_long():
    rows = {"default": Answer(400, (), b"")}
    assert dict(contract_answer(Limited(), rows, "r").headers)["Retry-After"] == "30"
    assert dict(contract_answer(Unavailable(Reason.BUSY), rows, "r").headers)["Retry-After"] == "2"
    assert "Retry-After" not in dict(contract_answer(MissingToken(), rows, "r").headers)


@pytest.mark.parametrize(
    ("refusal", "line"),
    [
        (MissingToken(), ["no_token", "bad_token", "default"]),
        (InvalidToken(Reason.WRONG_KIND), ["wrong_bearer", "bad_token", "default"]),
        (Unavailable(Reason.BUSY), ["busy", "server_error", "default"]),
        (InsufficientScope("a"), ["not_allowed", "default"]),
    ],
)
def test_the_cause_above_speaks_for_the_one_below(refusal, line):
    rows = {cause: Answer(400, (), cause.encode()) for cause in CAUSES}
    for cause in line:
        assert contract_answer(refusal, rows, "r").body == cause.encode()
        del rows[cause]
    assert contract_answer(refusal, rows, "r") is None
