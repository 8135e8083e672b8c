"""Where calls may go: names over https on few ports, and what the operator allows on this machine."""

from __future__ import annotations

import pytest

from tokenhouse.config.urls import Url
from tokenhouse.egress.failures import EgressError, Failure
from tokenhouse.egress.targets import Rules, Target

RULES = Rules(ports=(443, 8443), allow=("127.0.0.1:9000", "[::1]:9000", "localhost:9001"))


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://api.example.com", Url("https", "api.example.com", 443, "/")),
        ("https://api.example.com:8443/me?a=b", Url("https", "api.example.com", 8443, "/me?a=b")),
        ("https://xn--bcher-kva.example/", Url("https", "xn--bcher-kva.example", 443, "/")),
    ],
)
def test_names_on_the_ports(text: str, url: Url) -> None:
    assert RULES.require_target(text) == Target(url)


@pytest.mark.parametrize(
    "text", ["http://127.0.0.1:9000/a", "https://127.0.0.1:9000/", "http://[::1]:9000/", "http://localhost:9001/"]
)
def test_places_on_this_machine(text: str) -> None:
    assert RULES.require_target(text).on_this_machine


@pytest.mark.parametrize(
    "text",
    [
        "http://api.example.com/",
        "https://api.example.com:444/",
        "https://api.example.com:80/",
        "https://127.0.0.1/",
        "https://127.0.0.1:9001/",
        "http://localhost:9000/",
        "https://localhost/",
        "https://metadata/",
        "https://[::1]/",
        "https://[2606:4700::1111]/",
        "https://1.1.1.1/",
        "https://0x7f.1/",
        "https://a.1/",
        "https://a.0x/",
    ],
)
def test_other_places(text: str) -> None:
    with pytest.raises(EgressError) as raised:
        RULES.require_target(text)
    assert raised.value.failure is Failure.NOT_ALLOWED


@pytest.mark.parametrize("text", ["", "https://", "ftp://a.example/", "https://a.example/#x", "https://a@b.example/"])
def test_what_is_no_url(text: str) -> None:
    with pytest.raises(EgressError) as raised:
        RULES.require_target(text)
    assert raised.value.failure is Failure.BAD_URL
