"""Lockout: so many wrong passwords within a window lock an account at one contract, for as long again.

It lies below the guessing budgets and never touches them. Only guessing is locked out: tokens live on, and so do ways
in without a password. A right password forgives the wrong ones before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from tokenhouse.model.effects import ReserveGuess
from tokenhouse.protocol.contract import LockoutPolicy, Mount
from tokenhouse.store.ports import Spent

LOCKOUT = "lockout"
"""The kind of a lockout's budget."""
_UNLIMITED = 2**31 - 1


class Attempt(NamedTuple):
    """A password that is about to be tried, as the lockout of one contract counts it."""

    name: str
    policy: LockoutPolicy

    def counting(self, budget: bytes, now: datetime) -> ReserveGuess:
        """Return the reservation; the last one of the budget starts the lock."""
        return ReserveGuess(budget, self.policy.failures, self._seconds, now, locks=True)

    def still_counting(self, budget: bytes, now: datetime) -> ReserveGuess:
        """Return what is written in its place while the account is locked: the lock does not move."""
        return ReserveGuess(budget, _UNLIMITED, self._seconds, now)

    @property
    def _seconds(self) -> int:
        return int(self.policy.window.total_seconds())


def policy_of(mount: Mount) -> LockoutPolicy | None:
    """Return the lockout at a mount: the operator's word, else the contract's own; None: there is none."""
    return mount.lockout or mount.contract.lockout


def attempt_at(mount: Mount | None, name: str) -> Attempt | None:
    """Return the attempt on ``name``, None where nobody is locked out."""
    policy = policy_of(mount) if mount is not None else None
    return Attempt(lockout_name(mount.contract.name, name), policy) if mount is not None and policy else None


def lockout_name(contract: str, name: str) -> str:
    """Return the name of a lockout's budget: that of the account's guesses, at one contract."""
    return f"{contract}\0{name}"


def is_spent(spent: Spent | None, policy: LockoutPolicy, now: datetime) -> bool:
    """Return whether a budget is spent; one of a window that is over, or wholly in the future, is not."""
    if spent is None or spent.used < policy.failures:
        return False
    return now - policy.window < spent.started_at <= now + policy.window


def longest_window(mounts: Iterable[Mount], least: timedelta) -> timedelta:
    """Return how long spent guesses are to be kept: the longest window of any lockout, or ``least``."""
    policies = filter(None, map(policy_of, mounts))
    return max([least, *(policy.window for policy in policies)])
