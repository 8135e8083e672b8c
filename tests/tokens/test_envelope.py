"""Keys at rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.tokens.envelope import KEK_BYTES, Envelope, WrongKeyEncryptionKey

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(st.binary(max_size=200), text, text)
def test_what_is_closed_opens(envelope, private, key_id, purpose):
    sealed = envelope.close(private, key_id=key_id, purpose=purpose)
    assert envelope.open(sealed, key_id=key_id, purpose=purpose) == private
    assert sealed != envelope.close(private, key_id=key_id, purpose=purpose)


@pytest.mark.parametrize(("key_id", "purpose"), [("k2", "seal"), ("k1", "sign"), ("seal", "k1")])
def test_a_key_does_not_open_as_another(envelope, key_id, purpose):
    sealed = envelope.close(b"private", key_id="k1", purpose="seal")
    with pytest.raises(WrongKeyEncryptionKey, match=key_id):
        envelope.open(sealed, key_id=key_id, purpose=purpose)


def test_another_key_encryption_key_does_not_open_it(envelope):
    sealed = envelope.close(b"private", key_id="k1", purpose="seal")
    with pytest.raises(WrongKeyEncryptionKey):
        Envelope(b"\x07" * KEK_BYTES).open(sealed, key_id="k1", purpose="seal")


@given(st.integers(0, 8 * (12 + 7 + 16) - 1))
def test_one_flipped_bit_and_it_does_not_open(envelope, bit):
    sealed = bytearray(envelope.close(b"private", key_id="k1", purpose="seal"))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(WrongKeyEncryptionKey):
        envelope.open(bytes(sealed), key_id="k1", purpose="seal")


@given(st.binary(max_size=40))
def test_anything_else_does_not_open(envelope, sealed):
    with pytest.raises(WrongKeyEncryptionKey):
        envelope.open(sealed, key_id="k1", purpose="seal")


@pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
def test_a_key_encryption_key_of_another_length_is_refused_without_showing_it(length):
    with pytest.raises(ValueError, match=r"^a key-encryption key has 32 bytes$"):
        Envelope(b"s" * length)
