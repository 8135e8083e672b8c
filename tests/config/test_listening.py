"""Listeners that contradict each other, their TLS or the issuer are found; sound ones pass."""

import re
from pathlib import Path
from typing import Any

import pytest

from tokenhouse.config.faults import CONTRADICTION
from tokenhouse.config.listening import cautions, listening
from tokenhouse.config.loading import load
from tokenhouse.config.settings import Admin, Config, Listener, Server, Tls
from tokenhouse.written.problem import Problems

HTTPS = "https://id.example.com"
PAIR = {"certificate": Path("a.pem"), "key": Path("a.key")}
OPEN = "0.0.0.0:8443"


def server(**tls: Any) -> dict[str, Any]:
    return {"server": Server(bind=OPEN, tls=Tls(**{**PAIR, **tls}))}


def devices(name: str = "devices", bind: str = "0.0.0.0:8444", **tls: Any) -> Listener:
    return Listener(name=name, bind=bind, tls=Tls(**{**PAIR, **tls}))


@pytest.mark.parametrize(
    ("issuer", "settings"),
    [
        (HTTPS, {}),
        (HTTPS, server()),
        (HTTPS, server(minimum="1.3")),
        (HTTPS, server(maximum="1.2", ciphers=("@SECLEVEL=0", "AES128-SHA"))),
        (HTTPS, server(client_certificates="optional", client_authorities=Path("ca.pem"))),
        (HTTPS, {**server(), "listener": (devices(), devices("more", "[::]:8445"))}),
        (HTTPS, {"listener": (Listener(name="plain", bind="127.0.0.1:8500"),)}),
        (HTTPS, {"listener": (devices("a", "127.0.0.1:0"), devices("b", "127.0.0.1:0"))}),
        (HTTPS, {"development": True, "listener": (devices(bind="[::1]:8444"),)}),
        ("http://localhost:8400", {"listener": (Listener(name="plain", bind="localhost:8500"),)}),
    ],
)
def test_sound_listeners_pass(issuer: str, settings: dict[str, Any]) -> None:
    assert list(listening(Config(issuer=issuer, **settings))) == []


@pytest.mark.parametrize(
    ("issuer", "settings", "about", "message"),
    [
        ("http://localhost:1", server(), "issuer", "https issuer"),
        ("http://id.internal", {"development": True, "listener": (devices(bind="[::1]:1"),)}, "issuer", "https issuer"),
        ("http://localhost:1", {"server": Server(bind=OPEN)}, "server.bind", "loopback only"),
        ("http://localhost:1", {"listener": (Listener(name="a", bind=OPEN),)}, "listener.0.bind", "loopback only"),
        (HTTPS, {"development": True, **server()}, "server.bind", "development mode"),
        (HTTPS, {"development": True, "admin": Admin(bind="[::]:1")}, "admin.bind", "development mode"),
        (HTTPS, {"development": True, "listener": (devices(),)}, "listener.0.bind", "development mode"),
        (HTTPS, {"admin": Admin(bind="127.0.0.1:8400")}, "admin.bind", "the admin listener needs"),
        (HTTPS, {"listener": (devices(bind="127.0.0.1:8400"),)}, "listener.0.bind", "address of its own"),
        (HTTPS, {"listener": (devices(), devices("b"))}, "listener.1.bind", "address of its own"),
        (HTTPS, {"listener": (devices(), devices(bind="127.0.0.1:1"))}, "listener.1.name", "already"),
        (HTTPS, {"listener": (devices("admin"),)}, "listener.0.name", "already"),
        (HTTPS, server(key=None), "server.tls.certificate", "needs its key"),
        (HTTPS, server(certificate=None), "server.tls.key", "with a certificate"),
        (HTTPS, {"server": Server(tls=Tls(minimum="1.3"))}, "server.tls.minimum", "with a certificate"),
        (HTTPS, {"listener": (devices(key=None),)}, "listener.0.tls.certificate", "needs its key"),
        (HTTPS, server(minimum="1.3", maximum="1.2"), "server.tls.minimum", "above maximum"),
        (HTTPS, server(minimum="1.3", ciphers=("AES128-SHA",)), "server.tls.ciphers", "rules out"),
        (HTTPS, server(ciphers=("@SECLEVEL=0",)), "server.tls.ciphers", "no suite"),
        (HTTPS, server(client_certificates="required"), "server.tls.client_authorities", "go together"),
        (HTTPS, server(client_authorities=Path("ca")), "server.tls.client_authorities", "go together"),
    ],
)
def test_a_contradiction_is_found(issuer: str, settings: dict[str, Any], about: str, message: str) -> None:
    (found,) = listening(Config(issuer=issuer, **settings))
    assert message in found.message
    assert ".".join(map(str, found.about[0])) == about


@pytest.mark.parametrize(
    ("issuer", "settings", "count"),
    [
        (HTTPS, {"server": Server(bind=OPEN)}, 1),
        (HTTPS, {**server(), "listener": (Listener(name="plain", bind="[::]:8500"),)}, 1),
        (HTTPS, {"server": Server(bind=OPEN, trusted_proxies=("10.0.0.0/8",))}, 0),
        (HTTPS, server(), 0),
        (HTTPS, {}, 0),
        ("http://localhost:8400", {}, 0),
    ],
)
def test_a_plain_listener_that_everybody_reaches_is_spoken_of(
    issuer: str, settings: dict[str, Any], count: int
) -> None:
    found = list(cautions(Config(issuer=issuer, **settings)))
    assert len(found) == count
    assert all("trusted_proxies" in one for one in found)


FILE = """\
issuer = "https://id.example.com"

[server]
bind = "0.0.0.0:8443"

[server.tls]
certificate = "tls/modern.pem"
key = "tls/modern.key"
minimum = "1.3"

[[listener]]
name = "devices"
bind = "0.0.0.0:8444"

[listener.tls]
certificate = "/etc/devices.pem"
key = "devices.key"
maximum = "1.2"
ciphers = ["AES128-SHA"]
client_certificates = "optional"
client_authorities = "ca.pem"
"""


def test_the_file_has_a_table_for_each_and_names_are_below_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "tokenhouse.toml"
    path.write_text(FILE)
    modern, old = load(path, {}).config.public
    assert (modern.name, modern.bind, modern.tls.minimum) == ("server", "0.0.0.0:8443", "1.3")
    assert (modern.tls.certificate, modern.tls.key) == (tmp_path / "tls/modern.pem", tmp_path / "tls/modern.key")
    assert (old.name, old.tls.ciphers, old.tls.client_certificates) == ("devices", ("AES128-SHA",), "optional")
    assert (old.tls.certificate, old.tls.client_authorities) == (Path("/etc/devices.pem"), tmp_path / "ca.pem")


def test_the_environment_may_give_a_pair(tmp_path: Path) -> None:
    environ = {
        "TOKENHOUSE_ISSUER": HTTPS,
        "TOKENHOUSE_SERVER__TLS__CERTIFICATE": "/run/a.pem",
        "TOKENHOUSE_SERVER__TLS__KEY": "/run/a.key",
    }
    tls = load(None, environ, places=(tmp_path / "none",)).config.server.tls
    assert (tls.is_on, tls.certificate, tls.key) == (True, Path("/run/a.pem"), Path("/run/a.key"))


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ('maximum = "1.2"', 'maximum = "1.1"', 18, 'expected "1.2" or "1.3"'),
        ('["AES128-SHA"]', '["aes128"]', 19, "as OpenSSL names it"),
        ('["AES128-SHA"]', '["TLS_AES_128_GCM_SHA256"]', 19, "TLS 1.3 cannot be chosen"),
        ('["AES128-SHA"]', '["ALL:!aNULL"]', 19, "as OpenSSL names it"),
        ('["AES128-SHA"]', '["@SECLEVEL=9"]', 19, "as OpenSSL names it"),
        ('["AES128-SHA"]', "[1]", 19, "as OpenSSL names it"),
        ('"devices"\nbind', '"De vices"\nbind', 12, "expected a name"),
        ('key = "devices.key"', "key = 1", 17, "expected a text"),
        ("client_authorities =", "client_authority =", 21, "client_authorities"),
        ('key = "devices.key"\n', "", 16, "needs its key"),
    ],
)
def test_a_mistake_is_refused_at_its_line(tmp_path: Path, old: str, new: str, line: int, message: str) -> None:
    path = tmp_path / "tokenhouse.toml"
    assert old in FILE
    path.write_text(FILE.replace(old, new))
    with pytest.raises(Problems) as caught:
        load(path, {})
    text = str(caught.value)
    assert f"{path}:{line}" in text
    assert message in text


HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "tls.md"


def wrong(path: Path) -> set[str]:
    """Return the codes of what is wrong with a file."""
    try:
        load(path, {})
    except Problems as problems:
        return {problem.code for problem in problems.problems}
    return set()


def test_what_the_how_to_shows_are_settings(tmp_path: Path) -> None:
    """That for client certificates is about what another block has begun."""
    blocks = re.findall(r"^    \[+.+\n(?:(?:    .*)?\n)*", HOW_TO.read_text(), re.MULTILINE)
    assert len(blocks) == 4
    path = tmp_path / "tokenhouse.toml"
    for block in blocks:
        path.write_text(f'issuer = "{HTTPS}"\n{block}')
        assert wrong(path) == ({CONTRADICTION} if "client_certificates" in block else set())
