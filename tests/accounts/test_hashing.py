from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokenhouse.accounts.hashing import LONGEST_BYTES, Hashing, encode
from tokenhouse.protocol.secret import Secret

CHEAP = Hashing(memory_kib=8, passes=1)
PASSWORDS = st.text(st.characters(codec="utf-8"), max_size=80)
FORMS = st.sampled_from(["raw", "nfkc"])


@settings(max_examples=25)
@given(PASSWORDS, PASSWORDS, FORMS)
def test_a_hash_is_made_by_its_password_and_no_other(password, other, form):
    phc = CHEAP.hash(Secret(password), form)
    same = encode(Secret(password), form) == encode(Secret(other), form)
    assert CHEAP.verify(phc, Secret(password), form)
    assert CHEAP.verify(phc, Secret(other), form) is same


def test_a_hash_is_argon2id_with_the_parameters_asked_for():
    phc = Hashing(memory_kib=16, passes=2).hash(Secret("x"), "raw")
    assert phc.startswith("$argon2id$v=19$m=16,t=2,p=1$")


def test_a_password_is_normalised_only_where_its_form_says_so():
    composed, apart = Secret("caf\u00e9"), Secret("cafe\u0301")
    assert CHEAP.verify(CHEAP.hash(composed, "nfkc"), apart, "nfkc")
    assert not CHEAP.verify(CHEAP.hash(composed, "raw"), apart, "raw")


def test_a_password_of_the_longest_length_is_still_a_password():
    longest = Secret("x" * LONGEST_BYTES)
    assert CHEAP.verify(CHEAP.hash(longest, "raw"), longest, "raw")


@pytest.mark.parametrize("text", ["x" * (LONGEST_BYTES + 1), "é" * (LONGEST_BYTES // 2 + 1)])
def test_a_longer_password_is_a_wrong_one_even_if_it_was_hashed(text):
    assert not CHEAP.verify(CHEAP.hash(Secret(text), "raw"), Secret(text), "raw")


@pytest.mark.parametrize(
    "phc",
    [
        "",
        "plain",
        "$argon2id$",
        "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$AAAA",
        "$argon2i$v=19$m=8,t=3,p=1$YWJjZGVmZ2hpamtsbW5vcA$AAAA",
        "$2b$12$abcdefghijklmnopqrstuv",
        "é" * 20,
        "x" * 500,
    ],
)
def test_a_malformed_hash_is_made_by_no_password(phc):
    assert CHEAP.verify(phc, Secret("x"), "raw") is False


def test_a_hash_of_other_parameters_still_verifies_but_is_not_current():
    older = Hashing(memory_kib=16, passes=1).hash(Secret("x"), "raw")
    assert CHEAP.verify(older, Secret("x"), "raw")
    assert not CHEAP.is_current(older)
    assert CHEAP.is_current(CHEAP.hash(Secret("x"), "raw"))


def test_the_decoy_is_current_and_nobodys():
    assert CHEAP.is_current(CHEAP.decoy)
    assert CHEAP.decoy != Hashing(memory_kib=8, passes=1).decoy
