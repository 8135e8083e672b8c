from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tokenhouse.accounts.lockout import attempt_at, is_spent, lockout_name, longest_window, policy_of
from tokenhouse.protocol.contract import Contract, LockoutPolicy, Mount
from tokenhouse.store.ports import Spent

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
OWN, OPERATORS = LockoutPolicy(5, 15 * MINUTE), LockoutPolicy(3, 5 * MINUTE)


def mount(own=None, operators=None):
    return Mount(Contract("c", "C", (), lockout=own), "t", "t", "i", lockout=operators)


def test_the_operator_s_word_is_over_the_contract_s():
    assert policy_of(mount(OWN, OPERATORS)) is OPERATORS
    assert policy_of(mount(OWN)) is OWN
    assert policy_of(mount()) is None


def test_an_attempt_is_counted_where_somebody_can_be_locked_out():
    attempt = attempt_at(mount(OWN), "t\0us_1")
    assert attempt == (lockout_name("c", "t\0us_1"), OWN)
    assert attempt_at(mount(), "t\0us_1") is None
    assert attempt_at(None, "t\0us_1") is None


@pytest.mark.parametrize(
    ("used", "since", "spent"),
    [
        (4, timedelta(0), False),
        (5, timedelta(0), True),
        (9, timedelta(0), True),
        (5, 15 * MINUTE - timedelta(seconds=1), True),
        (5, 15 * MINUTE, False),
        (5, -15 * MINUTE, True),
        (5, -16 * MINUTE, False),
    ],
)
def test_a_lock_ends_with_its_window_and_with_a_clock_that_was_set_back(used, since, spent):
    assert is_spent(Spent(used, NOW - since), OWN, NOW) is spent


def test_nothing_spent_is_no_lock():
    assert not is_spent(None, OWN, NOW)


def test_spent_guesses_are_kept_for_the_longest_window():
    assert longest_window([mount(), mount(OWN, OPERATORS)], MINUTE) == 5 * MINUTE
    assert longest_window([mount(OWN)], 20 * MINUTE) == 20 * MINUTE
    assert longest_window([], MINUTE) == MINUTE
