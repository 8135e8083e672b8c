"""Where verification keys come from: given once, or published by the issuer and remembered for a while."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from tokenhouse_verify.errors import Reason, Unavailable
from tokenhouse_verify.fetch import FetchError, fetch_object
from tokenhouse_verify.jwk import VerificationKey, usable_keys
from tokenhouse_verify.metadata import find_endpoint

_log = logging.getLogger("tokenhouse_verify")

MAX_AGE = timedelta(seconds=300)
STALE_IF_ERROR = timedelta(hours=24)
UNKNOWN_KID_PAUSE = timedelta(seconds=60)
RETRY_PAUSE = timedelta(seconds=10)
FIRST_RETRY_PAUSE = timedelta(seconds=1)
MAX_WAIT = timedelta(seconds=15)


class KeySource(Protocol):
    """Finds the key that a token names."""

    async def find(self, kid: str) -> VerificationKey | None:
        """Return the key of exactly that id, None if there is none.

        Raises:
            Unavailable: no keys could be had.

        """
        ...


class FixedKeys:
    """Keys that were given with the configuration."""

    def __init__(self, jwks: Mapping[str, Any]) -> None:
        self._keys = usable_keys(jwks)
        if not self._keys:
            raise ValueError("none of the keys can verify a signature")

    async def find(self, kid: str) -> VerificationKey | None:
        """Return the key of exactly that id, None if there is none."""
        return self._keys.get(kid)


@dataclass(frozen=True, slots=True)
class _Held:
    keys: Mapping[str, VerificationKey]
    fetched_at: float


class PublishedKeys:
    """The issuer's key set, fetched by ``load`` in a thread, one fetch at a time, shared by all that wait for it.

    Kept for 300 s; after that, 24 h longer while the issuer cannot be reached. An unknown ``kid`` fetches anew at most
    once a minute, so that nobody can make this server flood the issuer. ``clock`` counts seconds and never goes back.
    """

    def __init__(self, load: Callable[[], Mapping[str, Any]], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._load = load
        self._clock = clock
        self._lock = threading.Lock()
        self._held: _Held | None = None
        self._flight: Future[None] | None = None
        self._retry_at = self._ask_again_at = clock()

    async def find(self, kid: str) -> VerificationKey | None:
        """Return the key of exactly that id, None if the issuer publishes none.

        Raises:
            Unavailable: there are no keys, or none younger than 24 h, and the issuer cannot be reached.

        """
        before = self._held
        held = before if before is not None and self._is_fresh() else await self._renewed()
        key = held.keys.get(kid)
        if key is None and held is before and await self._asked_again():
            key = self._require_held().keys.get(kid)
        return key

    async def _renewed(self) -> _Held:
        with self._lock:
            may_fly = self._is_flying() or self._clock() >= self._retry_at
            flight = self._fly() if may_fly and not self._is_fresh() else None
        if flight is not None:
            await _landed(flight)
        return self._require_held()

    async def _asked_again(self) -> bool:
        with self._lock:
            # Whoever comes while a fetch is under way waits for it: it may bring the key that he names.
            if not self._is_flying():
                if self._clock() < self._ask_again_at:
                    return False
                self._ask_again_at = self._clock() + UNKNOWN_KID_PAUSE.total_seconds()
            flight = self._fly()
        await _landed(flight)
        return True

    def _require_held(self) -> _Held:
        held = self._held
        if held is None or self._age(held) >= MAX_AGE + STALE_IF_ERROR:
            raise Unavailable(Reason.KEYS_UNAVAILABLE)
        return held

    def _age(self, held: _Held) -> timedelta:
        return timedelta(seconds=self._clock() - held.fetched_at)

    def _is_fresh(self) -> bool:
        return self._held is not None and self._age(self._held) < MAX_AGE

    def _is_flying(self) -> bool:
        return self._flight is not None and not self._flight.done()

    def _fly(self) -> Future[None]:
        """Return the fetch under way, or begin one; the lock is held."""
        if self._flight is not None and not self._flight.done():
            return self._flight
        flight = self._flight = Future()
        flight.set_running_or_notify_cancel()  # a caller that goes away must not cancel it for the others
        threading.Thread(target=self._fetch, args=(flight,), name="jwks", daemon=True).start()
        return flight

    def _fetch(self, flight: Future[None]) -> None:
        began = self._clock()
        try:
            held = _Held(usable_keys(self._load()), began)
        except (FetchError, ValueError) as error:
            _log.warning("keys_unavailable error=%s", error)
            with self._lock:
                pause = FIRST_RETRY_PAUSE if self._held is None else RETRY_PAUSE
                self._retry_at = self._clock() + pause.total_seconds()
        else:
            self._held = held
        finally:
            flight.set_result(None)


async def _landed(flight: Future[None]) -> None:
    """Wait until the fetch is over, well or not, but not for ever."""
    await asyncio.wait({asyncio.wrap_future(flight)}, timeout=MAX_WAIT.total_seconds())


def fetch_by_metadata(issuer: str) -> dict[str, Any]:
    """Return the key set that the metadata of ``issuer`` name.

    Spec: RFC 8414 §3

    Raises:
        FetchError: no metadata, metadata of another issuer, no safe ``jwks_uri``, or no key set behind it.

    """
    return fetch_object(find_endpoint(issuer, "jwks_uri"))
