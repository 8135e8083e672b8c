"""What the rooms behind the wire are asked: whole messages, and nothing in them that was not said."""

from __future__ import annotations

import pytest

from tokenhouse.protocol.messages import Credentials, Identifier, Profile
from tokenhouse.protocol.names import AuthMethod, Bearer, CallKind, IdentifierKind
from tokenhouse.wire.dialect.asking import AssertionAsking, CallAsking, TokenAsking
from tokenhouse.wire.dialect.values import ABSENT
from tokenhouse.wire.dialect.view import View

NOBODY = Credentials(AuthMethod.NONE)
TOKENS = TokenAsking("password", "login", ("access",), ("username", "email"))


def call(**changes):
    told = {
        "kind": CallKind.INTROSPECT, "operation": "me", "bearer": Bearer.USER, "ends": "session",
        "token": lambda _: "t", "proves_client": False, "identifiers": (), "has_profile": False,
    }  # fmt: skip
    return CallAsking(**{**told, **changes})


@pytest.fixture
def view(kit):
    return View(kit.request(), {})


def test_tokens_are_asked_for_whom_the_first_identifier_names(kit, view):
    message = TOKENS.message(view, {"email": "e", "password": "p", "scope": ["a"], "device": "d"}, NOBODY)

    assert message.identifier == Identifier(IdentifierKind.EMAIL, "e")
    assert (message.grant_type, message.operation, message.issues) == ("password", "login", ("access",))
    assert (message.password.reveal(), message.scope, message.device) == ("p", ("a",), "d")
    assert (message.id, message.now, message.source) == ("req-1", kit.NOW, "192.0.2.1")
    assert (message.token, message.proof, message.device_name) == (None, None, None)


def test_what_is_not_said_is_not_asked(view):
    message = TOKENS.message(view, {}, NOBODY)

    assert (message.identifier, message.password, message.scope) == (None, None, None)


def test_a_provider_is_quoted(view):
    asking = AssertionAsking(TOKENS)
    proof = asking.message(view, {"provider": "x", "provider_token": "t", "assertion": "a.b.c"}, NOBODY).proof

    assert (proof.provider, proof.access_token.reveal(), proof.id_token.reveal()) == ("x", "t", "a.b.c")
    assert proof.access_secret is None
    assert asking.message(view, {"provider_token": "t"}, NOBODY).proof is None


def test_a_call_says_no_client_unless_it_proves_one(view):
    assert call().message(view, {}, NOBODY).credentials is None
    assert call(proves_client=True).message(view, {}, NOBODY).credentials is NOBODY


def test_a_call_without_a_token_has_none(view):
    assert call().message(view, {}, NOBODY).token.reveal() == "t"
    assert call(token=lambda _: ABSENT).message(view, {}, NOBODY).token is None


def test_a_call_about_somebody(view):
    asking = call(kind=CallKind.REVOKE, bearer=Bearer.EITHER, ends="user", identifiers=("user_id",))
    message = asking.message(view, {"user_id": "7"}, NOBODY)

    assert (message.does, message.bearer, message.ends, message.operation) == (
        CallKind.REVOKE,
        Bearer.EITHER,
        "user",
        "me",
    )
    assert message.identifier == Identifier(IdentifierKind.USER_ID, "7")
    assert message.profile is None


def test_a_profile_has_what_was_said(view):
    values = {"new_username": "u", "new_email": "e", "new_phone": "1", "new_name": "n", "new_password": "p"}
    profile = call(kind=CallKind.UPDATE, has_profile=True).message(view, values, NOBODY).profile

    assert (profile.username, profile.email, profile.phone, profile.name) == ("u", "e", "1", "n")
    assert profile.password.reveal() == "p"
    assert call(has_profile=True).message(view, {}, NOBODY).profile == Profile()


def test_no_secret_is_shown(view):
    asking = call(token=lambda _: "hidden-token", has_profile=True)
    message = asking.message(view, {"new_password": "hidden-password"}, NOBODY)

    assert "hidden" not in repr(message)
    assert "hidden" not in repr(
        AssertionAsking(TOKENS).message(view, {"provider": "x", "provider_secret": "hidden"}, NOBODY)
    )
