from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse_verify.compact import MAX_TOKEN_BYTES, read_compact
from tokenhouse_verify.errors import InvalidToken, Reason


def segment(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


@given(st.binary(min_size=1, max_size=100), st.binary(min_size=1, max_size=100))
def test_the_parts_come_out_as_they_went_in(payload, signature):
    signed = segment(b'{"alg":"ES256"}') + "." + segment(payload)
    read = read_compact(f"{signed}.{segment(signature)}")
    assert dict(read.header) == {"alg": "ES256"}
    assert (read.payload, read.signature, read.signing_input) == (payload, signature, signed.encode())


@given(st.text(max_size=60) | st.from_regex(r"\A[A-Za-z0-9_-]{0,9}\.[A-Za-z0-9_-]{0,9}\.[A-Za-z0-9_-]{0,9}\Z"))
def test_any_text_is_read_or_refused(text):
    try:
        read = read_compact(text)
    except InvalidToken:
        return
    # One spelling only: what was read spells the same text again.
    assert text.split(".")[1:] == [segment(read.payload), segment(read.signature)]


def test_the_limit_of_the_size():
    head, tail = segment(b"{}"), segment(b"sig")
    room = MAX_TOKEN_BYTES - len(head) - len(tail) - 2
    fits = f"{head}.{'A' * room}.{tail}"
    if room % 4 == 1:
        fits = f"{head}.{'A' * (room - 1)}.{tail}"
    assert read_compact(fits).payload
    with pytest.raises(InvalidToken) as caught:
        read_compact(f"{head}.{'A' * (room + 1)}.{tail}")
    assert caught.value.reason is Reason.TOO_LARGE


@pytest.mark.parametrize("tail", ["YR", "YWJ", "YWJjZ"])
def test_unused_bits_and_impossible_lengths_are_refused(tail):
    with pytest.raises(InvalidToken):
        read_compact(f"{segment(b'{}')}.{tail}.{segment(b'x')}")


@pytest.mark.parametrize("header", [b"[]", b'{"alg":"ES256","alg":"none"}', b"\xff", b"not json"])
def test_a_header_that_is_no_object_is_refused(header):
    with pytest.raises(InvalidToken) as caught:
        read_compact(f"{segment(header)}.{segment(b'x')}.{segment(b'x')}")
    assert caught.value.reason is Reason.MALFORMED


def test_the_repr_shows_nothing_unproven():
    read = read_compact(f"{segment(b'{}')}.{segment(b'private')}.{segment(b'sig')}")
    assert "private" not in repr(read)
    assert "sig" not in repr(read)
