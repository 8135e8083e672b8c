"""URLs that are called have one form, and everybody reads them through the same parts."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.config.urls import Url, read_endpoint, split_url


@pytest.mark.parametrize(
    ("text", "url", "authority"),
    [
        ("https://a.example", Url("https", "a.example", 443, "/"), "a.example"),
        ("https://a.example:443/", Url("https", "a.example", 443, "/"), "a.example"),
        ("https://a.example:8443/b/c", Url("https", "a.example", 8443, "/b/c"), "a.example:8443"),
        ("http://[::1]:80/?q=1&r=a%20b", Url("http", "[::1]", 80, "/?q=1&r=a%20b"), "[::1]"),
        ("http://127.0.0.1:9000/a?b?c/d", Url("http", "127.0.0.1", 9000, "/a?b?c/d"), "127.0.0.1:9000"),
    ],
)
def test_parts(text: str, url: Url, authority: str) -> None:
    assert split_url(text) == url
    assert url.authority == authority
    assert url.place == f"{url.host}:{url.port}"
    assert read_endpoint(text) == text


@pytest.mark.parametrize(
    "text",
    [
        None,
        7,
        "",
        "a.example",
        "//a.example/",
        "https:/a.example/",
        "https://A.example/",
        "https://a.example:0/",
        "https://a.example:65536/",
        "https://a.example:/",
        "https://u@a.example/",
        "https://a.example/#f",
        "https://a.example?q",
        "https://a.example/a b",
        "https://a.example/\\b",
        "https://a.example/\n",
        "https://a_b.example/",
        "https://é.example/",
        "https://a.example./",
        "ftp://a.example/",
        "https://" + "a." * 127 + "example/",
        "https://a.example/" + "a" * 17_000,
    ],
)
def test_other_forms_are_refused(text: object) -> None:
    with pytest.raises(ValueError, match="expected an absolute URL"):
        read_endpoint(text)


@given(st.from_regex(r"https?://[a-z0-9.:@\[\]\\/?#%-]{1,30}", fullmatch=True))
def test_what_is_taken_means_the_same_to_another_reader(text: str) -> None:
    try:
        url = split_url(text)
    except ValueError:
        return
    other = urlsplit(text)
    assert other.hostname == url.host.strip("[]")
    assert (other.port or {"https": 443, "http": 80}[other.scheme]) == url.port
    assert other.username is None
