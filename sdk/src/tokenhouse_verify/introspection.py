"""What cannot be verified here: ask the issuer, remember the answer for a few seconds."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus

from tokenhouse_verify.claims import ClaimsPolicy
from tokenhouse_verify.credential import Credential
from tokenhouse_verify.errors import InvalidToken, Limited, Reason, Unavailable
from tokenhouse_verify.fetch import FetchError, fetch_object, require_safe_url
from tokenhouse_verify.metadata import find_endpoint
from tokenhouse_verify.remembered import Remembered
from tokenhouse_verify.token import Token
from tokenhouse_verify.verdict import require_good

_log = logging.getLogger("tokenhouse_verify")

MAX_TTL = timedelta(seconds=10)
NEGATIVE_TTL = timedelta(seconds=1)
MAX_ENTRIES = 1024
_MAX_CALLS = 8
_MAX_QUEUE = 64
_MAX_WAIT_SECONDS = 15.0
_TOO_MANY = 429


class Introspection:
    """Asks the introspection endpoint, as a client that authenticates with Basic.

    A good answer is kept for ``cache_ttl`` (at most 10 s, never past the token's end), so a revoked token is good for
    that long at most. That a client's pair or a device's key is wrong is kept for a second. Whatever goes wrong on the
    way refuses the call with 503; nothing is ever accepted for it. ``issuer`` and ``audience`` are compared when given.
    ``clock`` counts seconds, ``now`` tells them since 1970.

    Spec: RFC 7662 §2, RFC 6749 §2.3.1
    """

    def __init__(
        self,
        url: str | Callable[[], str],
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
        self._find_url = url if callable(url) else None
        self._url = None if callable(url) else require_safe_url(url)
        self._headers = {"Authorization": "Basic " + base64.b64encode(pair).decode()}
        self._policy = ClaimsPolicy(issuer, audience)
        self._cache_ttl = cache_ttl
        self._now = now
        self._lock = threading.Lock()
        self._calls = ThreadPoolExecutor(_MAX_CALLS, thread_name_prefix="introspection")
        self._flights: dict[bytes, Future[Token]] = {}
        self._good: Remembered[Token] = Remembered(MAX_ENTRIES, clock)
        self._wrong: Remembered[Reason] = Remembered(MAX_ENTRIES, clock)

    @classmethod
    def by_metadata(
        cls,
        issuer: str,
        *,
        client_id: str,
        client_secret: str,
        audience: str | None = None,
        cache_ttl: timedelta = timedelta(seconds=5),
    ) -> Introspection:
        """Return one that asks where the metadata of ``issuer`` say, found out at the first question."""
        require_safe_url(issuer)
        return cls(
            lambda: find_endpoint(issuer, "introspection_endpoint"),
            client_id=client_id,
            client_secret=client_secret,
            audience=audience,
            cache_ttl=cache_ttl,
        )

    async def introspect(self, asked: Credential | str) -> Token:
        """Return what the issuer says of ``asked``; a text is a token.

        Raises:
            InvalidToken: it is not active, not what it was presented as, or not for us.
            Limited: too many wrong secrets were tried.
            Unavailable: the issuer gave no clear answer, or too many calls wait for one.

        """
        credential = Credential("token", asked) if isinstance(asked, str) else asked
        digest = _digest(credential)
        kept = self._good.find(digest)
        if kept is not None:
            return kept
        wrong = self._wrong.find(digest)
        if wrong is not None:
            raise InvalidToken(wrong)
        return await self._ask(digest, credential)

    async def _ask(self, digest: bytes, credential: Credential) -> Token:
        flight = self._flight(digest, credential)
        try:
            # Shielded: others may wait for the same answer.
            return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(flight)), _MAX_WAIT_SECONDS)
        except (FetchError, TimeoutError) as error:
            _log.warning("introspection_unavailable error=%s", error)
            # About a token, that is said to us; about a secret, to whoever guesses it.
            if getattr(error, "status", None) == _TOO_MANY and credential.kind != "token":
                raise Limited from None
            raise Unavailable(Reason.INTROSPECTION_UNAVAILABLE) from None

    def _flight(self, digest: bytes, credential: Credential) -> Future[Token]:
        """Return the call about this credential that is under way, or begin one."""
        with self._lock:
            flight = self._flights.get(digest)
            if flight is not None:
                return flight
            if len(self._flights) >= _MAX_QUEUE:
                raise Unavailable(Reason.BUSY)
            flight = self._calls.submit(self._call, digest, credential)
            self._flights[digest] = flight
        return flight

    def _call(self, digest: bytes, credential: Credential) -> Token:
        """Ask, and keep the answer before the flight is over: who comes in between finds the one or the other."""
        try:
            answer = self._fetch(_question(credential))
            try:
                found = require_good(answer, credential, self._policy, self._now())
            except InvalidToken as refusal:
                if credential.kind != "token":
                    self._wrong.keep(digest, refusal.reason, min(self._cache_ttl, NEGATIVE_TTL).total_seconds())
                raise
            self._good.keep(digest, found, self._seconds(found))
            return found
        finally:
            with self._lock:
                self._flights.pop(digest, None)

    def _fetch(self, form: dict[str, str]) -> dict[str, Any]:
        url = self._url
        if url is None and self._find_url is not None:
            url = self._url = self._find_url()
        return fetch_object(url or "", form=form, headers=self._headers)

    def _seconds(self, token: Token) -> float:
        seconds = self._cache_ttl.total_seconds()
        return seconds if token.expires_at is None else min(seconds, token.expires_at.timestamp() - self._now())


def _question(credential: Credential) -> dict[str, str]:
    hint = "access_token" if credential.kind == "token" else credential.kind
    beside = {} if credential.id is None else {"credential_id": credential.id}
    return {"token": credential.value, "token_type_hint": hint, **beside}


def _digest(credential: Credential) -> bytes:
    parts = (credential.kind, credential.id or "", credential.value)
    encoded = [part.encode("utf-8", "surrogatepass") for part in parts]
    return hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in encoded)).digest()
