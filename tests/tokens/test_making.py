"""New keys: identity, certificate, envelope.

Spec: RFC 7638 §3, RFC 7515 §4.1.7.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_der_private_key
from joserfc.jwk import ECKey, RSAKey
from jwt import PyJWK

from tokenhouse.tokens.making import _number, _thumbprint, make_secret_key, make_signing_key

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TIMES = {"now": NOW, "activates_at": NOW}


@pytest.fixture(scope="module", params=[("ES256", False), ("RS256", False), ("ES256", True), ("RS256", True)])
def key(request, envelope):
    alg, certified = request.param
    return make_signing_key(envelope, tenant="t", contract="c", alg=alg, certified=certified, **TIMES)


def test_the_private_part_is_the_public_one_s_and_closed(key, envelope):
    private = load_der_private_key(envelope.open(key.sealed, key_id=key.key_id, purpose="sign"), None)
    assert isinstance(private, ec.EllipticCurvePrivateKey if key.alg == "ES256" else rsa.RSAPrivateKey)
    published = PyJWK(msgspec.json.decode(key.public)).key
    assert published.public_numbers() == private.public_key().public_numbers()


def test_the_public_part_has_public_members_only(key):
    members = set(msgspec.json.decode(key.public)) - {"x5t"}
    own = {"crv", "x", "y"} if key.alg == "ES256" else {"n", "e"}
    assert members == {"kty", "use", "alg", "kid"} | own


def test_a_key_says_what_it_is_for(key):
    public = msgspec.json.decode(key.public)
    assert (public["use"], public["alg"], public["kid"]) == ("sig", key.alg, key.key_id)
    assert (key.purpose, key.tenant, key.contract, key.created_at, key.retires_at) == ("sign", "t", "c", NOW, None)


def test_a_plain_key_is_named_by_its_thumbprint(envelope):
    for alg, kind in (("ES256", ECKey), ("RS256", RSAKey)):
        key = make_signing_key(envelope, tenant="t", contract="c", alg=alg, certified=False, **TIMES)
        assert kind.import_key(msgspec.json.decode(key.public)).thumbprint() == key.key_id
        assert key.certificate is None


def test_the_thumbprint_is_that_of_the_specification():
    """RFC 7638 §3.1: the example."""
    n = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMst"
        "n64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n9"
        "1CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
    )
    assert _thumbprint({"kty": "RSA", "n": n, "e": "AQAB"}) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


@pytest.mark.parametrize("alg", ["ES256", "RS256"])
def test_a_certified_key_is_named_by_its_certificate(envelope, alg):
    key = make_signing_key(envelope, tenant="t", contract="c", alg=alg, certified=True, **TIMES)
    digest = hashlib.sha1(key.certificate).digest()
    public = msgspec.json.decode(key.public)
    assert key.key_id == digest.hex().upper() + alg
    assert base64.urlsafe_b64decode(public["x5t"] + "=") == digest
    certificate = x509.load_der_x509_certificate(key.certificate)
    assert certificate.public_key().public_numbers() == PyJWK(public).key.public_numbers()
    assert certificate.not_valid_before_utc == NOW
    certificate.verify_directly_issued_by(certificate)


@pytest.mark.parametrize("contract", ["c", "c" * 40, "c" * 200])
def test_a_contract_s_name_may_be_long(envelope, contract):
    key = make_signing_key(envelope, tenant="t", contract=contract, alg="ES256", certified=True, **TIMES)
    assert key.contract == contract


def test_coordinates_keep_their_leading_zeros():
    """RFC 7518 §6.2.1.2: the length of the octet string MUST be the full size of a coordinate."""
    assert base64.urlsafe_b64decode(_number(1, 32) + "=") == bytes(31) + b"\x01"
    assert _number(65537) == "AQAB"


@pytest.mark.parametrize(("purpose", "alg"), [("seal", "AES-SIV"), ("pepper", "HMAC-SHA256")])
def test_a_secret_key_is_sixty_four_random_bytes_for_one_purpose(envelope, purpose, alg):
    one, other = (make_secret_key(envelope, tenant="t", purpose=purpose, **TIMES) for _ in range(2))
    opened = [envelope.open(key.sealed, key_id=key.key_id, purpose=purpose) for key in (one, other)]
    assert [len(material) for material in opened] == [64, 64]
    assert opened[0] != opened[1]
    assert one.key_id != other.key_id
    assert (one.purpose, one.alg, one.public, one.contract) == (purpose, alg, "", "")


def test_no_other_purpose_has_a_secret_key(envelope):
    with pytest.raises(ValueError, match="sign"):
        make_secret_key(envelope, tenant="t", purpose="sign", **TIMES)
