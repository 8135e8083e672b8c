"""Signing keys as objects, parsed once: a key re-read from text costs a hundred times the signature."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_private_key

from tokenhouse.model.records import KeyRecord

_SHA256 = hashes.SHA256()
_ECDSA = ec.ECDSA(_SHA256, deterministic_signing=True)
"""Deterministic (RFC 6979) as RFC 8725 §3.2 asks; so a repeated answer is the same to the last byte."""
_PKCS1 = padding.PKCS1v15()


def base64url(data: bytes) -> bytes:
    """Return base64url without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=")


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
        return r.to_bytes(32) + s.to_bytes(32)

    return sign


def _rs256(key: rsa.RSAPrivateKey) -> Callable[[bytes], bytes]:
    def sign(data: bytes) -> bytes:
        return key.sign(data, _PKCS1, _SHA256)

    return sign


def jws(key: SigningKey, header: bytes, claims: bytes) -> str:
    """Return the compact serialisation (RFC 7515 §3.1) of ready-made JSON; key order is the caller's."""
    signed = base64url(header) + b"." + base64url(claims)
    return (signed + b"." + base64url(key.sign(signed))).decode()
