from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tokenhouse.protocol.messages import (
    Credentials,
    Identifier,
    IssuedToken,
    TokenQuestion,
    TokenRequest,
    TokenResponse,
)
from tokenhouse.protocol.names import AuthMethod, IdentifierKind, TokenUse

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def token(name, use, lifetime=None):
    return IssuedToken(name, use, "value", NOW, lifetime and NOW + lifetime)


@pytest.mark.parametrize(
    ("lifetime", "seconds"),
    [
        (None, None),
        (timedelta(hours=1), 3600),
        (timedelta(seconds=1, microseconds=999_999), 1),
        (timedelta(days=40000), 3_456_000_000),
    ],
)
def test_a_lifetime_is_in_whole_seconds(lifetime, seconds):
    assert token("access", TokenUse.ACCESS, lifetime).lifetime == seconds


def test_the_first_token_of_a_use_is_the_one_the_contract_named_first():
    tokens = {
        name: token(name, use)
        for name, use in (("b", TokenUse.ACCESS), ("a", TokenUse.ACCESS), ("r", TokenUse.REFRESH))
    }
    response = TokenResponse(tokens, ("read",), NOW)
    assert response.first(TokenUse.ACCESS).name == "b"
    assert response.first(TokenUse.REFRESH).name == "r"
    assert TokenResponse({}, (), NOW).first(TokenUse.REFRESH) is None


def test_a_token_is_new_unless_said_otherwise():
    assert token("access", TokenUse.ACCESS).is_new


def test_what_a_request_does_not_say_is_absent_not_empty():
    request = TokenRequest("password", Credentials(AuthMethod.NONE), "r", NOW)
    absent = ("fault", "scope", "identifier", "password", "token", "device", "device_name")
    assert {name: getattr(request, name) for name in absent} == dict.fromkeys(absent)
    assert (request.issues, request.source, request.operation) == ((), "", "")
    question = TokenQuestion(Credentials(AuthMethod.NONE), "r", NOW)
    assert (question.token, question.hint, question.fault) == (None, None, None)


def test_an_identifier_is_its_kind_and_value():
    assert Identifier(IdentifierKind.EMAIL, "a@b") == ("email", "a@b")


def test_credentials_say_nothing_by_themselves():
    credentials = Credentials(AuthMethod.BASIC)
    assert (credentials.client_id, credentials.secret, credentials.malformed) == (None, None, False)
