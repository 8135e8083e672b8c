"""The certificate files of a listener: read whole, and judged before anybody is shown them."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from tokenhouse.config.settings import Tls

Authentication = Literal["rsa", "ecdsa"]
"""What OpenSSL calls the way in which a suite proves who the server is."""

_LARGEST_BYTES = 1 << 20
_OPENING = re.compile(rb"^-----BEGIN ([A-Z0-9 ]+)-----\s*$", re.MULTILINE)
_CLOSING = re.compile(rb"^-----END ([A-Z0-9 ]+)-----\s*$", re.MULTILINE)
_KINDS: tuple[tuple[type, Authentication], ...] = (
    (RSAPublicKey, "rsa"),
    (EllipticCurvePublicKey, "ecdsa"),
    (Ed25519PublicKey, "ecdsa"),
)
_READABLE_BY_OTHERS = 0o004


class UnusableCertificate(Exception):
    """A file that TLS needs cannot be used; the text names it and never repeats what is in it."""


@dataclass(frozen=True, slots=True)
class Files:
    """What the files of a listener held at one moment. No ``repr``: the key is among them."""

    certificate: bytes
    key: bytes
    authorities: bytes

    @property
    def digest(self) -> bytes:
        """Return what tells this content from another."""
        parts = (self.certificate, self.key, self.authorities)
        return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).digest()

    def __repr__(self) -> str:
        """Return nothing of the content."""
        return f"<Files {self.digest.hex()[:16]}>"


@dataclass(frozen=True, slots=True)
class Certificate:
    """The server's own certificate, found to fit its key."""

    names: tuple[str, ...]
    thumbprint: str
    not_before: datetime
    not_after: datetime
    authentication: Authentication

    def out_of_time(self, now: datetime) -> str | None:
        """Return why clients refuse it at ``now``, if they do."""
        if now > self.not_after:
            return f"it expired at {self.not_after:%Y-%m-%d %H:%M} UTC"
        if now < self.not_before:
            return f"it is not valid before {self.not_before:%Y-%m-%d %H:%M} UTC"
        return None


def thumbprint(der: bytes) -> str:
    """Return the SHA-256 thumbprint of a certificate as tokens carry it.

    Spec: RFC 8705 §3.1 (x5t#S256).
    """
    return base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()


def read_files(tls: Tls) -> Files:
    """Read what ``tls`` names.

    Raises:
        UnusableCertificate: a file is not there, cannot be read, or is too large.

    """
    certificate, key = _named(tls)
    return Files(_read(certificate), _read(key), _read(tls.client_authorities) if tls.client_authorities else b"")


def judge(tls: Tls, files: Files) -> Certificate:
    """Return the certificate that the files hold, if they are PEM and fit each other; its time is not looked at.

    Raises:
        UnusableCertificate: they cannot be used, and why.

    """
    certificate, key = _named(tls)
    chain = _certificates(certificate, files.certificate)
    owners = [_written(_public_key(certificate, each)) for each in chain]
    mine = _written(_private_key(key, files.key))
    if mine != owners[0]:
        why = f"does not match the first certificate in {certificate}"
        later = "; the server's own certificate must come before the intermediate ones" if mine in owners else ""
        raise UnusableCertificate(f"{key}: the key {why}{later}")
    return Certificate(
        names=tuple(_names(chain[0])),
        thumbprint=thumbprint(chain[0].public_bytes(Encoding.DER)),
        not_before=chain[0].not_valid_before_utc,
        not_after=chain[0].not_valid_after_utc,
        authentication=_authentication(certificate, chain[0]),
    )


def authorities(tls: Tls, files: Files) -> bytes:
    """Return the certificates of the authorities in DER, one after the other; empty where no client is asked.

    Raises:
        UnusableCertificate: they are none.

    """
    if tls.client_authorities is None:
        return b""
    found = _certificates(tls.client_authorities, files.authorities)
    return b"".join(each.public_bytes(Encoding.DER) for each in found)


def is_exposed(tls: Tls) -> bool:
    """Return whether everybody on this machine may read the key."""
    try:
        return bool(_named(tls)[1].stat().st_mode & _READABLE_BY_OTHERS)
    except OSError:  # it is gone by now, or its folder is closed
        return False


def _named(tls: Tls) -> tuple[Path, Path]:
    if tls.certificate is None or tls.key is None:
        raise UnusableCertificate("a certificate and its key belong together")
    return tls.certificate, tls.key


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST_BYTES + 1)
    except OSError as error:
        raise UnusableCertificate(f"{path}: {error.strerror}") from None
    if len(raw) > _LARGEST_BYTES:
        raise UnusableCertificate(f"{path}: larger than 1 MiB")
    return raw


def _certificates(path: Path, raw: bytes) -> list[x509.Certificate]:
    """Return all certificates of a file; half a block, as of a file that is being written, is none."""
    if _OPENING.findall(raw) != _CLOSING.findall(raw):
        raise UnusableCertificate(f"{path}: a PEM block is not closed")
    try:
        return x509.load_pem_x509_certificates(raw)
    except (ValueError, x509.InvalidVersion):
        raise UnusableCertificate(f"{path}: not a certificate in PEM") from None


def _private_key(path: Path, raw: bytes) -> PublicKeyTypes:
    """Return the public half of the key in a file."""
    try:
        return load_pem_private_key(raw, password=None).public_key()
    except TypeError:
        raise UnusableCertificate(f"{path}: the key is encrypted, and nobody is there to give its password") from None
    except (ValueError, UnsupportedAlgorithm):
        raise UnusableCertificate(f"{path}: not a private key in PEM") from None


def _public_key(path: Path, certificate: x509.Certificate) -> PublicKeyTypes:
    try:
        return certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise UnusableCertificate(f"{path}: a certificate for a kind of key that nobody knows") from None


def _authentication(path: Path, certificate: x509.Certificate) -> Authentication:
    key = _public_key(path, certificate)
    for kind, authentication in _KINDS:
        if isinstance(key, kind):
            return authentication
    raise UnusableCertificate(f"{path}: TLS needs an RSA, ECDSA or Ed25519 key")


def _written(key: PublicKeyTypes) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _names(certificate: x509.Certificate) -> Iterator[str]:
    try:
        alternatives = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType, ValueError):
        return
    yield from alternatives.get_values_for_type(x509.DNSName)
    yield from map(str, alternatives.get_values_for_type(x509.IPAddress))
