"""A provider's key set, kept: a flood of unknown key ids asks once a minute, a provider that is down is forgiven.

Spec: OpenID Connect Discovery 1.0 §4, OpenID Connect Core 1.0 §10.1.1 (rotation).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from tokenhouse.egress.client import Egress
from tokenhouse.egress.failures import EgressError, Failure
from tokenhouse.providers.answers import require_object
from tokenhouse.providers.published import PublishedKey, require_keys

FRESH = timedelta(hours=1)
"""How long keys are used unasked: a key that the provider took back is gone after that."""
STALE = timedelta(hours=24)
"""How long they are used when the provider cannot be asked: whoever blocks the way keeps no lost key alive for ever."""
PAUSE = timedelta(seconds=60)
FIRST_PAUSE = timedelta(seconds=5)
"""The pause while there are no keys at all: nobody can come through meanwhile."""
_WELL_KNOWN = "/.well-known/openid-configuration"

Tell = Callable[[Failure], None]


class KeySet:
    """The keys of one provider. ``tell`` hears of each refresh that fails."""

    def __init__(self, egress: Egress, issuer: str, jwks_uri: str | None, tell: Tell) -> None:
        self._egress = egress
        self._issuer = issuer
        self._jwks_uri = jwks_uri
        self._tell = tell
        self._keys: tuple[PublishedKey, ...] = ()
        self._fetched_at: datetime | None = None
        self._asked_at: datetime | None = None
        self._failure: Failure | None = None
        self._asking = asyncio.Lock()

    async def find(self, kid: str | None, alg: str, now: datetime) -> PublishedKey | None:
        """Return the one published key of that id that fits; without an id, the only one that fits.

        Raises:
            EgressError: the provider cannot be asked, so that nobody knows.

        """
        found = self._pick(kid, alg, now)
        if found is not None and (not self._is_older(FRESH, now) or self._asking.locked()):
            return found
        async with self._asking:
            if self._may_ask(now):
                await self._refresh(now)
        found = self._pick(kid, alg, now)
        if found is None and self._failure is not None:
            raise EgressError(self._failure)
        return found

    def _pick(self, kid: str | None, alg: str, now: datetime) -> PublishedKey | None:
        if self._is_older(STALE, now):
            return None
        fitting = [key for key in self._keys if key.fits(alg) and kid in {None, key.kid}]
        return fitting[0] if len(fitting) == 1 else None

    def _is_older(self, age: timedelta, now: datetime) -> bool:
        return self._fetched_at is None or now - self._fetched_at >= age

    def _may_ask(self, now: datetime) -> bool:
        return self._asked_at is None or now - self._asked_at >= (PAUSE if self._keys else FIRST_PAUSE)

    async def _refresh(self, now: datetime) -> None:
        self._asked_at = now
        # Whoever comes while this is under way, or after it was broken off, must not take "not found" for an answer.
        self._failure = Failure.BUSY
        try:
            self._keys = await self._fetch()
        except EgressError as error:
            self._failure = error.failure
            self._tell(error.failure)
        else:
            self._failure = None
            self._fetched_at = now

    async def _fetch(self) -> tuple[PublishedKey, ...]:
        return require_keys(require_object(await self._egress.ask(self._jwks_uri or await self._discover())))

    async def _discover(self) -> str:
        document = require_object(await self._egress.ask(self._issuer.rstrip("/") + _WELL_KNOWN))
        jwks_uri = document.get("jwks_uri")
        if document.get("issuer") != self._issuer or not isinstance(jwks_uri, str):
            raise EgressError(Failure.BAD_ANSWER)
        return jwks_uri
