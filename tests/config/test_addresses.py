"""Listeners, networks, issuers, hosts and prefixes: what is taken, what is refused."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.config.addresses import (
    is_loopback,
    read_bind,
    read_host,
    read_issuer,
    read_local_place,
    read_network,
    read_prefix,
    read_url,
    split_bind,
)

READERS = [read_bind, read_host, read_issuer, read_network, read_prefix, read_url]


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:8400", "127.0.0.1", 8400),
        ("[::1]:8400", "::1", 8400),
        ("localhost:0", "localhost", 0),
        ("0.0.0.0:65535", "0.0.0.0", 65535),
        ("id.example.com:80", "id.example.com", 80),
    ],
)
def test_a_listener_is_host_and_port(text: str, host: str, port: int) -> None:
    assert split_bind(text) == (host, port)
    assert read_bind(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":8400",
        "8400",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:65536",
        "127.0.0.1:08400",
        "::1:8400",
        "[::1]",
        "[::1:8400",
        "[127.0.0.1]:80",
        "[localhost]:80",
        "999.1.1.1:80",
        "a_b:80",
        "http://a:80",
        "a:80 ",
        "-a:80",
        "1.2.3:80",
        "a" * 254 + ":1",
    ],
)
def test_a_listener_written_otherwise_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="host:port"):
        split_bind(text)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("a.b", False),
    ],
)
def test_loopback_is_what_only_this_machine_reaches(host: str, loopback: object) -> None:
    assert is_loopback(host) is loopback


@pytest.mark.parametrize(
    ("text", "network"),
    [("10.0.0.0/8", "10.0.0.0/8"), ("10.0.0.1", "10.0.0.1/32"), ("FD00::/8", "fd00::/8"), ("::1", "::1/128")],
)
def test_a_network_has_one_spelling(text: str, network: str) -> None:
    assert read_network(text) == network
    assert read_network(network) == network


@pytest.mark.parametrize("text", ["", "10.0.0.1/8", "10.0.0.0/33", "proxy.example", "*", "10.0.0.0/-1", 10])
def test_what_is_no_network_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="expected"):
        read_network(text)


@pytest.mark.parametrize(
    "text", ["https://id.example.com", "http://localhost:5006", "https://a.b/c", "https://[::1]:1/x", "https://a/"]
)
def test_a_url_is_kept_as_it_is(text: str) -> None:
    assert read_url(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "id.example.com",
        "//a",
        "ftp://a",
        "https://",
        "https:///a",
        "https://a:99999",
        "https://a:x",
        "https://a b",
        "https://ä",
        "HTTPS://a",
        "https://a?",
        "https://a?b=c",
        "https://a#",
        "https://u@a",
        "https://u:p@a",
        "https://a\n",
        "https://[::1",
        1,
    ],
)
def test_what_is_no_plain_url_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match=r"URL|string"):
        read_url(text)


def test_an_issuer_ends_in_no_slash() -> None:
    assert read_issuer("https://a/b") == "https://a/b"
    with pytest.raises(ValueError, match="slash"):
        read_issuer("https://a/")


@pytest.mark.parametrize(
    ("text", "host"), [("API.Example.com", "api.example.com"), ("127.0.0.1", "127.0.0.1"), ("[::1]", "[::1]")]
)
def test_a_host_is_in_lower_case(text: str, host: str) -> None:
    assert read_host(text) == host


@pytest.mark.parametrize("text", ["", "a:80", "a/b", "a..b", ".a", "*.a", "::1", "1.2.3", "a b", 3])
def test_what_is_no_host_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="expected"):
        read_host(text)


@pytest.mark.parametrize("text", ["", "/acme", "/acme/v1.2", "/~a/_b"])
def test_a_prefix_is_kept_as_it_is(text: str) -> None:
    assert read_prefix(text) == text


@pytest.mark.parametrize(
    "text",
    ["/", "acme", "/acme/", "//a", "/a//b", "/.", "/../a", "/a/..", "/a b", "/ä", "/{a}", "/a?b", "/%41", "/a\n", 1],
)
def test_what_is_no_prefix_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="expected"):
        read_prefix(text)


@pytest.mark.parametrize("read", READERS)
@given(value=st.text(max_size=24) | st.integers() | st.none() | st.lists(st.text(max_size=3), max_size=2))
def test_a_reader_refuses_or_is_stable(read: Callable[[object], str], value: object) -> None:
    try:
        text = read(value)
    except ValueError:
        return
    assert read(text) == text


@pytest.mark.parametrize("place", ["127.0.0.1:9000", "127.9.9.9:1", "[::1]:65535", "localhost:80"])
def test_a_place_on_this_machine(place: str) -> None:
    assert read_local_place(place) == place


@pytest.mark.parametrize(
    "place", ["10.0.0.1:80", "0.0.0.0:80", "[::]:80", "a.localhost:80", "127.0.0.1:0", "127.0.0.1", 80]
)
def test_a_place_elsewhere(place: object) -> None:
    with pytest.raises(ValueError, match="expected"):
        read_local_place(place)
