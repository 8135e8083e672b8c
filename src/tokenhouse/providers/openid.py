"""Providers of kind `oidc`: a signed id_token proves the person, verified here with the provider's published keys.

Spec: OpenID Connect Core 1.0 §3.1.3.7 (but for the nonce, which belongs to whoever began the login: the person's app),
§3.1.3.8 (at_hash); RFC 8725 §3.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeGuard, get_args

from joserfc import jws
from joserfc.errors import JoseError

from tokenhouse.config.provider_settings import Algorithm, Provider
from tokenhouse.protocol.compact import Compact, read_compact
from tokenhouse.protocol.messages import ProviderProof
from tokenhouse.providers.facts import make_identity, read_identifier
from tokenhouse.providers.identity import ProvenIdentity
from tokenhouse.providers.key_sets import KeySet
from tokenhouse.providers.refused import ProofRefused, Reason

_SKEW_SECONDS = 10
_REGISTRY = jws.JWSRegistry(algorithms=list(get_args(Algorithm)), strict_check_header=False)


class OpenIdProvider:
    """Verifies id_tokens of one issuer for our client ids."""

    needs = frozenset({"id_token"})
    takes = frozenset({"id_token", "access_token"})

    def __init__(self, settings: Provider, keys: KeySet) -> None:
        self._settings = settings
        self._keys = keys

    async def prove(self, proof: ProviderProof, now: datetime) -> ProvenIdentity:
        """Return whom the id_token names.

        Raises:
            ProofRefused: with the reason.
            EgressError: the provider's keys are not to be had.

        """
        text = proof.id_token.reveal() if proof.id_token else ""
        token = read_compact(text)
        if token is None:
            raise ProofRefused(Reason.MALFORMED)
        alg = await self._verify(text, token, now)
        _judge(token.claims, self._settings, now)
        if proof.access_token is not None and "at_hash" in token.claims:
            _judge_access_token(token.claims["at_hash"], proof.access_token.reveal(), alg)
        return _person(self._settings.name, token.claims)

    async def _verify(self, text: str, token: Compact, now: datetime) -> str:
        """Return the algorithm of a signature that holds; it is one of the configuration's, whatever the token says."""
        alg, kid = token.header.get("alg"), token.header.get("kid")
        if alg not in self._settings.algs:
            raise ProofRefused(Reason.ALGORITHM)
        if not isinstance(kid, str | None):
            raise ProofRefused(Reason.MALFORMED)
        # Before a key is looked for: what is plainly not for us must not make us ask anybody.
        if token.claims.get("iss") != self._settings.issuer:
            raise ProofRefused(Reason.ISSUER)
        key = await self._keys.find(kid, alg, now)
        if key is None:
            raise ProofRefused(Reason.UNKNOWN_KEY)
        try:
            jws.deserialize_compact(text, key.key, algorithms=[alg], registry=_REGISTRY)
        except (JoseError, ValueError):
            raise ProofRefused(Reason.SIGNATURE) from None
        return str(alg)


def _judge(claims: Mapping[str, Any], settings: Provider, now: datetime) -> None:
    audience = claims.get("aud")
    listed = audience if isinstance(audience, list) else [audience]
    ours = settings.client_ids
    # An audience that we do not know may be anybody, and could show the token here.
    if not listed or any(one not in ours for one in listed) or claims.get("azp", ours[0]) not in ours:
        raise ProofRefused(Reason.AUDIENCE)
    at = now.timestamp()
    expires, made, begins = (claims.get(name) for name in ("exp", "iat", "nbf"))
    if not _is_time(expires) or expires + _SKEW_SECONDS <= at:
        raise ProofRefused(Reason.EXPIRED)
    if not _is_time(made) or made - _SKEW_SECONDS > at:
        raise ProofRefused(Reason.NOT_YET)
    if "nbf" in claims and (not _is_time(begins) or begins - _SKEW_SECONDS > at):
        raise ProofRefused(Reason.NOT_YET)


def _is_time(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _judge_access_token(said: Any, access_token: str, alg: str) -> None:
    digest = hashlib.new(f"sha{alg[2:]}", access_token.encode()).digest()
    half = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
    if said != half:
        raise ProofRefused(Reason.ACCESS_TOKEN)


def _person(provider: str, claims: Mapping[str, Any]) -> ProvenIdentity:
    subject = read_identifier(claims["sub"]) if isinstance(claims.get("sub"), str) else None
    if subject is None:
        raise ProofRefused(Reason.SUBJECT)
    return make_identity(provider, subject, claims.get("email"), claims.get("email_verified"), claims.get("name"))
