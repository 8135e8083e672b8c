"""Making keys: material, identity, certificate, envelope; one purpose each.

Spec: RFC 7517, RFC 7638 (key ids of standard keys), RFC 7515 §4.1.7 (x5t).
"""

from __future__ import annotations

import hashlib
import os
from datetime import datetime, timedelta
from typing import Any

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tokenhouse.model.records import KeyRecord
from tokenhouse.tokens.envelope import Envelope
from tokenhouse.tokens.signing import base64url

_RSA_BITS = 2048
_CERTIFICATE_LIFE = timedelta(days=3650)
_COMMON_NAME_LENGTH = 64
_SECRET_BYTES = 64

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def make_signing_key(
    envelope: Envelope, *, tenant: str, contract: str, alg: str, now: datetime, activates_at: datetime, certified: bool
) -> KeyRecord:
    """Return a new signing key; ``certified`` ones are named by the thumbprint of a certificate of their own.

    A certificate is for contracts whose token header shows one: `kid` is then the upper-case hex SHA-1 thumbprint
    followed by the algorithm.
    """
    key: PrivateKey = (
        ec.generate_private_key(ec.SECP256R1()) if alg == "ES256" else rsa.generate_private_key(65537, _RSA_BITS)
    )
    members = _public_members(key)
    certificate = _certificate(key, contract, now) if certified else None
    if certificate is None:
        key_id = _thumbprint(members)
        published: dict[str, Any] = {}
    else:
        digest = hashlib.sha1(certificate).digest()  # noqa: S324 -- x5t is a SHA-1 thumbprint by definition
        key_id = digest.hex().upper() + alg
        published = {"x5t": base64url(digest).decode()}
    public = members | {"use": "sig", "alg": alg, "kid": key_id} | published
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return KeyRecord(
        key_id=key_id,
        tenant=tenant,
        contract=contract,
        purpose="sign",
        alg=alg,
        sealed=envelope.close(private, key_id=key_id, purpose="sign"),
        created_at=now,
        activates_at=activates_at,
        public=msgspec.json.encode(public).decode(),
        certificate=certificate,
    )


def make_secret_key(
    envelope: Envelope, *, tenant: str, purpose: str, now: datetime, activates_at: datetime
) -> KeyRecord:
    """Return a new key for sealing or for keyed digests: 64 random bytes."""
    if purpose not in {"seal", "pepper"}:
        msg = f"not a purpose of secret keys: {purpose}"
        raise ValueError(msg)
    key_id = os.urandom(6).hex()
    return KeyRecord(
        key_id=key_id,
        tenant=tenant,
        contract="",
        purpose="seal" if purpose == "seal" else "pepper",
        alg="AES-SIV" if purpose == "seal" else "HMAC-SHA256",
        sealed=envelope.close(os.urandom(_SECRET_BYTES), key_id=key_id, purpose=purpose),
        created_at=now,
        activates_at=activates_at,
    )


def _public_members(key: PrivateKey) -> dict[str, str]:
    if isinstance(key, rsa.RSAPrivateKey):
        rsa_numbers = key.public_key().public_numbers()
        return {"e": _number(rsa_numbers.e), "kty": "RSA", "n": _number(rsa_numbers.n)}
    ec_numbers = key.public_key().public_numbers()
    return {"crv": "P-256", "kty": "EC", "x": _number(ec_numbers.x, 32), "y": _number(ec_numbers.y, 32)}


def _number(value: int, size: int = 0) -> str:
    return base64url(value.to_bytes(size or (value.bit_length() + 7) // 8)).decode()


def _thumbprint(members: dict[str, str]) -> str:
    canonical = msgspec.json.encode(dict(sorted(members.items())))
    return base64url(hashlib.sha256(canonical).digest()).decode()


def _certificate(key: PrivateKey, contract: str, now: datetime) -> bytes:
    common_name = f"Tokenhouse signing key, {contract}"[:_COMMON_NAME_LENGTH]
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + _CERTIFICATE_LIFE)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(Encoding.DER)
