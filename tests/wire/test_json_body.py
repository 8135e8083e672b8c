import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import InvalidRequest, Refusal
from tokenhouse.wire.json_body import read_json
from tokenhouse.wire.text import is_clean_text

TEXTS = st.text(max_size=10).filter(is_clean_text)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=10,
)


def test_an_object_is_read_with_its_keys_in_order():
    read = read_json('{"b": 1, "a": [null, true, -0.5, "é\\n\\ud83d\\ude00"], "c": {}}'.encode())

    assert list(read) == ["b", "a", "c"]
    assert read == {"b": 1, "a": [None, True, -0.5, "é\n😀"], "c": {}}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"null",
        b"[]",
        b'"text"',
        b"1",
        b"{",
        b'{"a":1}}',
        b'{"a":1} x',
        b"{'a':1}",
        b'{"a":1,}',
        b'{"a":01}',
        b'{"a":+1}',
        b"{a:1}",
        b'{"a":1/*c*/}',
        b'\xef\xbb\xbf{"a":1}',
        '{"a":1}'.encode("utf-16"),
        '{"a":1}'.encode("utf-16-le"),
        b'{"a":"\xff"}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":1,"a":1}',
        b'{"a":1,"\\u0061":2}',
        b'{"x":[{"a":1,"a":2}]}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":-Infinity}',
        b'{"a":1e999}',
        b'{"a":[-1e999]}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":"\\u0000"}',
        b'{"a":"\x00"}',
        b'{"a":"\t"}',
        b'{"\\u0000":1}',
        b'{"a":"\\ud800"}',
        b'{"a":{"b":["\\udc00\\ud800"]}}',
        b'{"a":"\\u001b"}',
        b'{"a":"\\x41"}',
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"a":' * 100_000,
    ],
)
def test_what_is_not_one_plain_object_is_malformed(body):
    with pytest.raises(InvalidRequest) as caught:
        read_json(body)
    assert caught.value.cause is Cause.MALFORMED
    assert caught.value.__context__ is None, "a parser's error quotes the body"


@given(st.dictionaries(TEXTS, VALUES, max_size=5), st.booleans())
def test_what_is_encoded_is_read_again(value, ascii_only):
    assert read_json(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@given(
    st.binary(max_size=60) | st.text(st.sampled_from('{}[]":,\\ud8001e9-.truefalsn \x00'), max_size=40).map(str.encode)
)
def test_any_body_is_read_or_refused(body):
    try:
        read = read_json(b'{"a":' + body + b"}")
    except Refusal:
        return
    json.dumps(read, allow_nan=False, ensure_ascii=False).encode()
