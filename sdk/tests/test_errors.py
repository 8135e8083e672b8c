import pytest

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


@pytest.mark.parametrize(
    ("refusal", "status", "challenge"),
    [
        (MissingToken(), 401, 'Bearer realm="api"'),
        (
            InvalidRequest(Reason.REPEATED),
            400,
            (
                'Bearer realm="api", error="invalid_request", '
                'error_description="The access token must be presented once, in one well-formed header."'
            ),
        ),
        (
            InvalidToken(Reason.WRONG_ISSUER),
            401,
            'Bearer realm="api", error="invalid_token", error_description="The access token is not valid."',
        ),
        (
            InvalidToken(Reason.EXPIRED),
            401,
            'Bearer realm="api", error="invalid_token", error_description="The access token has expired."',
        ),
        (
            InsufficientScope("orders:read", "orders:write"),
            403,
            (
                'Bearer realm="api", error="insufficient_scope", error_description='
                '"The access token does not carry the scope that is needed.", scope="orders:read orders:write"'
            ),
        ),
    ],
)
def test_the_challenge_of_rfc_6750(refusal, status, challenge):
    assert refusal.status == status
    assert refusal.headers() == {"WWW-Authenticate": challenge, "Cache-Control": "no-store"}


def test_a_missing_token_names_no_error_code():
    assert MissingToken().body() == {"error_description": "An access token is needed."}


def test_who_cannot_answer_says_when_to_come_back_and_challenges_nobody():
    refusal = Unavailable(Reason.KEYS_UNAVAILABLE)
    assert refusal.status == 503
    assert refusal.headers() == {"Retry-After": "2", "Cache-Control": "no-store"}
    assert refusal.body()["error"] == "temporarily_unavailable"


@pytest.mark.parametrize("reason", list(Reason))
def test_the_wire_tells_no_reason_but_expiry(reason):
    body = InvalidToken(reason).body()
    assert (body == InvalidToken(Reason.MALFORMED).body()) is (reason is not Reason.EXPIRED)


@pytest.mark.parametrize("realm", ["", 'a"b', "a\\b", "a\r\nSet-Cookie: x", "é"])
def test_a_realm_cannot_break_the_header(realm):
    with pytest.raises(ValueError, match="realm"):
        MissingToken().headers(realm)


@pytest.mark.parametrize("name", ["", "a b", 'a"b', "a\\b", "ü", "a\n"])
def test_a_scope_that_nobody_can_have_is_a_mistake_at_once(name):
    with pytest.raises(ValueError, match="scope-token"):
        InsufficientScope(name)


def test_the_text_of_the_exception_is_the_reason():
    assert str(InvalidToken(Reason.UNKNOWN_KEY)) == "unknown_key"
    assert isinstance(InvalidToken(Reason.UNKNOWN_KEY), Refusal)


def test_who_guesses_must_wait():
    refusal = Limited()
    assert (refusal.status, refusal.reason) == (429, Reason.LIMITED)
    assert refusal.headers() == {"Retry-After": "30", "Cache-Control": "no-store"}
    assert refusal.body()["error"] == "too_many_requests"
