from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.accounts.hashing import LONGEST_BYTES, encode
from tokenhouse.accounts.identifiers import canonical
from tokenhouse.accounts.rules import LONGEST_NAME, find_name_flaw, find_password_flaw
from tokenhouse.protocol.names import IdentifierKind
from tokenhouse.protocol.secret import Secret

LEAST = 15


@pytest.mark.parametrize(
    "names",
    [
        ("alice", None, None),
        (None, "alice@example.com", None),
        (None, None, "+886 2 1234"),
        ("李小龍", "a@例え.jp", "1", "\u05d0\u05d1"),
        ("a" * LONGEST_NAME, None, None, "n" * LONGEST_NAME),
        ("کتاب\u200cها", None, None, "王\u3000小明"),
        ("bob", " bob@example.com ", None, "👩\u200d💻"),
    ],
)
def test_names_that_people_have_are_accepted(names):
    assert find_name_flaw(*names) is None


@pytest.mark.parametrize(
    ("names", "field"),
    [
        ((None, None, None), "username"),
        (("", None, None), "username"),
        ((None, None, None, "Alice"), "username"),
        (("alice@example.com", None, None), "username"),
        (("alice\uff20example", None, None), "username"),
        ((" ", None, None), "username"),
        (("alice", "alice", None), "email"),
        (("alice", "", None), "email"),
        (("alice", None, "\u3000"), "phone"),
        (("a" * (LONGEST_NAME + 1), None, None), "username"),
        (("alice", "a@b\r\nBcc: c@d", None), "email"),
        (("alice", None, "1\x00"), "phone"),
        (("alice", None, None, "n\n"), "name"),
        (("alice", None, None, "\ud800"), "name"),
        (("john\xaddoe", None, None), "username"),
        (("\ufeffjohn", None, None), "username"),
        (("a\u202eb", None, None), "username"),
        (("a\x85b", None, None), "username"),
        (("john\u200ddoe", None, None), "username"),
        (("\u3164", None, None), "username"),
        (("alice", "a\u200b@example.com", None), "email"),
        (("alice", "@", None), "email"),
        (("alice", "a@", None), "email"),
        (("alice", "a b@example.com", None), "email"),
        (("alice", "Bob <a@example.com>", None), "email"),
        (("alice", None, None, "a\u2028b"), "name"),
    ],
)
def test_names_that_nobody_can_have_are_refused_with_their_field(names, field):
    assert find_name_flaw(*names).field == field


@given(st.text(max_size=30), st.text(max_size=30))
def test_what_is_accepted_can_be_looked_up_and_hashed(username, email):
    if find_name_flaw(username, email, None) is None:
        assert canonical(IdentifierKind.USERNAME, username)
        assert "@" in canonical(IdentifierKind.EMAIL, email)
        canonical(IdentifierKind.EMAIL, email).encode()


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("x" * 14, "shorter"),
        ("x" * (LONGEST_BYTES + 1), "longer"),
        ("\ud800" * 20, "typed"),
        ("Alice@Example.COM", "name"),
        ("a-rather-long-name", "name"),
    ],
)
def test_a_password_that_is_none_is_refused(password, word):
    names = ("a-rather-long-name", "alice@example.com", None)
    flaw = find_password_flaw(Secret(password), LEAST, names)
    assert flaw.field == "password"
    assert word in flaw.text


@pytest.mark.parametrize("password", ["correct horse battery", "ﬁ" * 8, "x" * LEAST, "x" * LONGEST_BYTES])
def test_any_other_password_is_good(password):
    assert find_password_flaw(Secret(password), LEAST, (None, "alice")) is None


@given(st.text(alphabet=st.characters(), max_size=40))
def test_whatever_is_accepted_can_be_hashed(text):
    password = Secret(text)
    if find_password_flaw(password, 1) is None:
        assert 1 <= len(encode(password, "nfkc")) <= LONGEST_BYTES
