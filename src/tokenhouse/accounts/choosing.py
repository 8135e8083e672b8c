"""Choosing: what a new person is called inside, and the hash of a password that somebody has just thought of."""

from __future__ import annotations

import secrets
from typing import Final

from tokenhouse.accounts.hashing import Hashing
from tokenhouse.accounts.pool import HashPool
from tokenhouse.protocol.contract import CredentialForm
from tokenhouse.protocol.secret import Secret

_PREFIX = "us_"
_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
_LENGTH = 16
FORM: Final = "nfkc"
"""How a password that is chosen here is normalised."""


def new_user_id(form: CredentialForm | None) -> str:
    """Return the id of a new person, spelled as the contract spells them; one of digits alone begins with no zero."""
    if form is None:
        return _PREFIX + _draw(_ALPHABET, _LENGTH)
    first = form.alphabet.replace("0", "") if form.alphabet.isdigit() else form.alphabet
    return _draw(first or form.alphabet, 1) + _draw(form.alphabet, form.length - 1)


def _draw(alphabet: str, length: int) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(length))


class NewPasswords:
    """Hashes chosen passwords in the pool, so that registrations hold up nobody either.

    ``min_length`` is the server's own, in characters.
    """

    def __init__(self, hashing: Hashing, pool: HashPool, min_length: int) -> None:
        self._hashing = hashing
        self._pool = pool
        self.min_length = min_length

    def require_room(self) -> None:
        """Pass if the pool has a place; asked before anything is looked up.

        Raises:
            Busy: it has none.

        """
        self._pool.require_room()

    async def hash(self, password: Secret) -> str:
        """Return the PHC string of a password that fits (`rules.find_password_flaw`).

        Raises:
            Busy: the pool is full.

        """
        async with self._pool.place():
            return await self._pool.run(lambda: self._hashing.hash(password, FORM))
