"""Header and claims of OAuth 2.0's own access tokens.

Spec: RFC 9068 §2.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from tokenhouse.protocol.contract import OpaqueForm, SignedForm
from tokenhouse.protocol.names import STANDARD_GRANTS, TokenUse
from tokenhouse.tokens.claims import standard_contract

AT = datetime(2026, 11, 20, 12, 0, 0, 999_999, tzinfo=UTC)
FACTS = {
    "key": {"alg": "ES256", "kid": "k1", "thumbprint_sha1": None},
    "client": {"id": "app", "name": "App"},
    "user": None,
    "granted": {"scope": ("read", "write"), "audience": ("https://api.example",)},
    "claims": {},
    "server": {"issuer": "https://as.example"},
    "token": {"id": bytes(16), "issued_at": AT, "expires_at": AT + timedelta(minutes=10)},
}


def contract(**settings):
    times = {"access_ttl": timedelta(minutes=10), "refresh_ttl": None, "refresh_idle_ttl": timedelta(days=7)}
    return standard_contract(**(times | settings))


def claims(of=None, **facts):
    return msgspec.json.decode((of or contract()).plan(TokenUse.ACCESS).form.claims(FACTS | facts))


def test_the_header_says_what_kind_of_token_it_is():
    """RFC 9068 §2.1: `typ` MUST be at+jwt."""
    header = contract().plan(TokenUse.ACCESS).form.header(FACTS)
    assert header == b'{"alg":"ES256","typ":"at+jwt","kid":"k1"}'


def test_every_required_claim_is_there():
    """RFC 9068 §2.2: iss, exp, aud, sub, client_id, iat, jti are REQUIRED."""
    assert claims() == {
        "iss": "https://as.example",
        "sub": "app",
        "aud": "https://api.example",
        "client_id": "app",
        "iat": 1795176000,
        "exp": 1795176600,
        "jti": "AAAAAAAAAAAAAAAAAAAAAA",
        "scope": "read write",
    }


def test_the_subject_is_the_person_where_there_is_one():
    """RFC 9068 §2.2: `sub` is the resource owner, or the client where there is none."""
    assert claims(user={"id": "us_1"})["sub"] == "us_1"


@pytest.mark.parametrize(
    ("granted", "expected"), [(("https://a",), "https://a"), (("https://a", "https://b"), ["https://a", "https://b"])]
)
def test_one_audience_is_a_string_and_several_are_an_array(granted, expected):
    """RFC 7519 §4.1.3."""
    assert claims(granted={"scope": (), "audience": granted})["aud"] == expected


def test_custom_claims_come_behind_the_others():
    assert list(claims(claims={"roles": ["ops"]}))[-1] == "roles"


def test_no_scope_is_no_claim():
    assert "scope" not in claims(granted={"scope": (), "audience": ("a",)})


def test_the_contract_has_two_tokens_every_grant_and_one_time_refresh():
    made = contract(alg="RS256", refresh_ttl=timedelta(days=30))
    access, refresh = made.tokens
    assert isinstance(access.form, SignedForm)
    assert (made.name, made.grants, made.signs, made.session.refresh) == (
        "standard",
        STANDARD_GRANTS,
        True,
        "rotate",
    )
    assert (access.form.alg, access.ttl, access.opaque) == ("RS256", timedelta(minutes=10), refresh.form)
    assert (refresh.use, refresh.ttl, refresh.idle_ttl) == (TokenUse.REFRESH, timedelta(days=30), timedelta(days=7))
    assert isinstance(refresh.form, OpaqueForm)
