import time
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OctKey, RSAKey

from tokenhouse_verify.jwk import MAX_KEYS, usable_keys
from tokenhouse_verify.testing import Issuer


def number(value: int) -> str:
    return urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8)).rstrip(b"=").decode()


@pytest.fixture(scope="module")
def ec() -> dict:
    return dict(Issuer().jwks()["keys"][0])


@pytest.fixture(scope="module")
def rsa() -> dict:
    return dict(Issuer(alg="RS256").jwks()["keys"][0])


def test_the_key_says_its_algorithm(ec, rsa):
    keys = usable_keys({"keys": [ec, rsa], "other": "member"})
    assert {kid: key.alg for kid, key in keys.items()} == {ec["kid"]: "ES256", rsa["kid"]: "RS256"}


@pytest.mark.parametrize("name", ["alg", "use"])
def test_optional_members_may_be_left_out(ec, rsa, name):
    entries = [{k: v for k, v in entry.items() if k != name} for entry in (ec, rsa)]
    assert {key.alg for key in usable_keys({"keys": entries}).values()} == {"ES256", "RS256"}


def test_other_members_are_not_looked_at(ec):
    assert usable_keys({"keys": [{**ec, "x5c": 7, "d": "not even base64url!", "x5t": None, "key_ops": ["verify"]}]})


@pytest.mark.parametrize(
    "change",
    [
        {"kty": "oct"},
        {"kty": "OKP"},
        {"kty": None},
        {"kty": ["EC"]},
        {"alg": "HS256"},
        {"alg": "RS256"},
        {"alg": "none"},
        {"alg": None},
        {"use": "enc"},
        {"use": 1},
        {"key_ops": ["sign"]},
        {"key_ops": "verify"},
        {"kid": None},
        {"kid": 7},
        {"kid": ["a"]},
        {"crv": "P-384"},
        {"crv": "secp256k1"},
        {"x": None},
        {"x": 7},
        {"x": ""},
        {"x": "AAAA"},
        {"x": "é"},
        {"x": "A" * 701},
        {"y": "AAAA"},
    ],
)
def test_an_ec_key_of_another_kind_is_passed_over(ec, change):
    assert usable_keys({"keys": [{**ec, **change}]}) == {}


@pytest.mark.parametrize(
    "change",
    [
        {"alg": "PS256"},
        {"alg": "ES256"},
        {"n": "!"},
        {"n": "A"},
        {"n": "é"},
        {"n": number(2**2047 - 1)},
        {"n": number(2**1024 - 1)},
        {"n": number(2**4096 + 1)},
        {"n": number(2**16384 - 1)},
        {"e": "AA"},
        {"e": "Ag"},
        {"e": number(2**64 + 1)},
        {"e": None},
    ],
)
def test_an_rsa_key_of_another_kind_is_passed_over(rsa, change):
    began = time.perf_counter()
    assert usable_keys({"keys": [{**rsa, **change}]}) == {}
    assert time.perf_counter() - began < 0.05


def test_symmetric_keys_and_strange_entries_are_passed_over(ec):
    oct_key = {**OctKey.generate_key(256).as_dict(), "kid": "oct", "alg": "HS256"}
    assert list(usable_keys({"keys": [oct_key, None, 7, "x", [], {}, ec]})) == [ec["kid"]]


def test_a_kid_that_occurs_twice_is_no_key(ec, rsa):
    assert usable_keys({"keys": [ec, {**rsa, "kid": ec["kid"]}]}) == {}
    assert usable_keys({"keys": [ec, {"kty": "oct", "kid": ec["kid"]}]}) == {}


@pytest.mark.parametrize("jwks", [{}, {"keys": None}, {"keys": {}}, {"keys": "x"}])
def test_what_is_no_key_set_is_refused(jwks):
    with pytest.raises(ValueError, match="JWK set"):
        usable_keys(jwks)


def test_private_halves_are_left_behind():
    for key in (ECKey.generate_key(), RSAKey.generate_key()):
        entry = {**key.as_dict(private=True), "kid": "k"}
        assert not usable_keys({"keys": [entry]})["k"].public.is_private


_MEMBERS = st.sampled_from(["kty", "kid", "alg", "use", "crv", "x", "y", "n", "e", "key_ops"])
_VALUES = st.none() | st.integers() | st.text(max_size=8) | st.sampled_from(["EC", "RSA", "P-256", "AQAB", "sig", "k"])


@given(st.lists(st.dictionaries(_MEMBERS, _VALUES | st.lists(_VALUES, max_size=2)), max_size=3))
def test_any_key_set_can_be_read(entries):
    assert set(usable_keys({"keys": entries})) <= {
        entry.get("kid") for entry in entries if "kid" in entry and isinstance(entry["kid"], str)
    }


def test_a_set_of_too_many_keys_is_none():
    entry = Issuer().jwks()["keys"][0]
    assert len(usable_keys({"keys": [{**entry, "kid": f"k{n}"} for n in range(MAX_KEYS)]})) == MAX_KEYS
    with pytest.raises(ValueError, match="more than 64"):
        usable_keys({"keys": [entry] * (MAX_KEYS + 1)})
