"""Published keys: what can verify is kept, what cannot is passed over, and nothing becomes a shared secret.

Spec: RFC 7517 §4, §5; RFC 7518 §6; RFC 8725 §3.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tokenhouse.egress.failures import EgressError
from tokenhouse.providers.published import MOST_KEYS, require_keys


@pytest.mark.parametrize("alg", ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"])
def test_a_key_fits_its_algorithm_alone(keys, alg: str) -> None:
    (key,) = require_keys({"keys": [keys.public(alg)]})
    algs = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "HS256", "none", "EdDSA")
    assert [one for one in algs if key.fits(one)] == [alg]
    assert key.kid == alg


def test_a_key_that_does_not_say_its_algorithm_fits_its_family(keys) -> None:
    (rsa,) = require_keys({"keys": [keys.public("RS256", alg=None)]})
    assert [one for one in ("RS256", "PS512", "ES256", "HS256") if rsa.fits(one)] == ["RS256", "PS512"]
    (curve,) = require_keys({"keys": [keys.public("ES384", alg=None, kid=None)]})
    assert [one for one in ("ES256", "ES384", "ES512") if curve.fits(one)] == ["ES384"]
    assert curve.kid is None


def test_private_members_are_left_behind(keys) -> None:
    (key,) = require_keys({"keys": [keys.public("ES256", d="AAAA", k="AAAA", x5c=["AAAA"], key_ops=["sign"])]})
    assert not key.key.is_private
    assert not {"d", "k", "x5c"} & json.loads(json.dumps(key.key.as_dict())).keys()


def unusable(keys) -> list[Any]:
    good = keys.public("ES256")
    return [
        None,
        "key",
        [],
        {},
        {"kty": "oct", "k": "c2VjcmV0", "kid": "ES256", "alg": "HS256"},
        {"kty": "oct", "k": "c2VjcmV0", "kid": "ES256", "alg": "ES256"},
        keys.public("EdDSA"),
        keys.public("small"),
        good | {"use": "enc"},
        good | {"kid": 1},
        good | {"alg": ["ES256"]},
        good | {"kty": "ec"},
        good | {"kty": ["EC"]},
        good | {"crv": "secp256k1"},
        good | {"crv": ["P-256"]},
        good | {"crv": "P-384"},
        good | {"x": "AAAA"},
        good | {"x": 1},
        good | {"x": "é"},
        {name: value for name, value in good.items() if name != "y"},
        keys.public("RS256") | {"n": 5},
        keys.public("RS256") | {"n": "A" * 3000},
        keys.public("RS256") | {"n": "/" * 20_000},
        keys.public("RS256") | {"n": "é"},
        keys.public("RS256") | {"n": "A"},
        keys.public("RS256") | {"e": "AA"},
        keys.public("RS256") | {"e": None},
    ]


def test_what_cannot_verify_is_passed_over(keys) -> None:
    bad = unusable(keys)
    for one in bad:
        with pytest.raises(EgressError, match="bad_answer"):
            require_keys({"keys": [one]})
        assert [key.kid for key in require_keys({"keys": [one, keys.public("ES256 good", alg="ES256")]})] == [
            "ES256 good"
        ]


@pytest.mark.parametrize("document", [{}, {"keys": None}, {"keys": {}}, {"keys": []}, {"keys": "x"}])
def test_a_document_without_keys(document: dict[str, Any]) -> None:
    with pytest.raises(EgressError, match="bad_answer"):
        require_keys(document)


def test_far_too_many_keys(keys) -> None:
    assert len(require_keys({"keys": [keys.public("ES256")] * MOST_KEYS})) == MOST_KEYS
    with pytest.raises(EgressError, match="bad_answer"):
        require_keys({"keys": [keys.public("ES256")] * (MOST_KEYS + 1)})
