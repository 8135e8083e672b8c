"""TLS of a real `tokenhouse serve`: old devices and modern clients, certificates that change, certificates of clients."""

from __future__ import annotations

import base64
import concurrent.futures
import contextlib
import http.client
import itertools
import json
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from tokenhouse.http.certificates import thumbprint

CONFIGURATION = """\
issuer = "https://id.example.com"

[server]
bind = "127.0.0.1:{modern}"
[server.tls]
certificate = "modern.pem"
key = "modern.key"
minimum = "1.3"

[admin]
bind = "127.0.0.1:{admin}"

[[listener]]
name = "devices"
bind = "127.0.0.1:{devices}"
[listener.tls]
certificate = "devices.pem"
key = "devices.key"
maximum = "1.2"
ciphers = ["AES128-SHA", "AES256-SHA"]

[[listener]]
name = "partners"
bind = "127.0.0.1:{partners}"
[listener.tls]
certificate = "modern.pem"
key = "modern.key"
client_certificates = "required"
client_authorities = "partners.pem"

[[listener]]
name = "plain"
bind = "127.0.0.1:{plain}"

[database]
url = "sqlite:///tokenhouse.db"

[secrets]
key_encryption_key_file = "key-encryption.key"
"""
FORM = "application/x-www-form-urlencoded"


def write_pair(folder: Path, name: str, authority: trustme.CA, kind: str) -> bytes:
    """Write a certificate and its key, the one after the other; return the certificate in DER."""
    leaf = authority.issue_cert("localhost", "127.0.0.1", key_type=trustme.KeyType[kind])
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    certificate.write_bytes(leaf.cert_chain_pems[0].bytes())
    key.touch(0o600)
    key.write_bytes(leaf.private_key_pem.bytes())
    return ssl.PEM_cert_to_DER_cert(leaf.cert_chain_pems[0].bytes().decode())


class Server:
    """A `tokenhouse serve` with three listeners that speak TLS and one that does not."""

    def __init__(self, folder: Path, ports: list[int]) -> None:
        self.folder = folder
        self.modern, self.admin, self.devices, self.partners, self.plain = ports[:5]
        self.printed = folder / "printed.txt"
        self.process: subprocess.Popen[bytes] | None = None
        self.basic = ""

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "tokenhouse", *arguments],
            cwd=self.folder, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    def set_up(self) -> None:
        assert self.command("init").returncode == 0
        ports = {name: getattr(self, name) for name in ("modern", "admin", "devices", "partners", "plain")}
        (self.folder / "tokenhouse.toml").write_text(CONFIGURATION.format(**ports))
        made = self.command("client", "create", "--name", "app", "--grant", "client_credentials", "--json")
        client = json.loads(made.stdout)
        self.basic = base64.b64encode(f"{client['client_id']}:{client['client_secret']}".encode()).decode()

    def start(self, wait: Callable[..., None]) -> None:
        with self.printed.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tokenhouse", "serve"], cwd=self.folder, stdout=output, stderr=subprocess.STDOUT
            )
        wait(self.admin, self.process)

    def hang_up(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGHUP)

    def logged(self, event: str, **having: Any) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.printed.read_text().splitlines() if line.startswith("{")]
        return [line for line in lines if line.get("event") == event and having.items() <= line.items()]

    def wait_logged(self, event: str, count: int, seconds: float = 15, **having: Any) -> list[dict[str, Any]]:
        until = time.monotonic() + seconds
        while len(found := self.logged(event, **having)) < count:
            assert time.monotonic() < until, self.printed.read_text()
            time.sleep(0.01)
        return found

    def connect(self, port: int, context: ssl.SSLContext | None) -> http.client.HTTPConnection:
        if context is None:
            return http.client.HTTPConnection("127.0.0.1", port, timeout=15)
        return http.client.HTTPSConnection("127.0.0.1", port, timeout=15, context=context)

    def ask(self, connection: http.client.HTTPConnection, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Ask for a token on a connection that is kept."""
        given = {"Authorization": f"Basic {self.basic}", "Content-Type": FORM, **headers}
        connection.request("POST", "/oauth2/token", b"grant_type=client_credentials", given)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()

    def token(self, port: int, context: ssl.SSLContext | None, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Ask for a token on a connection of its own."""
        with contextlib.closing(self.connect(port, context)) as connection:
            return self.ask(connection, **headers)

    def shown(self, port: int, context: ssl.SSLContext) -> bytes:
        """Return the certificate that a new connection is shown."""
        with (
            socket.create_connection(("127.0.0.1", port), timeout=15) as raw,
            context.wrap_socket(raw, server_hostname="localhost") as spoken,
        ):
            return spoken.getpeercert(binary_form=True) or b""

    def turns_away(self, port: int, context: ssl.SSLContext) -> bool:
        try:
            self.token(port, context)
        except (ssl.SSLError, ConnectionError, http.client.RemoteDisconnected):
            return True
        return False


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, authorities: dict[str, trustme.CA]) -> Iterator[Server]:
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(5)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        ports = [probe.getsockname()[1] for probe in probes]
    server = Server(tmp_path_factory.mktemp("tls"), ports)
    server.set_up()
    write_pair(server.folder, "modern", authorities["ECDSA"], "ECDSA")
    write_pair(server.folder, "devices", authorities["RSA"], "RSA")
    authorities["ECDSA"].cert_pem.write_to_path(server.folder / "partners.pem")
    yield server
    if server.process is not None and server.process.poll() is None:
        server.process.terminate()
        server.process.wait(40)


@pytest.fixture
def server(served: Server, wait_ready: Callable[..., None]) -> Server:
    """The server, running."""
    if served.process is None or served.process.poll() is not None:
        served.start(wait_ready)
    return served


def trusting(authorities: dict[str, trustme.CA], *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for name in names:
        authorities[name].configure_trust(context)
    return context


@pytest.fixture
def modern(authorities: dict[str, trustme.CA]) -> ssl.SSLContext:
    context = trusting(authorities, "ECDSA", "RSA")
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


@pytest.fixture
def old(authorities: dict[str, trustme.CA]) -> ssl.SSLContext:
    """A device of 2014: TLS 1.2 and RSA alone."""
    context = trusting(authorities, "RSA")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES128-SHA:AES256-SHA")
    return context


def test_an_old_and_a_modern_client_reach_their_listener_and_not_the_others(
    server: Server, modern: ssl.SSLContext, old: ssl.SSLContext
) -> None:
    for port, context in ((server.modern, modern), (server.devices, old)):
        status, headers, body = server.token(port, context)
        assert status == 200
        assert json.loads(body)["token_type"] == "Bearer"
        assert headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    assert server.turns_away(server.modern, old)
    assert server.turns_away(server.devices, modern)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl command")
def test_openssl_gets_its_token_over_a_legacy_suite(server: Server) -> None:
    body = "grant_type=client_credentials"
    request = (
        f"POST /oauth2/token HTTP/1.1\r\nhost: localhost\r\nauthorization: Basic {server.basic}\r\n"
        f"content-type: {FORM}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n{body}"
    )
    command = ["openssl", "s_client", "-quiet", "-tls1_2", "-cipher", "AES128-SHA", "-connect"]

    def ask(port: int) -> bytes:
        done = subprocess.run(
            [*command, f"127.0.0.1:{port}"], input=request.encode(), capture_output=True, timeout=30, check=False
        )
        return done.stdout

    assert ask(server.devices).startswith(b"HTTP/1.1 200")
    assert ask(server.modern) == b""


def test_plain_http_at_a_tls_port_is_no_answer_and_no_alarm(server: Server) -> None:
    for port in (server.modern, server.devices):
        with socket.create_connection(("127.0.0.1", port), timeout=5) as plain:
            plain.sendall(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n")
            with contextlib.suppress(ConnectionError):
                assert not plain.recv(4096).startswith(b"HTTP")
    assert "Traceback" not in server.printed.read_text()
    assert server.logged("request.broke") == []


def test_half_handshakes_keep_nobody_waiting(server: Server, modern: ssl.SSLContext) -> None:
    with contextlib.ExitStack() as stack:
        for number in range(100):
            half = stack.enter_context(socket.create_connection(("127.0.0.1", server.modern)))
            half.sendall(b"\x16\x03\x01\x02\x00\x01"[: number % 6])
        began = time.monotonic()
        assert server.token(server.modern, modern)[0] == 200
        assert time.monotonic() - began < 2


@pytest.mark.parametrize("headers", [{}, {"X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.7"}])
def test_forwarding_headers_of_whoever_change_nothing(
    server: Server, modern: ssl.SSLContext, headers: dict[str, str]
) -> None:
    """Nobody is a trusted proxy here: neither is plain http made https, nor TLS undone, nor an address believed."""
    status, answered, body = server.token(server.plain, None, **headers)
    assert (status, json.loads(body)["error"]) == (403, "invalid_request")
    assert "strict-transport-security" not in answered
    assert server.token(server.modern, modern, **headers | ({"X-Forwarded-Proto": "http"} if headers else {}))[0] == 200
    wrong = {"Authorization": "Basic " + base64.b64encode(b"nobody:wrong").decode()}
    status, answered, _ = server.token(server.modern, modern, **headers, **wrong)
    assert status == 401
    (line,) = server.wait_logged("request.refused", 1, request_id=answered["x-request-id"])
    assert line["source"] == "127.0.0.1"


def test_a_listener_asks_for_certificates(
    server: Server, authorities: dict[str, trustme.CA], modern: ssl.SSLContext
) -> None:
    assert server.turns_away(server.partners, modern)
    authorities["RSA"].issue_cert("stranger").configure_cert(modern)
    assert server.turns_away(server.partners, modern)
    leaf = authorities["ECDSA"].issue_cert("partner")
    leaf.configure_cert(modern)
    assert server.token(server.partners, modern)[0] == 200
    wrong = {"Authorization": "Basic " + base64.b64encode(b"nobody:wrong").decode()}
    _, answered, _ = server.token(server.partners, modern, **wrong)
    (line,) = server.wait_logged("request.refused", 1, request_id=answered["x-request-id"])
    assert line["certificate"] == thumbprint(ssl.PEM_cert_to_DER_cert(leaf.cert_chain_pems[0].bytes().decode()))


def test_twenty_renewals_disturb_nobody(
    server: Server, authorities: dict[str, trustme.CA], modern: ssl.SSLContext
) -> None:
    """New connections, kept ones, and a request that arrives in pieces meanwhile: not one error."""
    done = threading.Event()

    def keep_alive() -> int:
        with contextlib.closing(server.connect(server.modern, modern)) as connection:
            count = 0
            while not done.is_set():
                assert server.ask(connection)[0] == 200
                count += 1
        return count

    def come_and_go() -> int:
        count = 0
        while not done.is_set():
            assert server.token(server.modern, modern)[0] == 200
            count += 1
        return count

    slow = server.connect(server.modern, modern)
    slow.putrequest("POST", "/oauth2/token")
    body = b"grant_type=client_credentials"
    for header in (("Authorization", f"Basic {server.basic}"), ("Content-Type", FORM)):
        slow.putheader(*header)
    slow.putheader("Content-Length", str(len(body)))
    slow.endheaders(body[:5])
    loaded = len(server.logged("certificate.loaded", listener="server"))
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        work = [pool.submit(each) for each in (keep_alive, come_and_go, come_and_go, keep_alive)]
        try:
            for number, kind in zip(range(1, 21), itertools.cycle(("RSA", "ECDSA")), strict=False):
                expected = write_pair(server.folder, "modern", authorities[kind], kind)
                server.hang_up()
                found = server.wait_logged("certificate.loaded", loaded + number, listener="server")
                assert found[-1]["thumbprint"] == thumbprint(expected)
                assert server.shown(server.modern, modern) == expected
        finally:
            done.set()
        counts = [each.result(30) for each in work]
    slow.send(body[5:])
    assert slow.getresponse().status == 200
    slow.close()
    assert min(counts) > 0
    assert server.logged("certificate.rejected", listener="server") == []


def test_what_does_not_fit_is_refused_and_what_does_is_found_without_being_told(
    server: Server, authorities: dict[str, trustme.CA], old: ssl.SSLContext
) -> None:
    before = server.shown(server.devices, old)
    write_pair(server.folder, "devices", authorities["ECDSA"], "ECDSA")  # none of the suites goes with such a key
    (line,) = server.wait_logged("certificate.rejected", 1, listener="devices")
    assert "none of tls.ciphers goes with a certificate for an ECDSA key" in line["why"]
    assert line["kept"] == thumbprint(before)
    assert server.token(server.devices, old)[0] == 200
    assert server.shown(server.devices, old) == before
    after = write_pair(server.folder, "devices", authorities["RSA"], "RSA")
    server.wait_logged("certificate.loaded", 1, listener="devices", thumbprint=thumbprint(after))
    assert server.shown(server.devices, old) == after


def test_a_stop_is_not_held_up_by_idle_connections(server: Server, modern: ssl.SSLContext, stop: Any) -> None:
    with contextlib.closing(server.connect(server.modern, modern)) as idle:
        assert server.ask(idle)[0] == 200
        began = time.monotonic()
        assert stop(server.process) == 0
        assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        ("missing", "modern.pem: No such file or directory"),
        ("not_pem", "modern.pem: not a certificate in PEM"),
        ("other_key", "does not match the first certificate"),
    ],
)
def test_a_server_that_cannot_speak_tls_does_not_start(
    served: Server, authorities: dict[str, trustme.CA], stop: Any, spoil: str, why: str
) -> None:
    if served.process is not None and served.process.poll() is None:
        stop(served.process)
    path = served.folder / "modern.pem"
    write_pair(served.folder, "modern", authorities["ECDSA"], "ECDSA")
    sound = path.read_bytes()
    if spoil == "missing":
        path.unlink()
    else:
        path.write_bytes(b"nothing" if spoil == "not_pem" else (served.folder / "partners.pem").read_bytes())
    done = served.command("serve")
    path.write_bytes(sound)
    assert done.returncode == 78
    assert why in done.stderr
    assert "the listener server cannot speak TLS" in done.stderr
    assert "Traceback" not in done.stderr
