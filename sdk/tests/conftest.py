"""Real servers on free ports of the loopback, and issuers made once."""

from __future__ import annotations

import contextlib
import http.client
import json
import socketserver
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from hypothesis import HealthCheck, settings
from starlette.types import ASGIApp

from tokenhouse_verify.testing import Issuer

# The same examples everywhere; the tables of Unicode are built on first use, which is slow and says nothing of a test.
settings.register_profile("house", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


class Clock:
    """Seconds that pass when told to."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def call(url: str, *headers: tuple[str, str]) -> Answer:
    """GET with exactly these headers, repeated ones included."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    with contextlib.closing(connection):
        connection.putrequest("GET", f"{parts.path}?{parts.query}" if parts.query else parts.path)
        for name, value in headers:
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())


@contextlib.contextmanager
def running(app: ASGIApp) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@contextlib.contextmanager
def scripted(pieces: Sequence[bytes], pause: float = 0.0, wrap: Callable[[Any], Any] = lambda s: s) -> Iterator[Any]:
    """A server that answers every request with the same bytes, however wrong; ``requests`` holds what came."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError):
                connection = wrap(self.request)
                connection.settimeout(2)
                received = b""
                while b"\r\n\r\n" not in received:
                    received += connection.recv(65536) or b"\r\n\r\n"
                self.server.requests.append(received)  # type: ignore[attr-defined]
                for piece in pieces:
                    connection.sendall(piece)
                    time.sleep(pause)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.requests = []  # type: ignore[attr-defined]
        server.url = f"http://127.0.0.1:{server.server_address[1]}/"  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def http_answer(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture(scope="session")
def rsa_issuer() -> Issuer:
    return Issuer("http://127.0.0.1:5006", audience=None, alg="RS256")


@pytest.fixture(name="running", scope="session")
def running_fixture() -> Any:
    return running


@pytest.fixture(name="scripted", scope="session")
def scripted_fixture() -> Any:
    return scripted


@pytest.fixture(name="http_answer", scope="session")
def http_answer_fixture() -> Any:
    return http_answer


@pytest.fixture(name="call", scope="session")
def call_fixture() -> Any:
    return call
