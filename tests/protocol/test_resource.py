"""Resource indicators.

Spec: RFC 8707 §2.
"""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.protocol.resource import is_resource


@pytest.mark.parametrize(
    "text", ["https://api.example.com", "https://api.example.com/a%20b?c=d&e", "urn:example:api", "http://[::1]:80/"]
)
def test_an_absolute_uri_is_one(text):
    assert is_resource(text)


@pytest.mark.parametrize(
    "text",
    ["", "api", "/api", "//api", "https:", ":x", "1a:x", "https://a#b", "https://a b", "https://é", "a:%zz", "a:b\n"],
)
def test_what_is_none(text):
    assert not is_resource(text)


@given(st.text(max_size=30) | st.from_regex(r"https?://[a-z./#? %]{1,20}", fullmatch=True))
def test_whatever_passes_has_a_scheme_and_neither_fragment_nor_space(text):
    if is_resource(text):
        assert urlsplit(text).scheme
        assert text.isascii()
        assert not {"#", " ", '"', "<", ">"} & set(text)
