"""Opaque tokens: ask the issuer, remember the answer for a few seconds."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus

from tokenhouse_verify.claims import ClaimsPolicy
from tokenhouse_verify.errors import InvalidToken, Reason, Unavailable
from tokenhouse_verify.fetch import FetchError, fetch_object, require_safe_url
from tokenhouse_verify.token import Token

_log = logging.getLogger("tokenhouse_verify")

MAX_TTL = timedelta(seconds=10)
MAX_ENTRIES = 1024
_MAX_CALLS = 8
_MAX_QUEUE = 64
_MAX_WAIT_SECONDS = 15.0


class Introspection:
    """Asks the introspection endpoint, as a client that authenticates with Basic.

    A good answer is kept for ``cache_ttl`` (at most 10 s, never past the token's end), so a revoked token is good for
    that long at most. Whatever goes wrong on the way refuses the call with 503; nothing is ever accepted for it.
    ``issuer`` and ``audience`` are compared when given. ``clock`` counts seconds, ``now`` tells them since 1970.

    Spec: RFC 7662 §2, RFC 6749 §2.3.1
    """

    def __init__(
        self,
        url: str,
        *,
        client_id: str,
        client_secret: str,
        issuer: str | None = None,
        audience: str | None = None,
        cache_ttl: timedelta = timedelta(seconds=5),
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        if not timedelta(0) <= cache_ttl <= MAX_TTL:
            raise ValueError("cache_ttl is between 0 and 10 seconds")
        pair = f"{quote_plus(client_id)}:{quote_plus(client_secret)}".encode()
        self._url = require_safe_url(url)
        self._headers = {"Authorization": "Basic " + base64.b64encode(pair).decode()}
        self._policy = ClaimsPolicy(issuer, audience)
        self._cache_ttl = cache_ttl
        self._clock = clock
        self._now = now
        self._lock = threading.Lock()
        self._calls = ThreadPoolExecutor(_MAX_CALLS, thread_name_prefix="introspection")
        self._flights: dict[bytes, Future[Token]] = {}
        self._cache: OrderedDict[bytes, tuple[float, Token]] = OrderedDict()

    async def introspect(self, token: str) -> Token:
        """Return what the issuer says of ``token``.

        Raises:
            InvalidToken: it is not active, not an access token, or not for us.
            Unavailable: the issuer gave no clear answer, or too many calls wait for one.

        """
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        kept = self._kept(digest)
        if kept is not None:
            return kept
        return await self._ask(digest, token)

    async def _ask(self, digest: bytes, token: str) -> Token:
        flight = self._flight(digest, token)
        try:
            # Shielded: others may wait for the same answer.
            return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(flight)), _MAX_WAIT_SECONDS)
        except (FetchError, TimeoutError) as error:
            _log.warning("introspection_unavailable error=%s", error)
            raise Unavailable(Reason.INTROSPECTION_UNAVAILABLE) from None

    def _flight(self, digest: bytes, token: str) -> Future[Token]:
        """Return the call about this token that is under way, or begin one."""
        with self._lock:
            flight = self._flights.get(digest)
            if flight is not None:
                return flight
            if len(self._flights) >= _MAX_QUEUE:
                raise Unavailable(Reason.INTROSPECTION_UNAVAILABLE)
            form = {"token": token, "token_type_hint": "access_token"}
            flight = self._calls.submit(self._call, digest, form)
            self._flights[digest] = flight
        return flight

    def _call(self, digest: bytes, form: dict[str, str]) -> Token:
        """Ask, and keep a good answer before the flight is over: who comes in between finds the one or the other."""
        try:
            found = self._require_good(fetch_object(self._url, form=form, headers=self._headers))
            self._keep(digest, found)
            return found
        finally:
            with self._lock:
                self._flights.pop(digest, None)

    def _require_good(self, answer: dict[str, Any]) -> Token:
        active = answer.get("active")
        if not isinstance(active, bool):
            raise Unavailable(Reason.INTROSPECTION_UNAVAILABLE)
        if not active:
            raise InvalidToken(Reason.INACTIVE)
        # A refresh token is active, too; only an access token has a token_type (RFC 7662 §2.2, RFC 6749 §7.1).
        if str(answer.get("token_type")).lower() != "bearer":
            raise InvalidToken(Reason.NOT_AN_ACCESS_TOKEN)
        return self._policy.admit(answer, self._now())

    def _kept(self, digest: bytes) -> Token | None:
        with self._lock:
            until, token = self._cache.get(digest, (0.0, None))
            if token is None or self._clock() < until:
                return token
            del self._cache[digest]
            return None

    def _keep(self, digest: bytes, token: Token) -> None:
        seconds = self._cache_ttl.total_seconds()
        if token.expires_at is not None:
            seconds = min(seconds, token.expires_at.timestamp() - self._now())
        with self._lock:
            self._cache[digest] = (self._clock() + seconds, token)
            while len(self._cache) > MAX_ENTRIES:
                self._cache.popitem(last=False)
