"""The second sample is run as it is meant to be: as a process of its own, with an issuer beside it."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from urllib.parse import parse_qs

import pytest

from tokenhouse_verify import sample_contract

CONTRACT = {
    "contract": "acme",
    "ways": [
        {"token": [{"header": "authorization", "scheme": "bearer"}]},
        {"client_id": [{"header": "appid"}], "client_secret": [{"header": "appsecret"}]},
        {"device_key": [{"header": "devicekey"}]},
    ],
    "errors": {
        "bad_token": {"status": 401, "headers": {"content-type": "application/json"}, "body": '{"code":4001}'},
        "server_error": {"status": 503, "headers": {}, "body": "later"},
    },
}
ANSWERS = {
    ("access_token", "the-token", None): {"token_type": "Bearer", "sub": "alice", "client_id": "app", "scope": "a"},
    ("client_secret", "the-secret", "app"): {"token_type": "client_secret", "sub": "app", "client_id": "app"},
    ("device_key", "the-key", None): {"token_type": "device_key", "device": "lamp"},
}


class Issuer:
    """Metadata and introspection, on a port."""

    def __init__(self) -> None:
        self.url = ""
        self.asked = 0

    async def __call__(self, scope, receive, send):
        if scope["path"] == "/introspect":
            form = {name: values[0] for name, values in parse_qs((await receive())["body"].decode()).items()}
            self.asked += 1
            key = (form["token_type_hint"], form["token"], form.get("credential_id"))
            answer = {"active": key in ANSWERS, **ANSWERS.get(key, {})}
        else:
            answer = {"issuer": self.url, "introspection_endpoint": self.url + "/introspect"}
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


COMMAND = [sys.executable, "-W", "error", "-m", "tokenhouse_verify.sample_contract"]
SECRET = {"INTROSPECTION_CLIENT_SECRET": "s3cret"}


@contextlib.contextmanager
def process(call, *arguments: str):
    port = free_port()
    server = subprocess.Popen([*COMMAND, *arguments, "--port", str(port)], env=os.environ | SECRET)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(500):
            assert server.poll() is None
            with contextlib.suppress(ConnectionError):
                call(url + "/")
                break
            time.sleep(0.02)
        yield url
    finally:
        server.send_signal(signal.SIGINT)  # as Ctrl-C does
        assert server.wait(10) == 0


@pytest.fixture
def description(tmp_path):
    path = tmp_path / "acme.json"
    path.write_text(json.dumps(CONTRACT), encoding="utf-8")
    return str(path)


def test_a_server_of_its_own(call, running, description):
    issuer = Issuer()
    with running(issuer) as issuer.url:
        arguments = ("--contract", description, "--issuer", issuer.url, "--client-id", "api")
        with process(call, *arguments) as url:
            assert call(url + "/").status == 200
            who = {
                "kind": "token",
                "client_id": "app",
                "sub": "alice",
                "device": None,
                "scope": ["a"],
                "contract": "acme",
            }
            bearer = ("Authorization", "Bearer the-token")
            assert call(url + "/who", bearer).json == who
            pair = [("appId", "app"), ("appSecret", "the-secret")]
            assert call(url + "/who", *pair).json == who | {"kind": "client_secret", "sub": "app", "scope": []}
            key = ("deviceKey", "the-key")
            assert call(url + "/who", key).json["device"] == "lamp"
            assert call(url + "/devices/lamp", key).json == {"device": "lamp"}
            assert call(url + "/devices/other", bearer).json == {"device": "other"}
            asked = issuer.asked
            assert call(url + "/who", key).status == 200
            for bad in (
                [],
                [("Authorization", "Bearer wrong")],
                [("appId", "app")],
                [("appId", "app"), ("appSecret", "wrong")],
                [("appId", "other"), ("appSecret", "the-secret")],
                [("deviceKey", "the-token")],
            ):
                answer = call(url + "/who", *bad)
                assert (answer.status, answer.json) == (401, {"code": 4001})
            assert call(url + "/devices/other", key).json == {"code": 4001}
            assert issuer.asked == asked + 4
            assert call(url + "/who", bearer, key).status == 400
            assert call(url + "/counts").json == {"acme": 11}


def test_without_its_issuer_nobody_is_let_in(call, description):
    with process(call, "--contract", description, "--issuer", "http://127.0.0.1:1", "--client-id", "api") as url:
        answer = call(url + "/who", ("deviceKey", "the-key"))
    assert (answer.status, answer.body, answer.headers["retry-after"]) == (503, b"later", "2")


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (["--issuer", "http://127.0.0.1:1", "--client-id", "api"], SECRET),
        (["--contract", "-", "--issuer", "http://127.0.0.1:1", "--client-id", "api"], {}),
        (["--contract", "-", "--issuer", "http://127.0.0.1:1", "--client-id", "api"], SECRET),
        (["--contract", "-", "--client-id", "api"], SECRET),
    ],
)
def test_a_wrong_command_line_starts_nothing(arguments, environment):
    ended = subprocess.run(
        [*COMMAND, *arguments],
        env=os.environ | environment,
        input="{}",
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert ended.returncode != 0


def test_it_says_what_it_takes():
    for word in ("--contract", "--issuer", "--client-id", "--port", *SECRET):
        assert word in sample_contract.__doc__
