"""A token has one spelling, whatever its alphabet and length."""

from __future__ import annotations

import string
from math import ceil, log2

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tokenhouse.protocol.contract import OpaqueForm
from tokenhouse.tokens.handle import SEALED_BYTES
from tokenhouse.tokens.spelling import BASE64URL, HEX, payload_bytes, read, spell

ALPHABETS = [
    HEX,
    HEX.upper(),
    BASE64URL,
    string.digits,
    string.ascii_letters + string.digits,
    string.ascii_lowercase,
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
    "23456789ABCDEFGHJKLMNPQRSTUVWXYZ",
    "01",
    "._~-" + string.ascii_letters,
]
affix = st.text(string.ascii_letters + "_-.=", max_size=6)


@st.composite
def forms(draw):
    alphabet = draw(st.sampled_from(ALPHABETS))
    length = ceil(256 / log2(len(alphabet))) + draw(st.integers(0, 40))
    return OpaqueForm(alphabet, length, draw(affix), draw(affix))


sealed_bytes = st.binary(min_size=32, max_size=32)


@given(forms(), sealed_bytes)
def test_what_is_spelled_is_read(seal_key, form, sealed):
    text = spell(form, sealed, seal_key)
    body = text.removeprefix(form.prefix)[: form.length]
    assert text == f"{form.prefix}{body}{form.suffix}"
    assert len(body) == form.length
    assert set(body) <= set(form.alphabet)
    assert read(form, text) == sealed


@given(forms(), sealed_bytes, st.data())
def test_a_token_with_one_other_character_is_another_token_or_none(seal_key, form, sealed, data):
    text = spell(form, sealed, seal_key)
    at = data.draw(st.integers(0, len(text) - 1))
    characters = st.sampled_from(form.alphabet) | st.characters(exclude_categories=["Cs"])
    other = data.draw(characters.filter(lambda c: c != text[at]))
    changed = text[:at] + other + text[at + 1 :]
    found = read(form, changed)
    assert found is None or found != sealed or spell(form, found, seal_key) != changed


@given(forms(), sealed_bytes, st.integers(0, 10), st.sampled_from(["", " ", "\n", "=", "A", "0"]))
def test_a_token_that_is_longer_or_shorter_is_none(seal_key, form, sealed, cut, more):
    text = spell(form, sealed, seal_key)
    changed = text[: len(text) - cut] + more
    assume(len(changed) != len(text))
    assert read(form, changed) is None


@given(forms(), st.text(st.characters(exclude_categories=["Cs"]), max_size=120))
def test_any_text_is_a_token_or_none(seal_key, form, text):
    found = read(form, text)
    assert found is None or len(found) == SEALED_BYTES


@given(forms(), st.data())
def test_any_text_of_the_right_shape_is_read_without_a_fault(seal_key, form, data):
    body = data.draw(st.text(st.sampled_from(form.alphabet), min_size=form.length, max_size=form.length))
    found = read(form, f"{form.prefix}{body}{form.suffix}")
    assert found is None or len(found) == SEALED_BYTES


@given(sealed_bytes)
def test_case_matters(seal_key, sealed):
    text = spell(OpaqueForm(HEX, 64), sealed, seal_key)
    assume(text.upper() != text)
    assert read(OpaqueForm(HEX, 64), text.upper()) is None
    assert read(OpaqueForm(HEX.upper(), 64), text) is None


@pytest.mark.parametrize(
    ("alphabet", "length", "expected"),
    [
        (HEX, 64, 32),
        (HEX, 65, 32),
        (HEX, 66, 33),
        (BASE64URL, 43, 32),
        (BASE64URL, 44, 33),
        ("01", 256, 32),
        (string.digits, 78, 32),
        (string.digits, 77, 31),
    ],
)
def test_a_form_carries_whole_bytes(alphabet, length, expected):
    assert payload_bytes(OpaqueForm(alphabet, length)) == expected


@given(sealed_bytes)
def test_the_common_forms_are_hex_and_base64url(seal_key, sealed):
    assert spell(OpaqueForm(HEX, 64), sealed, seal_key) == sealed.hex()
    assert len(spell(OpaqueForm(BASE64URL, 43, prefix="th_at_"), sealed, seal_key)) == 49


def test_look_alike_digits_of_other_scripts_are_refused():
    form = OpaqueForm(string.digits, 78)
    assert read(form, "٣" * 78) is None
    assert read(OpaqueForm(HEX, 64), "\uff11" * 64) is None
