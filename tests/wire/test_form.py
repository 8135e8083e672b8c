from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import InvalidRequest, Refusal
from tokenhouse.wire.form import decoded, read_form, read_query, single
from tokenhouse.wire.text import is_clean_text

TEXTS = st.text(max_size=20).filter(is_clean_text)


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"", {}),
        (b"a=1", {"a": ["1"]}),
        (b"a=1&b=2", {"a": ["1"], "b": ["2"]}),
        (b"a=1&a=2", {"a": ["1", "2"]}),
        (b"a=1&%61=2", {"a": ["1", "2"]}),
        (b"a", {"a": [""]}),
        (b"a=", {"a": [""]}),
        (b"=1", {"": ["1"]}),
        (b"&&a=1&", {"a": ["1"]}),
        (b"a=b=c", {"a": ["b=c"]}),
        (b"a=1;b=2", {"a": ["1;b=2"]}),
        (b"a=b+c%20d%2B", {"a": ["b c d+"]}),
        (b"a%3Db=1", {"a=b": ["1"]}),
        (b"a=%C3%a9%26", {"a": ["é&"]}),
        ("a=é".encode(), {"a": ["é"]}),
        (b"a=line%0D%0Aline\n", {"a": ["line\r\nline\n"]}),
        (b"a=%25zz", {"a": ["%zz"]}),
    ],
)
def test_a_form_is_read(body, fields):
    assert read_form(body) == fields


@pytest.mark.parametrize(
    "body",
    [
        b"a=%",
        b"a=%4",
        b"a=%zz",
        b"a=%+1",
        b"a=%-1",
        b"a=% 1",
        b"%zz=1",
        b"a=%\xc3\xa9",
        b"a=%u00e9",
        b"a=\xff",
        b"a=%ff",
        b"a=%C3",
        b"a=%C0%80",  # NUL, too long
        b"a=%ED%A0%80",  # a surrogate
        b"a=%00",
        b"a=\x00",
        b"%00=1",
        b"a=%1B",
        b"a=" + b"x" * 9000 + b"\x00",
        "\ufeffa=\x0c".encode(),
    ],
)
def test_what_cannot_be_read_is_malformed(body):
    with pytest.raises(InvalidRequest) as caught:
        read_form(body)
    assert caught.value.cause is Cause.MALFORMED


def test_a_broken_value_names_its_field():
    with pytest.raises(InvalidRequest) as caught:
        read_form(b"password=%zz")
    assert caught.value.field == "password"


def test_a_query_is_read_as_a_form():
    assert read_query("") == {}
    assert read_query("a=b+c&a=%C3%A9") == {"a": ["b c", "é"]}
    with pytest.raises(InvalidRequest):
        read_query("a=é")


def test_a_single_value_is_refused_when_repeated():
    fields = read_form(b"a=1&b=&c=1&c=1")

    assert single(fields, "a") == "1"
    assert single(fields, "b") == ""
    assert single(fields, "d") is None
    with pytest.raises(InvalidRequest) as caught:
        single(fields, "c")
    assert (caught.value.cause, caught.value.field) == (Cause.MALFORMED, "c")


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=10))
def test_what_is_encoded_is_read_again(pairs):
    fields = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)

    assert read_form(urlencode(pairs).encode()) == fields
    assert read_query(urlencode(pairs)) == fields


@given(st.text(max_size=20).filter(is_clean_text))
def test_one_value_is_decoded_as_it_was_encoded(text):
    assert decoded(quote_plus(text)) == text


@given(st.binary(max_size=60) | st.text(st.sampled_from("ab=&%+40cC;\x00é"), max_size=40).map(str.encode))
def test_any_body_is_read_or_refused(body):
    try:
        fields = read_form(body)
    except Refusal:
        return
    assert all(is_clean_text(text) for name, values in fields.items() for text in [name, *values])
    assert sum(map(len, fields.values())) == len([pair for pair in body.split(b"&") if pair])
