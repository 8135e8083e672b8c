"""An access token counts if it was made for our app, and then for whom the provider says.

Spec: RFC 9700 §4.9 (tokens of other apps), RFC 7662 §2.
"""

from __future__ import annotations

from typing import Any

import pytest

from tokenhouse.egress.failures import EgressError, Failure
from tokenhouse.protocol.secret import Secret
from tokenhouse.providers.bearer import BearerProvider
from tokenhouse.providers.identity import ProvenIdentity
from tokenhouse.providers.refused import ProofRefused, Reason

TOKEN = "EAAB+/=&token"
ANN = ProvenIdentity("somebody", "42")


@pytest.fixture
def ask(egress, elsewhere, settings, proof, now):
    """Ask the provider about a token; return the person, the reason of the refusal, or the failure."""

    async def ask_(token: str = TOKEN, **facts: Any) -> ProvenIdentity | Reason | Failure:
        one = BearerProvider(settings("oauth2", **facts), egress)
        try:
            return await one.prove(proof(access_token=token), now)
        except ProofRefused as refused:
            return refused.reason
        except EgressError as error:
            return error.failure

    elsewhere.routes["/me"] = lambda _: (200, {"id": "42"})
    return ask_


@pytest.fixture
def query(elsewhere) -> dict[str, Any]:
    return {"tokeninfo": elsewhere.url + "/info", "audience": "aud", "client_ids": ("app", "app2")}


@pytest.fixture
def debug(elsewhere) -> dict[str, Any]:
    return {
        "tokeninfo": elsewhere.url + "/debug?v=1",
        "tokeninfo_style": "debug",
        "audience": "data.app_id",
        "client_ids": ("1234",),
        "client_secret": Secret("app&secret"),
    }


@pytest.fixture
def introspection(elsewhere) -> dict[str, Any]:
    return {
        "tokeninfo": elsewhere.url + "/introspect",
        "tokeninfo_style": "introspection",
        "audience": "client_id",
        "client_ids": ("app",),
        "client_secret": Secret("s3cret"),
    }


async def test_the_token_travels_in_the_header(ask, elsewhere) -> None:
    assert await ask(any_audience=True) == ANN
    (asked,) = elsewhere.asked
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"
    assert asked.query == {}


async def test_or_in_the_query_where_the_provider_wants_it(ask, elsewhere) -> None:
    assert await ask(any_audience=True, token_in="query", userinfo=elsewhere.url + "/me?fields=id") == ANN
    (asked,) = elsewhere.asked
    assert asked.query == {"fields": "id", "access_token": TOKEN}
    assert "authorization" not in asked.headers


async def test_facts_are_read_by_the_configured_paths(ask, elsewhere) -> None:
    elsewhere.routes["/me"] = lambda _: (200, {"sub": 7, "mail": "a@b.example", "ok": True, "n": "Ann"})
    paths = {"subject": "sub", "email": "mail", "email_verified": "ok", "display_name": "n"}
    assert await ask(any_audience=True, **paths) == ProvenIdentity("somebody", "7", "a@b.example", True, "Ann")


@pytest.mark.parametrize(
    ("audience", "found"),
    [
        ("app", ANN),
        ("app2", ANN),
        (["other", "app"], ANN),
        ("other", Reason.AUDIENCE),
        ("", Reason.AUDIENCE),
        (None, Reason.AUDIENCE),
        (True, Reason.AUDIENCE),
        (["other"], Reason.AUDIENCE),
        ({"app": 1}, Reason.AUDIENCE),
    ],
)
async def test_a_token_of_another_app_logs_nobody_in(ask, elsewhere, query, audience, found) -> None:
    elsewhere.routes["/info"] = lambda _: (200, {"aud": audience})
    assert await ask(**query) == found
    assert elsewhere.asked[0].query == {"access_token": TOKEN}
    assert [asked.path for asked in elsewhere.asked] == ["/info", "/me"][: 2 if found == ANN else 1]


async def test_a_provider_that_debugs_tokens(ask, elsewhere, debug) -> None:
    elsewhere.routes["/debug"] = lambda _: (200, {"data": {"app_id": 1234, "is_valid": True}})
    assert await ask(**debug) == ANN
    assert elsewhere.asked[0].query == {"v": "1", "input_token": TOKEN, "access_token": "1234|app&secret"}


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({"app_id": "1234", "is_valid": False}, Reason.TURNED_AWAY),
        ({"app_id": "1234", "is_valid": "true"}, Reason.TURNED_AWAY),
        ({"app_id": "1234"}, Reason.TURNED_AWAY),
        ({"error": {"code": 190}}, Reason.TURNED_AWAY),
        ([], Reason.TURNED_AWAY),
        ({"app_id": "9999", "is_valid": True}, Reason.AUDIENCE),
    ],
)
async def test_what_it_does_not_vouch_for(ask, elsewhere, debug, data, found) -> None:
    elsewhere.routes["/debug"] = lambda _: (200, {"data": data})
    assert await ask(**debug) is found


async def test_a_provider_that_introspects(ask, elsewhere, introspection) -> None:
    elsewhere.routes["/introspect"] = lambda _: (200, {"active": True, "client_id": "app"})
    assert await ask(**introspection) == ANN
    asked = elsewhere.asked[0]
    assert (asked.method, asked.query) == ("POST", {})
    assert asked.form == {"token": TOKEN, "client_id": "app", "client_secret": "s3cret"}
    elsewhere.routes["/introspect"] = lambda _: (200, {"active": False})
    assert await ask(**introspection) is Reason.TURNED_AWAY


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_a_refusal_of_our_own_secret_is_not_the_persons_fault(
    ask, elsewhere, introspection, debug, status
) -> None:
    elsewhere.routes |= {"/introspect": lambda _: (status, {}), "/debug": lambda _: (status, {})}
    assert await ask(**introspection) is Failure.BAD_STATUS
    assert await ask(**debug) is Failure.BAD_STATUS


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_a_token_that_is_turned_away(ask, elsewhere, query, status) -> None:
    elsewhere.routes["/info"] = lambda _: (status, {"error": "invalid_token"})
    assert await ask(**query) is Reason.TURNED_AWAY
    elsewhere.routes["/me"] = lambda _: (status, {})
    assert await ask(any_audience=True) is Reason.TURNED_AWAY


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ((500, {}), Failure.BAD_STATUS),
        ((302, {}), Failure.REDIRECTED),
        ((200, b"<html>"), Failure.NOT_JSON),
        ((200, b"x" * 70_000), Failure.TOO_LARGE),
        ((200, {}), Failure.BAD_ANSWER),
        ((200, {"id": None}), Failure.BAD_ANSWER),
        ((200, {"id": True}), Failure.BAD_ANSWER),
    ],
)
async def test_an_answer_that_says_nothing_lets_nobody_in(ask, elsewhere, query, answer, found) -> None:
    elsewhere.routes["/me"] = lambda _: answer
    assert await ask(any_audience=True) is found
    elsewhere.routes["/info"] = lambda _: answer
    expected = Reason.AUDIENCE if found is Failure.BAD_ANSWER else found
    assert await ask(**query) is expected


def test_what_it_needs_and_takes() -> None:
    assert BearerProvider.needs == BearerProvider.takes == {"access_token"}
