from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tokenhouse.accounts.identifiers import alike, candidates, canonical, is_same_address, names
from tokenhouse.model.records import Account
from tokenhouse.protocol.messages import Identifier
from tokenhouse.protocol.names import IdentifierKind

NAMED = st.sampled_from([IdentifierKind.USERNAME, IdentifierKind.EMAIL, IdentifierKind.PHONE])
WORDS = st.text(st.characters(codec="utf-8"), max_size=30)


@given(NAMED, WORDS)
@example(IdentifierKind.EMAIL, "\u0390\u0345\u0301")
@example(IdentifierKind.EMAIL, " \u00b4a\u00a0")
def test_a_canonical_form_is_its_own_canonical_form(kind, value):
    once = canonical(kind, value)
    assert canonical(kind, once) == once


@given(NAMED, st.text(st.characters(codec="utf-8", exclude_characters="ı"), max_size=30))
def test_capitals_do_not_make_another_name(kind, value):
    assert canonical(kind, value.upper()) == canonical(kind, value) == canonical(kind, value.lower())


@given(NAMED, WORDS, st.sampled_from([" ", "\t", "\u00a0", "\u3000", "  "]))
def test_outer_space_does_not_make_another_name(kind, value, space):
    assert canonical(kind, space + value + space) == canonical(kind, value)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Straße", "STRASSE"), ("Ａｌｉｃｅ", "alice"), ("ﬁn", "FIN"), ("é", "e\u0301"), ("KELVIN", "\u212aelvin")],
)
def test_names_that_look_the_same_are_the_same(one, other):
    assert canonical(IdentifierKind.USERNAME, one) == canonical(IdentifierKind.USERNAME, other)


@given(WORDS)
def test_a_user_id_is_taken_as_it_is(value):
    assert canonical(IdentifierKind.USER_ID, value) == value


def test_a_login_may_be_any_name_but_not_a_user_id():
    tried = candidates(Identifier(IdentifierKind.LOGIN, " Alice "))
    assert tried == [
        (IdentifierKind.USERNAME, "alice"),
        (IdentifierKind.EMAIL, "alice"),
        (IdentifierKind.PHONE, "alice"),
    ]


def test_a_named_kind_is_tried_alone():
    assert candidates(Identifier(IdentifierKind.EMAIL, "A@B.example")) == [(IdentifierKind.EMAIL, "a@b.example")]


def test_an_account_occupies_each_name_that_it_has():
    account = Account("t", "us_1", "Alice", None, "", "Alice A.", None, datetime(2026, 1, 1, tzinfo=UTC))
    assert names(account) == (("username", "alice"),)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Alice@Example.com", "alice@example.COM", True),
        (None, "", True),
        ("a@strasse.example", "a@straße.example", False),
        ("kate@example.com", "\u212aate@example.com", False),
        ("a@example.com", None, False),
    ],
)
def test_one_form_is_not_one_mailbox(one, other, same):
    assert is_same_address(one, other) is same


def test_a_user_name_and_a_phone_number_may_not_be_mistaken_for_each_other():
    account = Account("t", "u", "0912", "a@b", "+886", None, None, datetime(2026, 1, 1, tzinfo=UTC))
    assert set(alike(account)) == {
        ("username", "username", "0912"),
        ("username", "phone", "0912"),
        ("email", "email", "a@b"),
        ("phone", "phone", "+886"),
        ("phone", "username", "+886"),
    }
