"""An issuer without a server, for the tests of a resource server: good credentials, and bad ones of each kind."""

from __future__ import annotations

import contextlib
import json
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry

from tokenhouse_verify.fetch import FetchError, answering
from tokenhouse_verify.introspection import Introspection
from tokenhouse_verify.verifier import Verifier

_LIFETIME_SECONDS = 300


class Issuer:
    """Mints tokens with a key of its own, made at once and known to nobody else.

    A keyword of ``token`` sets a claim, or takes it away with None. What is not signed is remembered, until ``revoke``.
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
        self._known: dict[tuple[str, str], dict[str, Any]] = {}

    def jwks(self) -> dict[str, Any]:
        """Return the public key as a JWK set."""
        return {"keys": [{**self._key.as_dict(private=False), "kid": self.kid, "alg": self.alg, "use": "sig"}]}

    def verifier(self) -> Verifier:
        """Return a verifier that accepts this issuer's tokens."""
        return Verifier(self.url, audience=self.audience, keys=self.jwks())

    def introspection(self) -> Introspection:
        """Return an introspection of this issuer; it works inside of ``in_process``."""
        return Introspection.by_metadata(self.url, client_id="api", client_secret="any", audience=self.audience)

    @contextlib.contextmanager
    def in_process(self) -> Iterator[Self]:
        """Answer for ``url`` inside the block: metadata, keys and introspection, through no socket."""
        parts = urlsplit(self.url)
        with answering(f"{parts.scheme}://{parts.netloc}", self._answer):
            yield self

    def token(self, **claims: Any) -> str:
        """Return a good token."""
        return self.sign(self._claims(claims))

    def expired(self, **claims: Any) -> str:
        """Return a token whose time is over."""
        now = int(time.time())
        return self.token(**{"iat": now - 2 * _LIFETIME_SECONDS, "exp": now - _LIFETIME_SECONDS, **claims})

    def wrong_audience(self, **claims: Any) -> str:
        """Return a token for another service."""
        return self.token(**{"aud": "https://other.test", **claims})

    def wrong_issuer(self, **claims: Any) -> str:
        """Return a token that says another issuer, and was signed with this one's key."""
        return self.token(**{"iss": "https://other.test", **claims})

    def wrong_key(self, **claims: Any) -> str:
        """Return a token that names this issuer's key and was signed with another one."""
        impostor = Issuer(self.url, audience=self.audience, alg=self.alg)
        impostor.kid = self.kid
        return impostor.token(**claims)

    def wrong_type(self, **claims: Any) -> str:
        """Return what this issuer signed for something else: the ``typ`` of an ID token."""
        return self.sign(self._claims(claims), {"typ": "JWT"})

    def opaque(self, **claims: Any) -> str:
        """Return a good token that says nothing by itself, so that it must be introspected."""
        return self._remember("access_token", {"token_type": "Bearer", **self._claims(claims)})

    def client_secret(self, client_id: str, **claims: Any) -> str:
        """Return the secret of a client that is good for calls without a token."""
        return self._remember("client_secret", {"token_type": "client_secret", "client_id": client_id, **claims})

    def device_key(self, device: str, **claims: Any) -> str:
        """Return the key of a device."""
        return self._remember("device_key", {"token_type": "device_key", "device": device, **claims})

    def revoke(self, value: str) -> None:
        """Forget a token, secret or key that is not signed. Whoever asked keeps the answer for some seconds."""
        self._known = {key: said for key, said in self._known.items() if key[1] != value}

    def sign(self, claims: Mapping[str, Any] | bytes, header: Mapping[str, Any] | None = None) -> str:
        """Return a JWT of exactly these claims; ``header`` adds to the header or replaces what it has."""
        full = {"alg": self.alg, "kid": self.kid, "typ": "at+jwt", **(header or {})}
        payload = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
        signed = f"{_segment(json.dumps(full).encode())}.{_segment(payload)}"
        model = JWSRegistry(algorithms=[self.alg]).get_alg(self.alg)
        return f"{signed}.{_segment(model.sign(signed.encode(), self._key))}"

    def _claims(self, claims: Mapping[str, Any]) -> dict[str, Any]:
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
        return {name: value for name, value in {**standard, **claims}.items() if value is not None}

    def _remember(self, hint: str, said: dict[str, Any]) -> str:
        value = secrets.token_urlsafe(24)
        self._known[hint, value] = said
        return value

    def _answer(self, path: str, form: Mapping[str, str]) -> bytes:
        base = self.url.rstrip("/")
        below = urlsplit(base).path
        if path == f"/.well-known/oauth-authorization-server{below}":
            places = {"jwks_uri": f"{base}/jwks", "introspection_endpoint": f"{base}/introspect"}
            return json.dumps({"issuer": self.url, **places}).encode()
        if path == f"{below}/jwks":
            return json.dumps(self.jwks()).encode()
        if path == f"{below}/introspect":
            said = self._known.get((form.get("token_type_hint", ""), form.get("token", "")))
            return json.dumps({"active": False} if said is None else {"active": True, **said}).encode()
        raise FetchError("status 404", status=404)


def _segment(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
