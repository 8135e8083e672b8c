"""A provider on this machine, the way out to it, and tokens that it signs (by another library than ours)."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from tokenhouse.config.provider_settings import Provider
from tokenhouse.egress.client import Egress
from tokenhouse.egress.targets import Rules
from tokenhouse.protocol.messages import ProviderProof
from tokenhouse.protocol.secret import Secret

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CLIENT = "com.example.app"
_MAKERS: dict[str, Callable[[], Any]] = {
    "RS": lambda: rsa.generate_private_key(65537, 2048),
    "PS": lambda: rsa.generate_private_key(65537, 2048),
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ES384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "ES512": lambda: ec.generate_private_key(ec.SECP521R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
    "small": lambda: rsa.generate_private_key(65537, 1024),
}


class Keys:
    """Private keys by name, made once; a name begins with its algorithm."""

    def __init__(self) -> None:
        self._made: dict[str, Any] = {}

    def private(self, name: str) -> Any:
        if name not in self._made:
            alg = name.split(maxsplit=1)[0]
            self._made[name] = (_MAKERS.get(alg) or _MAKERS[alg[:2]])()
        return self._made[name]

    def public(self, name: str, **members: Any) -> dict[str, Any]:
        """Return the JWK of a key; its id is its name."""
        alg = name.split(maxsplit=1)[0]
        spoken = "RS256" if alg == "small" else alg
        jwk = jwt.get_algorithm_by_name(spoken).to_jwk(self.private(name).public_key(), as_dict=True)
        jwk.pop("key_ops", None)
        return {**jwk, "kid": name, "use": "sig", "alg": spoken} | members


@pytest.fixture(scope="session")
def keys() -> Keys:
    return Keys()


@pytest.fixture
def egress(elsewhere) -> Iterator[Egress]:
    made = Egress(Rules(allow=(elsewhere.place,)), deadline_seconds=1)
    yield made
    made.close()


@pytest.fixture
def claims(elsewhere) -> dict[str, Any]:
    """The claims of a good id_token."""
    now = int(NOW.timestamp())
    return {"iss": elsewhere.url, "aud": CLIENT, "sub": "001.abc", "iat": now, "exp": now + 600}


@pytest.fixture
def sign(keys: Keys):
    """Sign an id_token with a key; ``header`` changes what it says of itself."""

    def make(claims: dict[str, Any], name: str = "ES256", **header: Any) -> str:
        alg = name.split(maxsplit=1)[0]
        given = {"kid": name, **header}
        return jwt.encode(claims, keys.private(name), alg, headers={k: v for k, v in given.items() if v is not None})

    return make


@pytest.fixture
def forge(sign):
    """Sign whatever bytes, with a header of one's own."""

    def make(header: dict[str, Any], claims: Any, key: Any = b"secret", alg: str = "HS256") -> str:
        body = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
        head, part = (base64.urlsafe_b64encode(x).rstrip(b"=") for x in (json.dumps(header).encode(), body))
        signed = head + b"." + part
        # The library would not use a public key as a secret; a forger does.
        is_mac = alg.startswith("HS")
        signature = hmac.digest(key, signed, "sha256") if is_mac else jwt.get_algorithm_by_name(alg).sign(signed, key)
        return b".".join((head, part, base64.urlsafe_b64encode(signature).rstrip(b"="))).decode()

    return make


@pytest.fixture
def settings(elsewhere):
    """Make the settings of a provider at the server."""

    def make(kind: str, **facts: Any) -> Provider:
        urls = {"userinfo": elsewhere.url + "/me", "subject": "id"}
        given = {"issuer": elsewhere.url, "client_ids": (CLIENT,)} if kind == "oidc" else urls
        return Provider(**({"name": "somebody", "kind": kind} | given | facts))

    return make


@pytest.fixture
def proof():
    """Make a proof out of texts."""

    def make(provider: str = "somebody", **parts: str) -> ProviderProof:
        return ProviderProof(provider, **{name: Secret(text) for name, text in parts.items()})

    return make


@pytest.fixture
def now() -> datetime:
    return NOW
