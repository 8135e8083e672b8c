"""The sample resource server is run as it is meant to be: as a process of its own, with an issuer beside it."""

import contextlib
import inspect
import json
import signal
import socket
import subprocess
import sys
import time

import pytest

from tokenhouse_verify import sample


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def process(call, issuer: str, jwks: str):
    port = free_port()
    command = [sys.executable, "-W", "error", "-m", "tokenhouse_verify.sample"]
    server = subprocess.Popen([*command, "--issuer", issuer, "--jwks", jwks, "--port", str(port)])
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(500):
            assert server.poll() is None
            with contextlib.suppress(ConnectionError):
                call(url + "/product")
                break
            time.sleep(0.02)
        yield url
    finally:
        server.send_signal(signal.SIGINT)  # as Ctrl-C does
        assert server.wait(10) == 0


def test_a_server_of_its_own(call, scripted, http_answer, rsa_issuer):
    with (
        scripted([http_answer(json.dumps(rsa_issuer.jwks()).encode())]) as keys,
        process(call, rsa_issuer.url, keys.url) as url,
    ):
        assert call(url + "/product").status == 200
        good = ("Authorization", "Bearer " + rsa_issuer.token(scope=["theApi"], sub=None))
        answer = call(url + "/product/get?id=1", good)
        assert (answer.status, answer.body) == (200, b"Ok!You successfully caught me. The Id is 1")
        assert answer.headers["content-type"].startswith("text/plain")

        html = call(url + "/product/get?id=%3Cscript%3E", good)
        assert html.body.endswith(b"The Id is <script>")
        assert html.headers["content-type"].startswith("text/plain")
        assert html.headers["x-content-type-options"] == "nosniff"
        assert call(url + "/product/get?id=%ff%ed%a0%80", good).status == 200
        for query in ("", "?id=", "?id=1&id=2", "?ID=1"):
            assert call(url + "/product/get" + query, good).status == 400

        token = rsa_issuer.token()
        for bad in (
            [],
            [("Authorization", token)],
            [("Authorization", "Bearer Bearer " + token)],
            [("Authorization", "Basic " + token)],
            [("Authorization", "Bearer " + rsa_issuer.expired())],
            [("Authorization", "Bearer " + rsa_issuer.wrong_key())],
            [("Authorization", "Bearer " + rsa_issuer.token(iss="http://127.0.0.1:8400"))],
            [("Authorization", "Bearer " + token[:-1])],
            [("Authorization", "Bearer opaque")],
            [good, good],
        ):
            answer = call(url + "/product/get?id=1", *bad)
            assert (answer.status, answer.body) == (401, b"401")
            assert answer.headers["www-authenticate"].startswith("Bearer ")
        assert call(url + "/product/get").status == 401
        assert call(url + "/product/", good).status in {307, 404}
        assert call(url + "/other", good).status == 404
        assert len(keys.requests) == 1


def test_without_keys_a_new_token_would_not_help(call, rsa_issuer):
    with process(call, rsa_issuer.url, "http://127.0.0.1:1/jwks") as url:
        assert call(url + "/product").status == 200
        answer = call(url + "/product/get?id=1", ("Authorization", "Bearer " + rsa_issuer.token()))
    assert (answer.status, answer.body) == (503, b"503")


@pytest.mark.parametrize("arguments", [[], ["--issuer", "a"], ["--issuer", "a", "--jwks", "http://id.test/jwks"]])
def test_a_wrong_command_line_starts_nothing(arguments):
    command = [sys.executable, "-m", "tokenhouse_verify.sample", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert ended.returncode != 0


def test_it_is_short():
    assert len(inspect.getsource(sample).splitlines()) < 40
