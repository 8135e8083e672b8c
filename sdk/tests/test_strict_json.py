import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse_verify.strict_json import NotAnObject, read_object

_TEXT = st.text(st.characters(codec="utf-8"))
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(_TEXT, _VALUES, max_size=5), st.booleans())
def test_every_object_is_read_as_it_was_written(value, ascii_only):
    assert read_object(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@given(st.binary(max_size=200))
def test_bytes_are_an_object_or_are_refused(raw):
    with contextlib.suppress(NotAnObject):
        assert isinstance(read_object(raw), dict)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"1",
        b"null",
        b'"text"',
        b"{",
        b'{"a":1}{',
        b'{"a":1,"a":1}',
        b'{"a":{"b":1,"b":2}}',
        b'{"a":1,"\\u0061":2}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":-Infinity}',
        b'{"a":1e400}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":"\\ud800"}',
        b'{"\\udfff":1}',
        b'{"a":"\xff"}',
        b'\xef\xbb\xbf{"a":1}',
        b'{"a":"\x00"}',
        b"{'a':1}",
        b'{"a":' + b"[" * 100_000,
        b'{"a":1,}',
    ],
)
def test_what_has_no_one_meaning_is_refused(raw):
    with pytest.raises(NotAnObject) as caught:
        read_object(raw)
    assert not caught.value.args


def test_an_escaped_pair_is_one_character():
    assert read_object(b'{"a":"\\ud83d\\ude00"}') == {"a": "\N{GRINNING FACE}"}
