"""Which providers there are, what each must be shown, and what becomes of what goes wrong."""

from __future__ import annotations

from typing import Any

import pytest
import structlog

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import Busy, InvalidGrant, InvalidRequest, Refusal
from tokenhouse.protocol.secret import Secret
from tokenhouse.providers.registry import Providers

NEEDS = {"oidc": {"id_token"}, "oauth2": {"access_token"}, "oauth1": {"access_token", "access_secret"}}
TAKES = {**NEEDS, "oidc": {"id_token", "access_token"}}
PARTS = ("access_token", "access_secret", "id_token")


@pytest.fixture
def log():
    with structlog.testing.capture_logs() as lines:
        yield lines


@pytest.fixture
def providers(egress, elsewhere, settings, log) -> Providers:
    elsewhere.routes["/me"] = lambda asked: (
        (200, {"id": "1"}) if "good" in asked.headers["authorization"] else (401, {"detail": "canary"})
    )
    return Providers(
        [
            settings("oidc", name="oidc"),
            settings("oauth2", name="oauth2", any_audience=True, tenants=("default", "acme")),
            settings("oauth1", name="oauth1", client_ids=("key",), client_secret=Secret("s")),
        ],
        egress,
        structlog.get_logger(),
    )


@pytest.fixture
def refusal(providers, proof, now):
    async def refusal_(provider: str, tenant: str = "default", **parts: str) -> Refusal:
        with pytest.raises(Refusal) as raised:
            await providers.prove(tenant, proof(provider, **parts), now)
        return raised.value

    return refusal_


@pytest.mark.parametrize("name", ["", "facebook", "OIDC", "oauth2 ", "\0"])
async def test_a_provider_that_is_not_configured(refusal, name) -> None:
    refused = await refusal(name, access_token="good")
    assert (type(refused), refused.cause, refused.field) == (InvalidRequest, Cause.UNKNOWN_PROVIDER, "provider")


async def test_a_provider_of_another_tenant(providers, refusal, proof, now) -> None:
    assert (await providers.prove("acme", proof("oauth2", access_token="good"), now)).subject == "1"
    assert (await refusal("oidc", tenant="acme", id_token="x")).cause is Cause.UNKNOWN_PROVIDER
    assert (await refusal("oauth2", tenant="other", access_token="good")).cause is Cause.UNKNOWN_PROVIDER


@pytest.mark.parametrize("kind", NEEDS)
@pytest.mark.parametrize("empty", [True, False])
async def test_each_part_that_is_needed(refusal, elsewhere, kind, empty) -> None:
    for part in NEEDS[kind]:
        parts = {name: "good" for name in NEEDS[kind] if name != part}
        refused = await refusal(kind, **parts, **({part: ""} if empty else {}))
        assert (type(refused), refused.cause, refused.field) == (InvalidRequest, Cause.MISSING, part)
    assert elsewhere.asked == []


@pytest.mark.parametrize("kind", NEEDS)
async def test_each_part_that_must_not_be_sent(refusal, elsewhere, kind) -> None:
    for part in set(PARTS) - TAKES[kind]:
        refused = await refusal(kind, **dict.fromkeys((*NEEDS[kind], part), "good"))
        assert (type(refused), refused.cause, refused.field) == (InvalidRequest, Cause.MALFORMED, part)
    assert elsewhere.asked == []


async def test_a_part_without_a_value_was_not_sent(providers, proof, now) -> None:
    """RFC 6749 §3.1."""
    shown = proof("oauth2", access_token="good", access_secret="", id_token="")
    assert (await providers.prove("default", shown, now)).subject == "1"


@pytest.mark.parametrize("text", ["a b", "a\r\nX: y", "é", "\0", "a" * 4097, " "])
async def test_a_part_that_is_no_token(refusal, elsewhere, text) -> None:
    refused = await refusal("oauth2", access_token=text)
    assert (refused.cause, refused.field) == (Cause.MALFORMED, "access_token")
    refused = await refusal("oauth1", access_token="good", access_secret=text)
    assert (refused.cause, refused.field) == (Cause.MALFORMED, "access_secret")
    assert elsewhere.asked == []


async def test_a_proof_that_is_not_accepted(refusal, log) -> None:
    refused = await refusal("oauth2", access_token="bad-canary")
    assert (type(refused), refused.cause) == (InvalidGrant, Cause.BAD_ASSERTION)
    assert log == [
        {
            "event": "provider.proof_refused",
            "log_level": "info",
            "provider": "oauth2",
            "tenant": "default",
            "reason": "turned_away",
        }
    ]


async def test_a_provider_that_fails_is_busy_and_its_reason_is_in_the_log(refusal, elsewhere, log) -> None:
    elsewhere.routes["/me"] = lambda _: (500, {"detail": "canary"})
    refused = await refusal("oauth2", access_token="good-canary")
    assert (type(refused), refused.cause, refused.status) == (Busy, Cause.PROVIDER_FAILED, 503)
    assert refused.retry_after
    assert [line["reason"] for line in log] == ["bad_status"]
    assert "canary" not in str(log)


async def test_a_key_set_that_cannot_be_had_is_told(refusal, elsewhere, sign, claims, log) -> None:
    refused = await refusal("oidc", id_token=sign(claims))
    assert refused.cause is Cause.PROVIDER_FAILED
    assert [(line["event"], line["provider"]) for line in log] == [("provider.failed", "oidc")] * 2


def hostile(elsewhere) -> dict[str, Any]:
    return {
        "not JSON": (200, b"<html>"),
        "huge": (200, b'{"id": "' + b"1" * 70_000 + b'"}'),
        "redirected": (302, {"id": "1"}),
        "5xx": (503, {"id": "1"}),
        "nobody": (200, {}),
    }


async def test_no_answer_lets_anybody_in_but_the_right_one(refusal, elsewhere) -> None:
    for answer in hostile(elsewhere).values():
        elsewhere.routes["/me"] = lambda _, answer=answer: answer
        assert (await refusal("oauth2", access_token="good")).cause is Cause.PROVIDER_FAILED
