"""An issuer without a server, for the tests of a resource server: good tokens, and bad ones of each kind."""

from __future__ import annotations

import json
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any, Literal

from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry

from tokenhouse_verify.verifier import Verifier

_LIFETIME_SECONDS = 300


class Issuer:
    """Mints tokens with a key of its own, made at once and known to nobody else.

    A keyword of ``token`` sets a claim, or takes it away with None.
    """

    def __init__(
        self,
        url: str = "https://issuer.test",
        *,
        audience: str | None = "https://api.test",
        alg: Literal["ES256", "RS256"] = "ES256",
    ) -> None:
        self.url = url
        self.audience = audience
        self.alg: Literal["ES256", "RS256"] = alg
        self._key: ECKey | RSAKey = (ECKey if alg == "ES256" else RSAKey).generate_key()
        self.kid = self._key.thumbprint()

    def jwks(self) -> dict[str, Any]:
        """Return the public key as a JWK set."""
        return {"keys": [{**self._key.as_dict(private=False), "kid": self.kid, "alg": self.alg, "use": "sig"}]}

    def verifier(self) -> Verifier:
        """Return a verifier that accepts this issuer's tokens."""
        return Verifier(self.url, audience=self.audience, keys=self.jwks())

    def token(self, **claims: Any) -> str:
        """Return a good token."""
        now = int(time.time())
        standard = {
            "iss": self.url,
            "sub": "alice",
            "aud": self.audience,
            "client_id": "app",
            "iat": now,
            "exp": now + _LIFETIME_SECONDS,
            "jti": secrets.token_urlsafe(12),
        }
        return self.sign({name: value for name, value in (standard | claims).items() if value is not None})

    def expired(self, **claims: Any) -> str:
        """Return a token whose time is over."""
        now = int(time.time())
        return self.token(**{"iat": now - 2 * _LIFETIME_SECONDS, "exp": now - _LIFETIME_SECONDS, **claims})

    def wrong_audience(self, **claims: Any) -> str:
        """Return a token for another service."""
        return self.token(**{"aud": "https://other.test", **claims})

    def wrong_key(self, **claims: Any) -> str:
        """Return a token that names this issuer's key and was signed with another one."""
        impostor = Issuer(self.url, audience=self.audience, alg=self.alg)
        impostor.kid = self.kid
        return impostor.token(**claims)

    def sign(self, claims: Mapping[str, Any] | bytes, header: Mapping[str, Any] | None = None) -> str:
        """Return a JWT of exactly these claims; ``header`` adds to the header or replaces what it has."""
        full = {"alg": self.alg, "kid": self.kid, "typ": "at+jwt", **(header or {})}
        payload = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
        signed = f"{_segment(json.dumps(full).encode())}.{_segment(payload)}"
        model = JWSRegistry(algorithms=[self.alg]).get_alg(self.alg)
        return f"{signed}.{_segment(model.sign(signed.encode(), self._key))}"


def _segment(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
