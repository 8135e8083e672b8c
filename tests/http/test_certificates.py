"""Certificate files: what is wrong with them is said by name, and nothing of a key is ever repeated."""

from __future__ import annotations

import base64
import hashlib
import os
import ssl
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ed448
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.config.settings import Tls
from tokenhouse.http.certificates import (
    Files,
    UnusableCertificate,
    is_exposed,
    judge,
    read_files,
    thumbprint,
)
from tokenhouse.http.certificates import (
    authorities as accepted,
)


def judged(tls):
    return judge(tls, read_files(tls))


@pytest.mark.parametrize(("kind", "authentication"), [("RSA", "rsa"), ("ECDSA", "ecdsa")])
def test_a_pair_that_fits_is_described(new_pair, kind, authentication):
    times = {"not_before": datetime(2026, 1, 1, tzinfo=UTC), "not_after": datetime(2027, 1, 1, tzinfo=UTC)}
    tls = new_pair(kind, times=times)
    found = judged(tls)
    der = x509.load_pem_x509_certificates(tls.certificate.read_bytes())[0].public_bytes(Encoding.DER)
    assert (found.names, found.authentication) == (("localhost", "127.0.0.1"), authentication)
    assert (found.not_before, found.not_after) == (times["not_before"], times["not_after"])
    assert found.thumbprint == base64.urlsafe_b64encode(hashlib.sha256(der).digest()).decode().rstrip("=")


def test_the_time_of_a_certificate(new_pair):
    times = {"not_before": datetime(2026, 1, 1, tzinfo=UTC), "not_after": datetime(2027, 1, 1, tzinfo=UTC)}
    found = judged(new_pair(times=times))
    assert found.out_of_time(datetime(2026, 6, 1, tzinfo=UTC)) is None
    assert found.out_of_time(datetime(2025, 12, 31, tzinfo=UTC)) == "it is not valid before 2026-01-01 00:00 UTC"
    assert found.out_of_time(datetime(2027, 1, 2, tzinfo=UTC)) == "it expired at 2027-01-01 00:00 UTC"


def test_both_may_be_in_one_file(new_pair):
    tls = new_pair()
    tls.certificate.write_bytes(tls.key.read_bytes() + tls.certificate.read_bytes())
    assert judged(msgspec.structs.replace(tls, key=tls.certificate)).names[0] == "localhost"


def missing(tls):
    tls.certificate.unlink()


def folder(tls):
    tls.key.unlink()
    tls.key.mkdir()


def huge(tls):
    tls.certificate.write_bytes(b"x" * ((1 << 20) + 1))


def empty(tls):
    tls.certificate.write_bytes(b"")


def der(tls):
    certificate = x509.load_pem_x509_certificates(tls.certificate.read_bytes())[0]
    tls.certificate.write_bytes(certificate.public_bytes(Encoding.DER))


def swapped(tls):
    certificate, key = tls.certificate.read_bytes(), tls.key.read_bytes()
    tls.certificate.write_bytes(key)
    tls.key.write_bytes(certificate)


def half(tls):
    tls.certificate.write_bytes(tls.certificate.read_bytes() * 2)
    tls.certificate.write_bytes(tls.certificate.read_bytes()[:-40])


def encrypted(tls):
    key = load_pem_private_key(tls.key.read_bytes(), None)
    protection = BestAvailableEncryption(b"a password")
    tls.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection))


def no_key(tls):
    tls.key.write_bytes(b"-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n")


def changed(tls, before, after):
    """Write one certificate with other bytes in it; what it says is judged before anybody verifies it."""
    der = x509.load_pem_x509_certificates(tls.certificate.read_bytes())[0].public_bytes(Encoding.DER)
    assert bytes.fromhex(before) in der
    tls.certificate.write_text(ssl.DER_cert_to_PEM_cert(der.replace(bytes.fromhex(before), bytes.fromhex(after), 1)))


def of_no_version(tls):
    changed(tls, "a003020102", "a003020103")


@pytest.mark.parametrize(
    ("spoil", "culprit", "why"),
    [
        (missing, "certificate", "No such file or directory"),
        (folder, "key", "Is a directory"),
        (huge, "certificate", "larger than 1 MiB"),
        (empty, "certificate", "not a certificate in PEM"),
        (der, "certificate", "not a certificate in PEM"),
        (of_no_version, "certificate", "not a certificate in PEM"),
        (swapped, "certificate", "not a certificate in PEM"),
        (half, "certificate", "a PEM block is not closed"),
        (encrypted, "key", "the key is encrypted"),
        (no_key, "key", "not a private key in PEM"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_file(new_pair, spoil, culprit, why):
    tls = new_pair()
    spoil(tls)
    with pytest.raises(UnusableCertificate) as caught:
        judged(tls)
    assert str(caught.value).startswith(f"{getattr(tls, culprit)}: ")
    assert why in str(caught.value)
    assert "c2VjcmV0" not in str(caught.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable to root")
def test_a_file_that_may_not_be_read_is_named(new_pair):
    tls = new_pair()
    tls.key.chmod(0)
    with pytest.raises(UnusableCertificate, match="Permission denied"):
        read_files(tls)


def test_a_key_of_another_certificate_is_told_from_one_in_the_wrong_order(new_pair):
    tls, other = new_pair(), new_pair(name="other")
    alien = msgspec.structs.replace(tls, key=other.key)
    with pytest.raises(UnusableCertificate, match=r"does not match the first certificate in \S+$"):
        judged(alien)
    tls.certificate.write_bytes(other.certificate.read_bytes() + tls.certificate.read_bytes())
    with pytest.raises(UnusableCertificate, match="must come before the intermediate ones"):
        judged(tls)


def test_a_pair_is_named_whole():
    with pytest.raises(UnusableCertificate, match="belong together"):
        read_files(Tls(certificate=Path("a.pem")))


def signed_by_itself(key, algorithm):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "old")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2040, 1, 1, tzinfo=UTC))
    )
    return builder.sign(key, algorithm).public_bytes(Encoding.PEM)


@pytest.mark.parametrize("kind", ["dsa", "ed448"])
def test_a_key_that_tls_does_not_serve_is_refused(new_pair, kind):
    tls = new_pair()
    key = dsa.generate_private_key(1024) if kind == "dsa" else ed448.Ed448PrivateKey.generate()
    tls.certificate.write_bytes(signed_by_itself(key, SHA256() if kind == "dsa" else None))
    tls.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(UnusableCertificate, match="RSA, ECDSA or Ed25519"):
        judged(tls)


def test_a_certificate_for_a_kind_of_key_that_nobody_knows_is_refused(new_pair):
    tls = new_pair()
    changed(tls, "2a8648ce3d0201", "2a8648ce3d0209")
    with pytest.raises(UnusableCertificate, match="nobody knows"):
        judged(tls)


def test_a_certificate_without_names_has_none(new_pair):
    tls = new_pair()
    key = load_pem_private_key(tls.key.read_bytes(), None)
    tls.certificate.write_bytes(signed_by_itself(key, SHA256()))
    assert judged(tls).names == ()


def test_names_that_are_given_twice_are_none(new_pair):
    tls = new_pair()
    changed(tls, "0603551d23", "0603551d11")  # the authority's key id becomes a second list of names
    assert judged(tls).names == ()


def test_authorities_may_have_words_around_them(new_pair, authorities, tmp_path):
    pems = [authority.cert_pem.bytes() for authority in authorities.values()]
    path = tmp_path / "ca.pem"
    path.write_bytes("für Geräte\n".encode() + pems[0] + b"and\n" + pems[1])
    tls = new_pair(client_certificates="required", client_authorities=path)
    assert read_authorities(tls) == b"".join(
        x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER) for pem in pems
    )


def read_authorities(tls):
    return accepted(tls, read_files(tls))


def test_authorities_that_are_none_are_named(new_pair, tmp_path):
    path = tmp_path / "ca.pem"
    path.write_text("nobody")
    with pytest.raises(UnusableCertificate, match=r"ca.pem: not a certificate in PEM"):
        read_authorities(new_pair(client_certificates="optional", client_authorities=path))
    with pytest.raises(UnusableCertificate, match=r"none.pem: No such file"):
        read_authorities(new_pair(client_certificates="optional", client_authorities=tmp_path / "none.pem"))
    assert read_authorities(new_pair()) == b""


@pytest.mark.parametrize(("mode", "exposed"), [(0o600, False), (0o640, False), (0o644, True), (0o604, True)])
def test_a_key_that_everybody_reads_is_noticed(new_pair, mode, exposed):
    tls = new_pair()
    tls.key.chmod(mode)
    assert is_exposed(tls) is exposed


def test_a_key_that_is_gone_is_not_exposed(new_pair):
    tls = new_pair()
    tls.key.unlink()
    assert not is_exposed(tls)


_CONTENT = st.builds(Files, st.binary(max_size=9), st.binary(max_size=9), st.binary(max_size=9))


@given(_CONTENT, _CONTENT)
def test_a_digest_tells_contents_apart(one, other):
    assert (one.digest == other.digest) == (one == other)


def test_files_do_not_show_what_they_hold():
    assert "secret" not in repr(Files(b"a", b"secret", b""))


def test_a_thumbprint_is_as_in_tokens():
    """Spec: RFC 8705 §3.1."""
    assert thumbprint(b"") == "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
