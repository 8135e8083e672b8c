"""Signatures that an independent library accepts.

Spec: RFC 7515 §3.1, RFC 7518 §3.3 and §3.4.
"""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime

import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.tokens.making import make_signing_key
from tokenhouse.tokens.signing import base64url, jws, parse

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def keys(envelope):
    made = {}
    for alg in ("ES256", "RS256"):
        record = make_signing_key(
            envelope, tenant="t", contract="c", alg=alg, now=NOW, activates_at=NOW, certified=alg == "RS256"
        )
        made[alg] = parse(record, envelope.open(record.sealed, key_id=record.key_id, purpose="sign"))
    return made


@given(st.binary(max_size=60))
def test_base64url_has_no_padding_and_comes_back(data):
    text = base64url(data)
    assert b"=" not in text
    assert base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4)) == data


@pytest.mark.parametrize("alg", ["ES256", "RS256"])
@given(
    claims=st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=8), st.integers(0, 2**40), max_size=4
    )
)
def test_an_independent_library_verifies_the_signature(keys, alg, claims):
    key = keys[alg]
    claims = {"sub": "s", **{f"x-{name}": value for name, value in claims.items()}}
    header = {"alg": alg, "kid": key.kid}
    text = jws(key, json.dumps(header).encode(), json.dumps(claims).encode())
    verified = jwt.decode(text, jwt.PyJWK(key.public), algorithms=[alg])
    assert verified == claims
    assert jwt.get_unverified_header(text) == header


@pytest.mark.parametrize("alg", ["ES256", "RS256"])
def test_a_changed_payload_is_not_verified(keys, alg):
    key = keys[alg]
    head, _, tail = jws(key, json.dumps({"alg": alg}).encode(), b'{"sub":"a"}').split(".")
    changed = base64url(b'{"sub":"b"}').decode()
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(f"{head}.{changed}.{tail}", jwt.PyJWK(key.public), algorithms=[alg])


def test_the_order_and_the_spaces_of_the_caller_stay(keys):
    text = jws(keys["ES256"], b'{ "b":1,"a":2}', b'{"z" : 1}')
    head, claims, _ = text.split(".")
    assert base64.urlsafe_b64decode(head + "==") == b'{ "b":1,"a":2}'
    assert base64.urlsafe_b64decode(claims + "==") == b'{"z" : 1}'


def test_an_ecdsa_signature_is_two_numbers_of_thirty_two_bytes(keys):
    """RFC 7518 §3.4: R and S, each 32 octets, big-endian, zeros included."""
    assert {len(keys["ES256"].sign(bytes([n]))) for n in range(200)} == {64}


@pytest.mark.parametrize("alg", ["ES256", "RS256"])
def test_the_same_words_get_the_same_signature(keys, alg):
    """RFC 8725 §3.2: ECDSA SHOULD be deterministic (RFC 6979)."""
    assert keys[alg].sign(b"words") == keys[alg].sign(b"words")


def test_a_header_template_may_say_what_is_published(keys):
    plain, certified = keys["ES256"], keys["RS256"]
    assert plain.facts == {"alg": "ES256", "kid": plain.kid, "thumbprint_sha1": None}
    digest = hashlib.sha1(certified.record.certificate).digest()
    assert certified.facts == {"alg": "RS256", "kid": certified.kid, "thumbprint_sha1": digest}


def test_a_key_without_an_algorithm_of_ours_is_refused(keys):
    private = ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(TypeError, match="Ed25519"):
        parse(keys["ES256"].record, private)


def test_the_private_part_is_not_in_the_repr(keys):
    for key in keys.values():
        said = repr(key)
        assert "private" not in said.lower()
        assert '"d"' not in said
        assert set(msgspec.json.decode(key.record.public)) == set(key.public)
