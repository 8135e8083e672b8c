import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.wire.dialect import code_functions as code
from tokenhouse.wire.dialect.values import ABSENT

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40)


@given(st.binary(max_size=60))
def test_encodings_come_back(data):
    assert code.from_hex(code.to_hex(data)) == data
    assert code.from_base64(code.to_base64(data)) == data
    assert code.from_base64url(code.to_base64url(data)) == data


@given(TEXT)
def test_texts_come_back_from_their_codes(text):
    assert code.urldecode(code.urlencode(text)) == text
    assert code.form_decode(code.form_encode(text)) == text
    assert code.utf8(text.encode()) == text


@given(st.text(max_size=40))
def test_decoders_refuse_or_decode_any_text(text):
    decoders = (
        code.from_hex,
        code.from_base64,
        code.from_base64url,
        code.form_decode,
        code.from_json,
        code.auth_params,
    )
    for decode in decoders:
        assert decode(text) is ABSENT or isinstance(decode(text), bytes | str | dict)


@given(st.dictionaries(TEXT, TEXT | st.integers(-9, 9) | st.lists(TEXT, max_size=3), max_size=4))
def test_json_comes_back(value):
    assert json.loads(code.to_json(value)) == value
    assert code.from_json(code.to_json(value)) == value


@pytest.mark.parametrize("text", ["YQ", "YQ=", "YR", "Y", "Y=Q", "YQ==="])
def test_base64url_has_one_spelling(text):
    assert (code.from_base64url(text) is ABSENT) is (text != "YQ")


@pytest.mark.parametrize("text", ["%zz", "%", "%ff"])
def test_broken_escapes_are_absent(text):
    assert code.form_decode(text) is ABSENT


def test_structures_inside_text():
    assert code.from_form("a=1&b=%20") == {"a": "1", "b": " "}
    assert code.from_form("a=1&a=2") is ABSENT
    assert code.from_form("a=%zz") is ABSENT
    assert code.basic_pair("YTpi") == {"user": "a", "password": "b"}
    assert code.basic_pair("Basic YTpi") is ABSENT
    assert code.auth_params('a="x\\"y", b = z') == {"a": 'x"y', "b": "z"}
    assert code.auth_params("a=1, a=2") is ABSENT
    assert code.utf8(b"\xff") is ABSENT


def test_digests_are_those_of_their_name():
    assert code.digest("sha256")("abc").hex().startswith("ba7816bf")
    assert code.keyed_digest("sha256")("key", b"data") == code.keyed_digest("sha256")(b"key", "data")
