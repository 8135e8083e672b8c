from base64 import b64encode
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.wire.basic import form_decode, read_basic, read_basic_token
from tokenhouse.wire.text import is_clean_text

TEXTS = st.text(max_size=30).filter(is_clean_text)


def basic(text, scheme="Basic "):
    return scheme.encode() + b64encode(text if isinstance(text, bytes) else text.encode())


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (b"Basic YTpi", ("a", "b")),
        (b"basic YTpi", ("a", "b")),
        (b"BASIC YTpi", ("a", "b")),
        (basic("a:b:c"), ("a", "b:c")),
        (basic(":"), ("", "")),
        (basic("é:東"), ("é", "東")),
        (basic("a%3Ab:c+d"), ("a%3Ab", "c+d")),
    ],
)
def test_credentials_are_read_as_they_stand(header, expected):
    assert read_basic(header) == expected


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"Basic",
        b"Basic ",
        b"Basic  YTpi",
        b"Basic\tYTpi",
        b" Basic YTpi",
        b"Basic YTpi ",
        b"Basic YTpi\n",
        b"Basic YTpi, Basic YTpi",
        b"Bearer YTpi",
        b"YTpi",
        b"Basic YTp",
        b"Basic YTo",  # padding left out
        b"Basic YTo==",
        b"Basic YTp=",  # stray bits
        b"Basic YTpi=",
        b"Basic YT!pi",
        b"Basic YTr_-w==",  # the alphabet of base64url
        b"Basic \xff\xff\xff\xff",
        basic("no colon"),
        basic(b"a:\xff"),
        basic("a:\x00"),
        basic("a\x1b:b"),
    ],
)
def test_everything_else_is_malformed(header):
    assert read_basic(header) is None


def test_what_stands_behind_the_scheme_is_read_the_same():
    assert read_basic_token("YTpi") == ("a", "b")
    assert read_basic_token("YTp") is None
    assert read_basic_token("YTpié") is None
    assert read_basic_token("") is None


@given(TEXTS.filter(lambda text: ":" not in text), TEXTS)
def test_what_is_encoded_is_read_again(name, secret):
    assert read_basic(basic(f"{name}:{secret}", "bAsIc ")) == (name, secret)


@given(st.text(st.sampled_from("YTpibGVz+/=-_ \n"), max_size=30) | st.text(max_size=20))
def test_any_token_has_one_spelling(token):
    found = read_basic_token(token)
    assert found is None or basic(":".join(found), "").decode() == token


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("a+b", "a b"),
        ("a%2Bb", "a+b"),
        ("%C3%A9", "é"),
        ("100%", None),
        ("%zz", None),
        ("%FF", None),
        ("%00", None),
    ],
)
def test_a_form_encoded_part_is_decoded(text, expected):
    assert form_decode(text) == expected


@given(TEXTS)
def test_a_part_is_decoded_as_it_was_encoded(text):
    assert form_decode(quote_plus(text)) == text
