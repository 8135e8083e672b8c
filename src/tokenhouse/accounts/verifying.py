"""Verifying something that is hashed slowly: a place in the pool, a turn, a reserved guess, then the hash.

A full pool costs the database nothing; a spent budget costs the processor nothing. The very same guess takes turns with
itself: fifty devices that come back at once with the right password of one account do not spend its budget.
"""

from __future__ import annotations

import asyncio
import hmac
import os
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple
from weakref import WeakValueDictionary

from tokenhouse.accounts.guesses import Guesses
from tokenhouse.accounts.hashing import Hashing
from tokenhouse.accounts.lockout import Attempt
from tokenhouse.accounts.pool import HashPool
from tokenhouse.model.effects import Effect
from tokenhouse.protocol.refusals import Busy
from tokenhouse.protocol.secret import Secret


class Checked(NamedTuple):
    """What came of a check. ``refunds`` give the guess back; None: it was wrong, or locked out."""

    refunds: tuple[Effect, ...] | None
    is_locked: bool = False


class SlowVerifier:
    """Checks passwords and human-chosen client secrets against PHC strings."""

    def __init__(self, guesses: Guesses, hashing: Hashing, pool: HashPool) -> None:
        self.guesses = guesses
        self._hashing = hashing
        self._pool = pool
        self._key = os.urandom(32)
        self._turns: WeakValueDictionary[bytes, asyncio.Lock] = WeakValueDictionary()

    def require_room(self) -> None:
        """Pass if the pool has a place; it may be gone when ``check`` is called.

        Raises:
            Busy: it has none.

        """
        self._pool.require_room()

    async def check(
        self,
        kind: str,
        name: str,
        phcs: Sequence[str],
        secret: Secret,
        *,
        form: str,
        source: str,
        now: datetime,
        asked: str | None = None,
        attempt: Attempt | None = None,
    ) -> Checked:
        """Return whether ``secret`` made one of ``phcs``, as the effects that give the guess back.

        Without any, the work of one is done for nothing, and so it is where ``attempt`` meets a lockout. ``kind`` is
        account or client. However many there are, it is one guess. ``asked`` is what a person was called.

        Raises:
            Busy: the pool is full; nothing was counted.
            Limited: a budget is spent; nothing was hashed.

        """
        against = phcs or (self._hashing.decoy,)
        async with self._pool.place(), self._turn(kind, name, secret):
            reserved = await self.guesses.reserve(kind, name, source, now, asked=asked, attempt=attempt)
            right = await self._pool.run(lambda: any(self._hashing.verify(phc, secret, form) for phc in against))
        granted = right and phcs and not reserved.locked
        return Checked(reserved.refunds if granted else None, reserved.locked)

    def _turn(self, kind: str, name: str, secret: Secret) -> asyncio.Lock:
        """Return the lock that equal guesses share while any of them is under way."""
        guess = f"{kind}\0{name}\0{secret.reveal()}".encode()
        return self._turns.setdefault(hmac.digest(self._key, guess, sha256), asyncio.Lock())

    async def check_client(
        self, name: str, phcs: Sequence[str], secret: Secret, source: str, now: datetime
    ) -> tuple[Effect, ...] | None:
        """Check a human-chosen client secret (`clients.methods.SlowCheck`)."""
        return (await self.check("client", name, phcs, secret, form="raw", source=source, now=now)).refunds

    async def renew(self, phc: str, secret: Secret, form: str) -> str | None:
        """Return a hash of the same password with today's parameters, None if ``phc`` has them already.

        A full pool leaves it to the next login.
        """
        if self._hashing.is_current(phc):
            return None
        try:
            async with self._pool.place():
                return await self._pool.run(lambda: self._hashing.hash(secret, form))
        except Busy:
            return None
