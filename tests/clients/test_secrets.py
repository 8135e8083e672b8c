from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.clients.secrets import (
    DEFAULT_ALPHABET,
    STRONG_BITS,
    VerifiedSecrets,
    estimate_bits,
    is_alive,
    make_text,
    new_secret_id,
)
from tokenhouse.model.records import ClientSecret
from tokenhouse.protocol.secret import Secret

NOW = datetime(2026, 11, 20, tzinfo=UTC)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=40)


@given(st.text(min_size=2, max_size=80).map(lambda t: "".join(dict.fromkeys(t))), st.integers(0, 200))
def test_a_made_text_has_its_alphabet_and_length(alphabet, length):
    made = make_text(alphabet, length)
    assert len(made) == length
    assert set(made) <= set(alphabet)


def test_a_made_secret_is_url_safe_and_never_the_same():
    made = {make_text() for _ in range(50)}
    assert len(made) == 50
    assert all(len(text) == 43 and set(text) <= set(DEFAULT_ALPHABET) for text in made)
    assert all(estimate_bits(text) >= STRONG_BITS for text in made)


@pytest.mark.parametrize(
    "weak", ["", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "secret", "Summer2026!", "0123456789"]
)
def test_what_people_choose_is_not_strong(weak):
    assert estimate_bits(weak) < STRONG_BITS


@given(TEXTS)
def test_no_estimate_is_negative_or_above_the_alphabet_of_the_text(text):
    assert 0 <= estimate_bits(text) <= len(text) * max(len(set(text)) - 1, 0).bit_length() + 1e-6


@given(TEXTS)
def test_the_order_of_characters_does_not_change_an_estimate(text):
    assert estimate_bits(text) == pytest.approx(estimate_bits("".join(sorted(text))))


def test_ids_of_verifiers_are_short_and_differ():
    assert len({new_secret_id() for _ in range(50)}) == 50
    assert len(new_secret_id()) == 8


@pytest.mark.parametrize(
    ("ends", "alive"),
    [(None, True), (timedelta(seconds=1), True), (timedelta(), False), (timedelta(seconds=-1), False)],
)
def test_a_verifier_lives_until_its_end(ends, alive):
    expires_at = None if ends is None else NOW + ends
    assert is_alive(ClientSecret("1", "argon2id", "phc", NOW, expires_at), NOW) is alive


def test_a_right_secret_is_remembered_for_five_minutes():
    verified = VerifiedSecrets()
    verified.add(["phc"], Secret("right"), NOW)
    assert verified.has(["phc"], Secret("right"), NOW + timedelta(minutes=5, seconds=-1))
    assert not verified.has(["phc"], Secret("right"), NOW + timedelta(minutes=5))


@given(st.lists(TEXTS, min_size=1, max_size=3), TEXTS, st.lists(TEXTS, min_size=1, max_size=3), TEXTS)
def test_a_secret_is_remembered_for_its_own_verifiers_only(mine, secret, others, other):
    mine, others = ([text.replace("\0", "") for text in texts] for texts in (mine, others))
    verified = VerifiedSecrets()
    verified.add(mine, Secret(secret), NOW)
    assert verified.has(mine, Secret(secret), NOW)
    assert verified.has(others, Secret(other), NOW) is ((mine, secret) == (others, other))


def test_it_is_forgotten_with_a_verifier():
    verified = VerifiedSecrets()
    verified.add(["new", "old"], Secret("right"), NOW)
    assert not verified.has(["new"], Secret("right"), NOW)
    assert not verified.has(["newer", "new", "old"], Secret("right"), NOW)


def test_no_more_is_remembered_than_there_is_room_for_and_the_oldest_goes():
    verified = VerifiedSecrets(most=2)
    for name in "abc":
        verified.add([name], Secret("x"), NOW)
    assert [verified.has([name], Secret("x"), NOW) for name in "abc"] == [False, True, True]


def test_what_is_remembered_holds_no_secret():
    verified = VerifiedSecrets()
    verified.add(["phc"], Secret("right"), NOW)
    assert b"right" not in b"".join(verified._until)
