import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, RSAKey

from tokenhouse.cli.explaining import Verdict, explain, in_words, utc_now

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
EC = ECKey.generate_key("P-256", {"kid": "a", "alg": "ES256"})
RSA = RSAKey.generate_key(2048, {"kid": "b"})
KEYS = [EC.as_dict(private=False), RSA.as_dict(private=False)]
CLAIMS = {"iss": "https://id.example.com", "exp": int(NOW.timestamp()) + 3240, "scope": "orders:read"}


def sign(claims=CLAIMS, key=EC, **header):
    members = {"alg": "ES256", "kid": "a", "typ": "at+jwt"} | header
    registry = jws.JWSRegistry(strict_check_header=False, algorithms=["ES256", "RS256", "HS256"])
    return jws.serialize_compact(members, json.dumps(claims).encode(), key, registry=registry)


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("token", [sign(), sign(key=RSA, alg="RS256", kid="b"), f"Bearer {sign()}\n"])
def test_a_valid_token(token):
    found = explain(token, KEYS, NOW)
    assert (found.verdict, found.signature, found.expires) == (Verdict.VALID, "valid", "in 54 min")
    lines = dict(found.lines())
    assert lines["verdict"] == "VALID"
    assert lines["scope"] == "orders:read"
    assert "audience" not in lines
    assert found.as_document()["claims"]["iss"] == "https://id.example.com"


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        (sign(CLAIMS | {"exp": int(NOW.timestamp()) - 180}), "expired 3 min ago"),
        (sign(CLAIMS | {"exp": int(NOW.timestamp())}), "expired now"),
        (sign(CLAIMS | {"nbf": int(NOW.timestamp()) + 7200}), "not valid before in 2 h"),
        (sign(CLAIMS | {"nbf": "now"}), "its nbf is no time"),
        (sign({"iss": "x"}), "it has no expiry"),
        (sign(CLAIMS | {"exp": True}), "it has no expiry"),
        (sign(CLAIMS | {"exp": 10**300}), "it has no expiry"),
        (sign(kid="c"), "no published key has the id 'c'"),
        (sign(kid="b"), "signature: wrong"),
        (sign()[:-4] + "AAAA", "signature: wrong"),
        (f"{part({'alg': 'ES256', 'kid': 'a', 'crit': ['x']})}.{part(CLAIMS)}.AA", "crit"),
        (f"{part({'alg': 'none'})}.{part(CLAIMS)}.", "the algorithm 'none'"),
        (sign(key=OctKey.import_key("k" * 32), alg="HS256"), "the algorithm 'HS256'"),
        (f"{part([])}.{part(CLAIMS)}.AA", "no base64url of JSON objects"),
        (f"a.{part(CLAIMS)}.AA", "no base64url of JSON objects"),
        (f"{part({})}.###.AA", "no base64url of JSON objects"),
    ],
)
def test_an_invalid_token(token, reason):
    found = explain(token, KEYS, NOW)
    assert found.verdict is Verdict.INVALID
    assert reason in found.reason
    assert dict(found.lines())["verdict"].startswith("INVALID")


def test_without_keys_nothing_is_vouched_for():
    assert explain(sign(), None, NOW).verdict is Verdict.UNVERIFIED
    assert explain(sign(CLAIMS | {"exp": 1}), None, NOW).verdict is Verdict.INVALID
    assert explain(sign(), [], NOW).verdict is Verdict.INVALID


def test_an_opaque_token_is_the_servers_to_explain():
    found = explain("6814cd360205e1245d2834ffab3c3c91", KEYS, NOW)
    assert found.verdict is Verdict.OPAQUE
    assert dict(found.lines())["verdict"].startswith("UNKNOWN")


@pytest.mark.parametrize("key", [{"kid": "a"}, {"kid": "a", "kty": "EC"}, {"kid": "a", "kty": "EC", "x": 1, "y": []}])
def test_a_broken_key_verifies_nothing(key):
    assert explain(sign(), [key], NOW).signature == "wrong"


def test_the_key_decides_the_algorithm():
    assert "no published key" in explain(sign(), [KEYS[0] | {"alg": "RS256"}], NOW).reason


@given(st.text() | st.lists(st.text(), min_size=3, max_size=3).map(".".join))
def test_any_text_is_explained(text):
    assert explain(text, KEYS, NOW).verdict in {Verdict.INVALID, Verdict.OPAQUE}


@given(
    st.dictionaries(
        st.sampled_from(["iss", "exp", "nbf", "scope"]), st.none() | st.integers() | st.floats() | st.text()
    )
)
def test_any_claims_are_explained(claims):
    token = f"{part({'alg': 'ES256', 'kid': 'a'})}.{base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b'=').decode()}.AA"
    assert explain(token, KEYS, NOW).verdict is Verdict.INVALID
    assert explain(token, None, NOW).verdict in {Verdict.INVALID, Verdict.UNVERIFIED}


@pytest.mark.parametrize(
    ("distance", "words"),
    [(0, "now"), (59, "in 59 s"), (299, "in 5 min"), (7200, "in 2 h"), (-86_400, "1 d ago"), (-1, "1 s ago")],
)
def test_times_in_words(distance, words):
    assert in_words((NOW + timedelta(seconds=distance)).timestamp(), NOW) == words


def test_what_is_no_time_has_no_words():
    assert in_words("soon", NOW) == in_words(None, NOW) == ""
    assert utc_now().tzinfo is UTC
