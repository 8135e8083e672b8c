"""Handles: sixteen bytes, sealed so that nobody else can make one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.tokens.handle import HANDLE_BYTES, SEALED_BYTES, Handle, Kind, SealKey, pack, seconds, unpack

handles = st.builds(
    Handle, st.sampled_from(Kind), st.integers(0, 2**64 - 1), st.integers(0, 2**24 - 1), st.integers(0, 2**32 - 1)
)
contracts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(handles)
def test_a_handle_comes_back(handle):
    data = pack(handle)
    assert len(data) == HANDLE_BYTES == 16
    assert unpack(data) == handle
    assert isinstance(unpack(data).kind, Kind)


@given(st.binary(min_size=16, max_size=16))
def test_sixteen_bytes_are_one_handle_or_none(data):
    handle = unpack(data)
    assert handle is None or pack(handle) == data


@pytest.mark.parametrize("first", [0x00, 0x10, 0x15, 0x1F, 0x21, 0x01, 0xFF])
def test_another_version_or_kind_is_no_handle(first):
    assert unpack(bytes([first]) + bytes(15)) is None


@pytest.mark.parametrize(
    "handle", [Handle(Kind.ACCESS, 1, 2**24, 0), Handle(Kind.ACCESS, 2**64, 0, 0), Handle(Kind.ACCESS, 0, 0, 2**32)]
)
def test_a_number_that_does_not_fit_is_not_cut(handle):
    with pytest.raises(Exception, match=r"too big|format requires|too large"):
        pack(handle)


@given(st.integers(0, 2**32 - 1))
def test_the_time_of_a_handle_is_in_whole_seconds(time):
    at = Handle(Kind.ACCESS, 0, 0, time).at
    assert at.tzinfo is UTC
    assert seconds(at) == time
    assert seconds(at.replace(microsecond=999_999)) == time


@given(handles, contracts)
def test_what_is_sealed_opens_and_comes_out_the_same_each_time(seal_key, handle, contract):
    sealed = seal_key.seal(handle, contract)
    assert len(sealed) == SEALED_BYTES == 32
    assert sealed == seal_key.seal(handle, contract) == SealKey("again", b"\x01" * 64).seal(handle, contract)
    assert seal_key.open(sealed, handle.kind, contract) == handle


@given(handles, contracts, contracts, st.sampled_from(Kind))
def test_it_opens_for_its_own_kind_and_contract_only(seal_key, handle, contract, another, kind):
    sealed = seal_key.seal(handle, contract)
    expected = handle if (kind, another) == (handle.kind, contract) else None
    assert seal_key.open(sealed, kind, another) == expected


@given(handles)
def test_another_key_does_not_open_it(seal_key, other_seal_key, handle):
    assert other_seal_key.open(seal_key.seal(handle, "c"), handle.kind, "c") is None


@given(handles, st.integers(0, 255))
def test_one_flipped_bit_and_it_does_not_open(seal_key, handle, bit):
    flipped = int.from_bytes(seal_key.seal(handle, "c")) ^ 1 << bit
    assert seal_key.open(flipped.to_bytes(32), handle.kind, "c") is None


@given(st.binary(min_size=32, max_size=32), st.sampled_from(Kind))
def test_random_bytes_do_not_open(seal_key, data, kind):
    assert seal_key.open(data, kind, "c") is None


def test_a_handle_of_another_kind_inside_is_refused_even_under_the_right_seal(seal_key, monkeypatch):
    sealed = seal_key._siv.encrypt(pack(Handle(Kind.REFRESH, 1, 2, 3)), [b"ACCESS", b"c"])
    assert seal_key.open(sealed, Kind.ACCESS, "c") is None
    assert seal_key.open(seal_key._siv.encrypt(bytes(16), [b"ACCESS", b"c"]), Kind.ACCESS, "c") is None


@given(handles)
def test_a_token_id_comes_back(seal_key, handle):
    token_id = seal_key.encipher(handle)
    assert len(token_id) == 16
    assert seal_key.decipher(token_id) == handle
    assert token_id != pack(handle)


def test_a_token_id_of_another_length_is_none_and_leaves_nothing_behind(seal_key):
    handle = Handle(Kind.ACCESS, 1, 2, 3)
    token_id = seal_key.encipher(handle)
    for other in (b"", token_id[:-1], token_id + b"x"):
        assert seal_key.decipher(other) is None
    assert seal_key.decipher(token_id) == handle
    assert seal_key.encipher(handle) == token_id


def test_neighbours_do_not_look_alike(seal_key):
    ids = {seal_key.encipher(Handle(Kind.ACCESS, n, 0, 0))[:4] for n in range(50)}
    sealed = {seal_key.seal(Handle(Kind.ACCESS, n, 0, 0), "c")[:4] for n in range(50)}
    assert len(ids) == len(sealed) == 50


@given(st.binary(min_size=32, max_size=32), st.integers(0, 96))
def test_stretching_keeps_what_it_stretches(seal_key, other_seal_key, sealed, length):
    long = seal_key.stretch(sealed, length)
    assert long[:32] == sealed
    assert len(long) == max(32, length)
    assert long == seal_key.stretch(sealed, length)
    if length >= 48:
        assert long != other_seal_key.stretch(sealed, length)


def test_seal_and_token_id_use_different_keys_of_one_material():
    key, again = SealKey("a", b"m" * 64), SealKey("b", b"m" * 63 + b"n")
    handle = Handle(Kind.STATELESS, 1, 2, seconds(datetime(2026, 1, 1, tzinfo=UTC)))
    assert key.encipher(handle) not in key.seal(handle, "c")
    assert key.seal(handle, "c") != again.seal(handle, "c")


def test_a_key_does_not_show_its_material():
    assert "6d6d" not in repr(SealKey("a", b"m" * 64))
    assert "mmm" not in repr(vars(SealKey("a", b"m" * 64)).keys())
