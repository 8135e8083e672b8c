"""Signing keys as objects, parsed once: a key re-read from text costs a hundred times the signature."""

from __future__ import annotations

import hashlib
from binascii import b2a_base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_private_key

from tokenhouse.model.records import KeyRecord

_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_SHA256 = hashes.SHA256()
_ECDSA = ec.ECDSA(_SHA256, deterministic_signing=True)
"""Deterministic (RFC 6979) as RFC 8725 §3.2 asks; so a repeated answer is the same to the last byte."""
_PKCS1 = padding.PKCS1v15()
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def base64url(data: bytes) -> bytes:
    """Return base64url without padding (RFC 7515 §2)."""
    return b2a_base64(data, newline=False).translate(_URL_SAFE, b"=")


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key ready to sign. ``facts`` is what a contract's header template may say about it."""

    record: KeyRecord
    sign: Callable[[bytes], bytes]
    public: dict[str, Any]
    facts: dict[str, Any]

    @property
    def kid(self) -> str:
        """The key id as published."""
        return self.record.key_id


def parse(record: KeyRecord, private: bytes) -> SigningKey:
    """Return the key of ``record`` from its DER (PKCS #8)."""
    key = load_der_private_key(private, None)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        sign = _es256(key)
    elif isinstance(key, rsa.RSAPrivateKey):
        sign = _rs256(key)
    else:
        msg = f"no signing algorithm for {type(key).__name__}"
        raise TypeError(msg)
    thumbprint = None if record.certificate is None else hashlib.sha1(record.certificate).digest()  # noqa: S324 -- x5t
    facts = {"alg": record.alg, "kid": record.key_id, "thumbprint_sha1": thumbprint}
    return SigningKey(record, sign, msgspec.json.decode(record.public), facts)


def _es256(key: ec.EllipticCurvePrivateKey) -> Callable[[bytes], bytes]:
    def sign(data: bytes) -> bytes:
        r, s = decode_dss_signature(key.sign(data, _ECDSA))
        return r.to_bytes(32) + min(s, _P256_ORDER - s).to_bytes(32)

    return sign


def is_one_spelling(alg: str, signature: bytes) -> bool:
    """Return whether this is the spelling that we sign with; the negative of an ECDSA signature's s is as valid."""
    return alg != "ES256" or int.from_bytes(signature[32:]) <= _P256_ORDER // 2


def _rs256(key: rsa.RSAPrivateKey) -> Callable[[bytes], bytes]:
    def sign(data: bytes) -> bytes:
        return key.sign(data, _PKCS1, _SHA256)

    return sign


def jws(key: SigningKey, header: bytes, claims: bytes) -> str:
    """Return the compact serialisation (RFC 7515 §3.1) of ready-made JSON; key order is the caller's."""
    signed = base64url(header) + b"." + base64url(claims)
    return (signed + b"." + base64url(key.sign(signed))).decode()
