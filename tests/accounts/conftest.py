"""Fixtures of the accounts room: proving people on a real store, with hashes that are counted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tokenhouse.accounts.guesses import Guesses, GuessLimits
from tokenhouse.accounts.hashing import Hashing
from tokenhouse.accounts.people import People
from tokenhouse.accounts.pool import HashPool
from tokenhouse.accounts.verifying import SlowVerifier

WINDOW_SECONDS = 900


class CountedHashing(Hashing):
    """Cheap hashes that count how often a password is looked at."""

    def __init__(self) -> None:
        self.looked = 0
        super().__init__(memory_kib=8, passes=1)

    def verify(self, phc, password, form):
        self.looked += 1
        return super().verify(phc, password, form)


class Statements:
    """Every statement that a store runs, in order, without its values."""

    def __init__(self, store) -> None:
        self._connections = store._reader, store._writer._connection
        self.seen: list[str] = []

    def __enter__(self) -> list[str]:
        for connection in self._connections:
            connection.exec_trace = self._note
        return self.seen

    def __exit__(self, *_: object) -> None:
        for connection in self._connections:
            connection.exec_trace = None

    def _note(self, _cursor, text, _bindings) -> bool:
        self.seen.append(text)
        return True


@pytest.fixture
def statements():
    return Statements


@pytest.fixture
def hashing() -> CountedHashing:
    return CountedHashing()


@pytest.fixture
def pool() -> Iterator[HashPool]:
    made = HashPool(workers=2, queue=2000, niceness=0)
    yield made
    made.close()


@pytest.fixture
def guesses(house) -> Guesses:
    return Guesses(house.store, house.keys.digest, GuessLimits(account=10, source=200, window_seconds=WINDOW_SECONDS))


@pytest.fixture
def verifier(guesses, hashing, pool) -> SlowVerifier:
    return SlowVerifier(guesses, hashing, pool)


@pytest.fixture
def people(house, verifier) -> People:
    return People(house.store, verifier)


@pytest.fixture
def budgets(house):
    """Return every budget that is in use, as (name, used)."""
    return lambda: [(bytes(name), used) for name, used in house.store._all("SELECT budget, used FROM guess")]
