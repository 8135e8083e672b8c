import http.server
import threading
from typing import ClassVar

import pytest

from tokenhouse.cli.demo.data import TokenWish
from tokenhouse.cli.demo.fetching import fetch_token, is_ready
from tokenhouse.cli.failures import Exit, Failure

ASKED = TokenWish(client_id="x", secret="y", scope="a")


@pytest.fixture
def site():
    """A server that answers what it is told to, and remembers what it was sent."""

    class Handler(http.server.BaseHTTPRequestHandler):
        answer = (200, b"{}")
        got: ClassVar[list[tuple[str, str | None, bytes]]] = []

        def do_GET(self):
            self.do_POST()

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.got.append((self.path, self.headers.get("Authorization"), body))
            self.send_response(self.answer[0])
            self.send_header("Content-Length", str(len(self.answer[1])))
            self.end_headers()
            self.wfile.write(self.answer[1])

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", Handler
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_token_is_asked_for_as_the_demos_client(site):
    url, handler = site
    handler.answer = (200, b'{"access_token":"t"}')
    assert fetch_token(url, ASKED) == "t"
    assert handler.got == [("/oauth2/token", "Basic eDp5", b"grant_type=client_credentials&scope=a")]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"[]", Exit.FAILURE),
        (b'{"error":"x"}', Exit.FAILURE),
        (b'{"access_token":1}', Exit.FAILURE),
        (b"no", Exit.UNREACHABLE),
    ],
)
def test_another_server_gives_none(site, answer, code):
    url, handler = site
    handler.answer = (400, answer)
    with pytest.raises(Failure) as caught:
        fetch_token(url, ASKED)
    assert caught.value.exit_code == code


@pytest.mark.parametrize("url", ["ftp://x", "https://127.0.0.1", "x", ""])
def test_the_demo_is_at_an_http_url(url):
    with pytest.raises(Failure) as caught:
        fetch_token(url, ASKED)
    assert caught.value.exit_code == Exit.USAGE


def test_readiness(site):
    url, handler = site
    assert is_ready(url)
    handler.answer = (503, b"")
    assert not is_ready(url)
    assert not is_ready("http://127.0.0.1:1")
