import contextlib
import datetime as dt
import json
import socket
import ssl
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tokenhouse_verify.fetch import MAX_ANSWER_BYTES, FetchError, answering, fetch_object, require_safe_url

GOOD = {"keys": []}


def test_a_good_answer(scripted, http_answer):
    with scripted([http_answer(json.dumps(GOOD).encode())]) as server:
        assert fetch_object(server.url) == GOOD
    assert server.requests[0].startswith(b"GET / HTTP/1.1\r\n")
    assert b"Accept: application/json\r\n" in server.requests[0]


def test_a_form_is_posted_with_the_headers_given(scripted, http_answer):
    with scripted([http_answer(b"{}")]) as server:
        assert fetch_object(server.url, form={"token": "a b&c"}, headers={"Authorization": "Basic x"}) == {}
    assert server.requests[0].startswith(b"POST / HTTP/1.1\r\n")
    assert b"Authorization: Basic x\r\n" in server.requests[0]
    assert b"Content-Type: application/x-www-form-urlencoded\r\n" in server.requests[0]


def test_a_chunked_answer(scripted):
    with scripted(
        [b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{"a"\r\n3\r\n:1}\r\n0\r\n\r\n']
    ) as server:
        assert fetch_object(server.url) == {"a": 1}


def test_the_limit_of_the_size(scripted, http_answer):
    for size, is_good in [(MAX_ANSWER_BYTES, True), (MAX_ANSWER_BYTES + 1, False)]:
        body = b"{}".ljust(size)
        with (
            scripted([http_answer(body)]) as server,
            contextlib.nullcontext() if is_good else pytest.raises(FetchError),
        ):
            assert fetch_object(server.url) == {}


def test_an_answer_without_end_is_cut_off(scripted):
    with (
        scripted([b"HTTP/1.1 200 OK\r\n\r\n", *[b" " * 65536] * 50]) as server,
        pytest.raises(FetchError, match="64 KiB"),
    ):
        fetch_object(server.url)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 500 Oops\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 203 Non-Authoritative\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"a":1,"a":2}',
        b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"a":1',
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n{}",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70000 + b"\r\n\r\n{}",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n{}",
        b"",
        b"\x00\x16\x03",
    ],
)
def test_any_other_answer_is_none(scripted, answer):
    with scripted([answer]) as server, pytest.raises(FetchError):
        fetch_object(server.url)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(scripted, http_answer, status):
    with scripted([http_answer(b'{"from":"elsewhere"}')]) as elsewhere:
        answer = http_answer(b"", f"{status} Go", f"Location: {elsewhere.url}")
        with scripted([answer]) as server, pytest.raises(FetchError, match=str(status)):
            fetch_object(server.url)
        assert elsewhere.requests == []


def test_a_silent_server_is_left(scripted):
    began = time.perf_counter()
    with scripted([b""], pause=0.5) as server, pytest.raises(FetchError):
        fetch_object(server.url, timeout_seconds=0.1)
    assert time.perf_counter() - began < 2


def test_a_server_that_drips_is_left(scripted):
    began = time.perf_counter()
    drops = [b"HTTP/1.1 200 OK\r\n\r\n", *[b" "] * 40]
    with scripted(drops, pause=0.05) as server, pytest.raises(FetchError, match="too slow"):
        fetch_object(server.url, timeout_seconds=0.2)
    assert time.perf_counter() - began < 1.5


def test_nobody_there():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
        with pytest.raises(FetchError):
            fetch_object(url)


def test_a_proxy_is_not_asked_for_this_machine(scripted, http_answer, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with scripted([http_answer(b"{}")]) as server:
        assert fetch_object(server.url) == {}


def test_a_certificate_that_nobody_signed_is_refused(scripted, http_answer, tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + dt.timedelta(days=1))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    pem = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    pem += key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "pair.pem").write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "pair.pem")

    def tls(raw):
        return context.wrap_socket(raw, server_side=True)

    with scripted([http_answer(b"{}")], wrap=tls) as server:
        with pytest.raises(FetchError):
            fetch_object(server.url.replace("http://127.0.0.1", "https://localhost"))
        assert server.requests == []


def test_other_addresses_go_through_the_usual_opener():
    with pytest.raises(FetchError):
        fetch_object("https://0.0.0.0:1/jwks", timeout_seconds=0.5)


@pytest.mark.parametrize(
    "url",
    [
        "https://id.test/jwks",
        "https://[2001:db8::1]/",
        "http://127.0.0.1:8400/x",
        "http://[::1]:1/",
        "http://localhost",
    ],
)
def test_urls_that_are_safe(url):
    assert require_safe_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "id.test",
        "http://id.test/",
        "http://localhost.id.test/",
        "http://127.0.0.1.id.test/",
        "http://127.0.0.1@id.test/",
        "https://user:pw@id.test/",
        "https://",
        "https:///jwks",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "http://10.0.0.1/",
        "http://0.0.0.0/",
        "http://[::/",
    ],
)
def test_urls_that_are_not(url):
    with pytest.raises(ValueError):  # noqa: PT011 - urllib has messages of its own
        require_safe_url(url)


def test_somebody_in_this_process_may_answer():
    said = []

    def answer(path, form):
        said.append((path, dict(form)))
        return b'{"a": 1}' if path == "/good" else b"[]"

    with answering("http://127.0.0.1:1", answer):
        assert fetch_object("http://127.0.0.1:1/good?x", form={"token": "t"}) == {"a": 1}
        with pytest.raises(FetchError, match="not a JSON object"):
            fetch_object("http://127.0.0.1:1/bad")
        with answering("http://127.0.0.1:1", lambda *_: b'{"inner": 1}'):
            assert fetch_object("http://127.0.0.1:1/good") == {"inner": 1}
        assert fetch_object("http://127.0.0.1:1/good") == {"a": 1}
    assert said == [("/good", {"token": "t"}), ("/bad", {}), ("/good", {})]
    with pytest.raises(FetchError):
        fetch_object("http://127.0.0.1:1/good")
