"""Signed tokens, verified here and now by the issuer's published keys."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from tokenhouse_verify.claims import ClaimsPolicy
from tokenhouse_verify.compact import Compact, read_compact
from tokenhouse_verify.errors import InvalidToken, Reason
from tokenhouse_verify.fetch import fetch_object, require_safe_url
from tokenhouse_verify.jwk import ALGORITHMS, VerificationKey
from tokenhouse_verify.keys import FixedKeys, KeySource, PublishedKeys, fetch_by_metadata
from tokenhouse_verify.strict_json import NotAnObject, read_object
from tokenhouse_verify.token import Token


class Verifier:
    """Verifies JWT access tokens of one issuer for one audience.

    Keys come from ``jwks_url``, from ``keys`` (a JWK set or a source of keys), or, with neither, from the issuer's
    metadata. ``audience`` None accepts a token for whomever it was made: only for contracts whose tokens name none.
    ``types`` are the ``typ`` headers of access tokens, so that an ID token does not pass for one. ``leeway`` is at most
    60 s. ``now`` tells seconds since 1970.

    Spec: RFC 9068 §4, RFC 8725
    """

    def __init__(
        self,
        issuer: str,
        *,
        audience: str | None,
        jwks_url: str | None = None,
        keys: Mapping[str, Any] | KeySource | None = None,
        algorithms: Collection[str] = ("ES256", "RS256"),
        types: Collection[str] = ("at+jwt",),
        leeway: timedelta = timedelta(seconds=10),
        now: Callable[[], float] = time.time,
    ) -> None:
        if not algorithms or not set(algorithms) <= ALGORITHMS.keys():
            raise ValueError(f"algorithms are some of {', '.join(ALGORITHMS)}")
        if not issuer or not types or isinstance(types, str):
            raise ValueError("an issuer and a collection of types are needed")
        self._algorithms = frozenset(algorithms)
        self._types = frozenset(name.lower() for name in types)
        self._policy = ClaimsPolicy(issuer, audience, leeway)
        self._keys = _key_source(issuer, jwks_url, keys)
        self._now = now

    async def verify(self, token: str) -> Token:
        """Return what ``token`` says.

        Raises:
            InvalidToken: it is not good here.
            Unavailable: the issuer's keys cannot be had.

        """
        compact = read_compact(token)
        kid = self._require_header(compact.header)
        key = await self._keys.find(kid)
        if key is None:
            raise InvalidToken(Reason.UNKNOWN_KEY)
        claims = self._require_claims(compact, key)
        return self._policy.admit(claims, self._now())

    def _require_header(self, header: Mapping[str, Any]) -> str:
        """Return the ``kid``; the rest of the header is only held against what is allowed."""
        kid, typ, alg = header.get("kid"), header.get("typ"), header.get("alg")
        # Must come before the key is looked up: whatever cannot be verified must not make us ask the issuer.
        if not isinstance(alg, str) or alg not in self._algorithms:
            raise InvalidToken(Reason.WRONG_ALGORITHM)
        if not isinstance(typ, str) or typ.lower().removeprefix("application/") not in self._types:
            raise InvalidToken(Reason.WRONG_TYPE)
        if not isinstance(kid, str):
            raise InvalidToken(Reason.UNKNOWN_KEY)
        return kid

    def _require_claims(self, compact: Compact, key: VerificationKey) -> dict[str, Any]:
        # The key decides by which algorithm it verifies; a token that says another one is lying.
        if key.alg not in self._algorithms or compact.header["alg"] != key.alg:
            raise InvalidToken(Reason.WRONG_ALGORITHM)
        if not key.verifies(compact.signing_input, compact.signature):
            raise InvalidToken(Reason.BAD_SIGNATURE)
        try:
            claims = read_object(compact.payload)
        except NotAnObject:
            raise InvalidToken(Reason.MALFORMED) from None
        if "exp" not in claims:
            raise InvalidToken(Reason.BAD_CLAIM)
        return claims


def _key_source(issuer: str, jwks_url: str | None, keys: Mapping[str, Any] | KeySource | None) -> KeySource:
    if jwks_url is not None and keys is not None:
        raise ValueError("keys come from jwks_url or from keys, not from both")
    if isinstance(keys, Mapping):
        return FixedKeys(keys)
    if keys is not None:
        return keys
    if jwks_url is not None:
        return PublishedKeys(partial(fetch_object, require_safe_url(jwks_url)))
    return PublishedKeys(partial(fetch_by_metadata, require_safe_url(issuer)))
