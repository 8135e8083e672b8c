"""TLS of a listener: what is configured is what is spoken, by real stacks over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import ssl
import subprocess
from datetime import UTC, datetime

import pytest
import trustme
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tokenhouse.http import tls as subject
from tokenhouse.http.certificates import UnusableCertificate
from tokenhouse.http.tls import prepare, warnings

OPENSSL = shutil.which("openssl")


@pytest.fixture
def serving():
    """Serve one TLS listener that says what it spoke; yields its port."""

    @contextlib.asynccontextmanager
    async def serving(tls):
        async def answer(reader, writer):
            spoken = writer.get_extra_info("ssl_object")
            shown = spoken.getpeercert(binary_form=True)
            writer.write(f"{spoken.version()} {spoken.cipher()[0]} {bool(shown)}\n".encode())
            with contextlib.suppress(OSError):
                await reader.read()
                writer.close()
                await writer.wait_closed()

        server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=prepare(tls).context)
        async with server:
            yield server.sockets[0].getsockname()[1]

    return serving


def stack(authorities, **limits):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for authority in authorities.values():
        authority.configure_trust(context)
    for name, value in limits.items():
        if name == "ciphers":
            context.set_ciphers(value)
        else:
            setattr(context, name, value)
    return context


@pytest.fixture
def old(authorities):
    """A device of 2014: TLS 1.2 and RSA key exchange, nothing else."""
    return stack(authorities, maximum_version=ssl.TLSVersion.TLSv1_2, ciphers="AES128-SHA:AES256-SHA")


@pytest.fixture
def modern(authorities):
    return stack(authorities, minimum_version=ssl.TLSVersion.TLSv1_3)


async def spoken(port, context):
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="localhost")
    try:
        return (await reader.readline()).decode().split()
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def refused(port, context):
    """A listener that speaks otherwise ends the connection; whether its alert arrives is up to the loop."""
    with contextlib.suppress(ssl.SSLError, ConnectionError):
        return await spoken(port, context) == []
    return True


@pytest.fixture
def for_devices(new_pair):
    return new_pair("RSA", "devices", maximum="1.2", ciphers=("AES128-SHA", "AES256-SHA"))


async def test_old_and_modern_reach_their_own_listener_and_not_the_other(serving, new_pair, for_devices, old, modern):
    async with serving(new_pair(minimum="1.3")) as new_port, serving(for_devices) as old_port:
        assert await spoken(new_port, modern) == ["TLSv1.3", "TLS_AES_256_GCM_SHA384", "False"]
        assert await spoken(old_port, old) == ["TLSv1.2", "AES128-SHA", "False"]
        assert await refused(new_port, old)
        assert await refused(old_port, modern)


async def test_by_default_both_versions_are_spoken_and_no_suite_without_forward_secrecy(
    serving, new_pair, authorities, old, modern
):
    suites = "AES128-SHA:ECDHE-RSA-AES128-SHA256:ECDHE-RSA-AES128-GCM-SHA256"
    twelve = stack(authorities, maximum_version=ssl.TLSVersion.TLSv1_2, ciphers=suites)
    async with serving(new_pair("RSA")) as port:
        assert (await spoken(port, modern))[0] == "TLSv1.3"
        assert (await spoken(port, twelve))[:2] == ["TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256"]
        assert await refused(port, old)


async def test_the_servers_order_of_suites_decides(serving, new_pair, authorities):
    names = ("ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES128-GCM-SHA256")
    client = stack(authorities, maximum_version=ssl.TLSVersion.TLSv1_2, ciphers=":".join(names))
    for order in (names, names[::-1]):
        async with serving(new_pair("RSA", ciphers=order)) as port:
            assert (await spoken(port, client))[1] == order[0]


@pytest.mark.skipif(OPENSSL is None, reason="there is no openssl command")
async def test_openssl_agrees(serving, new_pair, for_devices):
    def ask(port, *options):
        return subprocess.run(
            [str(OPENSSL), "s_client", "-connect", f"127.0.0.1:{port}", *options],
            input=b"", capture_output=True, timeout=20, check=False,
        )  # fmt: skip

    async with serving(new_pair(minimum="1.3")) as new_port, serving(for_devices) as old_port:
        legacy = ("-tls1_2", "-cipher", "AES128-SHA")
        answered = await asyncio.to_thread(ask, old_port, *legacy)
        assert answered.returncode == 0
        assert b"Cipher is AES128-SHA" in answered.stdout
        assert (await asyncio.to_thread(ask, new_port, "-tls1_3")).returncode == 0
        assert (await asyncio.to_thread(ask, new_port, *legacy)).returncode != 0
        assert (await asyncio.to_thread(ask, old_port, "-tls1_3")).returncode != 0


def test_a_client_cannot_renegotiate(new_pair):
    assert prepare(new_pair()).context.options & ssl.OP_NO_RENEGOTIATION


@pytest.fixture
def asking(new_pair, authorities, tmp_path):
    """A listener that asks for certificates of the ECDSA authority."""

    def asking(mode):
        accepted = tmp_path / "ca.pem"
        authorities["ECDSA"].cert_pem.write_to_path(accepted)
        return new_pair(client_certificates=mode, client_authorities=accepted)

    return asking


@pytest.fixture
def showing(authorities):
    """Return a modern client that shows a certificate."""

    def showing(authority, **times):
        context = stack(authorities, minimum_version=ssl.TLSVersion.TLSv1_3)
        authority.issue_cert("device-1", **times).configure_cert(context)
        return context

    return showing


async def test_a_certificate_may_be_optional(serving, asking, authorities, showing, modern):
    async with serving(asking("optional")) as port:
        assert (await spoken(port, modern))[2] == "False"
        assert (await spoken(port, showing(authorities["ECDSA"])))[2] == "True"
        assert await refused(port, showing(authorities["RSA"]))


async def test_a_certificate_may_be_required(serving, asking, authorities, showing, modern):
    async with serving(asking("required")) as port:
        assert await refused(port, modern)
        assert await refused(port, showing(authorities["RSA"]))
        assert await refused(port, showing(authorities["ECDSA"], not_after=datetime(2020, 1, 1, tzinfo=UTC)))
        assert (await spoken(port, showing(authorities["ECDSA"])))[2] == "True"


async def test_nobody_is_asked_by_default(serving, new_pair, authorities, showing):
    async with serving(new_pair()) as port:
        assert (await spoken(port, showing(authorities["ECDSA"])))[2] == "False"


async def test_an_authority_may_be_listed_without_its_root(serving, new_pair, authorities, showing, tmp_path):
    below = trustme.CA(parent_cert=authorities["ECDSA"])
    below.cert_pem.write_to_path(tmp_path / "below.pem")
    tls = new_pair(client_certificates="required", client_authorities=tmp_path / "below.pem")
    async with serving(tls) as port:
        assert (await spoken(port, showing(below)))[2] == "True"
        assert await refused(port, showing(authorities["ECDSA"]))


@pytest.mark.parametrize(
    ("ciphers", "why"),
    [
        (("ECDHE-RSA-AES128-GCM-SHA257",), 'no suite "ECDHE-RSA-AES128-GCM-SHA257"'),
        (("NULL-SHA",), "no suite"),
        (("ADH-AES128-SHA",), "no suite"),
        (("AES128-SHA", "DHE-RSA-AES128-SHA"), 'no suite "DHE-RSA-AES128-SHA"'),
        (("ALL",), "no suite"),
        (("ECDHE-ECDSA-AES128-GCM-SHA256",), "none of tls.ciphers goes with a certificate for an RSA key"),
        (("AES128-SHA", "@SECLEVEL=3"), "ee key too small"),
    ],
)
def test_suites_that_cannot_be_served_are_refused(new_pair, ciphers, why):
    with pytest.raises(UnusableCertificate) as caught:
        prepare(new_pair("RSA", maximum="1.2", ciphers=ciphers))
    assert why in str(caught.value)


def weak_pair(new_pair, **settings):
    """Write a pair with a key as short as those of old devices."""
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256

    tls = new_pair("RSA", **settings)
    key = rsa.generate_private_key(65537, 1024)
    name = x509.Name([])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, datetime(2020, 1, 1), datetime(2040, 1, 1))  # noqa: DTZ001 -- the builder takes them so
    tls.certificate.write_bytes(builder.sign(key, SHA256()).public_bytes(Encoding.PEM))
    tls.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return tls


def test_a_weak_key_needs_a_lower_level(new_pair):
    with pytest.raises(UnusableCertificate, match="ee key too small"):
        prepare(weak_pair(new_pair))
    assert prepare(weak_pair(new_pair, ciphers=("@SECLEVEL=1", "AES128-SHA"))).context.minimum_version


def test_files_that_change_meanwhile_are_not_used(new_pair, monkeypatch):
    tls, other = new_pair(), new_pair(name="other")

    def judge_and_change(settings, files):
        found = judged(settings, files)
        shutil.copy(other.certificate, tls.certificate)
        shutil.copy(other.key, tls.key)
        return found

    judged = subject.judge
    monkeypatch.setattr(subject, "judge", judge_and_change)
    with pytest.raises(UnusableCertificate, match="changed while they were read"):
        prepare(tls)


def test_files_that_vanish_meanwhile_are_not_used(new_pair, monkeypatch):
    tls = new_pair()

    def judge_and_remove(settings, files):
        found = judged(settings, files)
        tls.key.unlink()
        return found

    judged = subject.judge
    monkeypatch.setattr(subject, "judge", judge_and_remove)
    with pytest.raises(UnusableCertificate, match="cannot be loaded"):
        prepare(tls)


def test_what_should_be_mended_is_said(new_pair):
    now = datetime(2026, 11, 20, tzinfo=UTC)
    tls = new_pair(times={"not_after": datetime(2026, 1, 1, tzinfo=UTC)})
    tls.key.chmod(0o644)
    expired, exposed = warnings(tls, prepare(tls).certificate, now)
    assert expired == f"{tls.certificate}: clients refuse this certificate: it expired at 2026-01-01 00:00 UTC"
    assert exposed.startswith(f"{tls.key}: everybody")
    sound = new_pair()
    sound.key.chmod(0o600)
    assert list(warnings(sound, prepare(sound).certificate, now)) == []


def test_plain_bytes_are_no_handshake(new_pair):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"GET / HTTP/1.1\r\n\r\n")
        with pytest.raises(ssl.SSLError, match=r"(?i)http request"):
            prepare(new_pair()).context.wrap_socket(ours, server_side=True)
