import http.server
import threading
from functools import partial

import pytest

from tokenhouse.cli.failures import Exit, Failure
from tokenhouse.cli.key_sets import own_keys, read_keys
from tokenhouse.cli.session import Session


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def site(tmp_path):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_set_comes_from_a_file_or_an_address(site, tmp_path):
    (tmp_path / "jwks.json").write_text('{"keys":[{"kid":"a"}]}')
    assert read_keys("jwks.json") == [{"kid": "a"}]
    assert read_keys(f"{site}/jwks.json") == [{"kid": "a"}]


@pytest.mark.parametrize("text", ["", "[]", '{"keys":{}}', '{"keys":[1]}', "[" * 100_000])
def test_what_is_no_set(tmp_path, text):
    (tmp_path / "jwks.json").write_text(text)
    with pytest.raises(Failure, match="is no JWK set"):
        read_keys("jwks.json")


def test_what_cannot_be_had(site):
    with pytest.raises(Failure, match="cannot read nothing"):
        read_keys("nothing")
    with pytest.raises(Failure, match="cannot fetch") as caught:
        read_keys(f"{site}/nothing")
    assert caught.value.exit_code == Exit.UNREACHABLE
    with pytest.raises(Failure, match="cannot fetch"):
        read_keys("http://127.0.0.1:1/")
    with pytest.raises(Failure, match="cannot fetch"):
        read_keys("http://127.0.0.1:port/")


def test_the_local_servers_keys(place):
    keys = own_keys(Session(config_path=place.config))
    assert {key["alg"] for key in keys} == {"ES256", "RS256"}
    assert own_keys(Session(config_path=place.directory / "nothing.toml")) is None
