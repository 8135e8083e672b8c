"""Explaining a token offline: what it is, what it says, whether its signature and its times hold.

Spec: RFC 7515 §3.1, RFC 7519 §4.1, RFC 9068 §2.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

_PARTS = 3
_ALGORITHMS = ("ES256", "RS256")
_REFUSED = frozenset({"crit", "b64", "zip", "jwk", "jku", "x5u", "x5c"})
_PUBLIC_MEMBERS = frozenset({"kty", "crv", "x", "y", "n", "e"})
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


class Verdict(StrEnum):
    """What can be said offline."""

    VALID = "valid"
    INVALID = "invalid"
    UNVERIFIED = "unverified"
    OPAQUE = "opaque"


@dataclass(frozen=True, slots=True)
class Explanation:
    """A token in words."""

    verdict: Verdict
    reason: str
    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    signature: str
    expires: str

    def as_document(self) -> dict[str, Any]:
        """Return what a program reads."""
        return {
            "verdict": self.verdict.value,
            "reason": self.reason,
            "header": self.header,
            "claims": self.claims,
            "signature": self.signature,
            "expires": self.expires,
        }

    def lines(self) -> list[tuple[str, Any]]:
        """Return what a person reads."""
        if self.verdict is Verdict.OPAQUE:
            return [("kind", "opaque token"), ("verdict", f"UNKNOWN: {self.reason}")]
        header, claims = self.header, self.claims
        kind = f"JWT (typ {header.get('typ')}, {header.get('alg')}, kid {header.get('kid')})"
        told = [
            ("issuer", claims.get("iss")),
            ("audience", claims.get("aud")),
            ("client", claims.get("client_id")),
            ("subject", claims.get("sub")),
            ("scope", claims.get("scope")),
            ("expires", self.expires or None),
        ]
        shown = [("kind", kind), ("signature", self.signature), *((k, v) for k, v in told if v is not None)]
        verdict = self.verdict.value.upper() + (f": {self.reason}" if self.reason else "")
        return [*shown, ("verdict", verdict)]


def explain(text: str, keys: Sequence[Mapping[str, Any]] | None, now: datetime) -> Explanation:
    """Return what a token says; ``keys`` are JWKs (RFC 7517 §4), None if there are none to check with."""
    token = text.strip()
    for word in ("Bearer ", "bearer "):
        token = token.removeprefix(word).strip()
    parts = token.split(".")
    if len(parts) != _PARTS:
        return Explanation(Verdict.OPAQUE, "only the server that made an opaque token can explain it", {}, {}, "", "")
    header, claims = _object(parts[0]), _object(parts[1])
    if header is None or claims is None:
        return Explanation(Verdict.INVALID, "its parts are no base64url of JSON objects", {}, {}, "unreadable", "")
    signature = _signature(token, header, keys)
    expires = in_words(claims.get("exp"), now)
    if signature not in {"valid", "not checked"}:
        return Explanation(Verdict.INVALID, f"signature: {signature}", header, claims, signature, expires)
    wrong = _times(claims, now)
    if wrong:
        return Explanation(Verdict.INVALID, wrong, header, claims, signature, expires)
    if signature == "valid":
        return Explanation(Verdict.VALID, "", header, claims, signature, expires)
    reason = "no key to check the signature with; give --jwks"
    return Explanation(Verdict.UNVERIFIED, reason, header, claims, signature, expires)


def _object(part: str) -> dict[str, Any] | None:
    try:
        data = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
        value = json.loads(data.decode())
    except (binascii.Error, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _signature(token: str, header: Mapping[str, Any], keys: Sequence[Mapping[str, Any]] | None) -> str:
    """Return "valid", "not checked", or what is wrong; the key decides the algorithm, never the token alone."""
    alg = header.get("alg")
    if alg not in _ALGORITHMS:
        return f"the algorithm {alg!r} is not one of {', '.join(_ALGORITHMS)}"
    if _REFUSED & header.keys():
        return f"the header has {', '.join(sorted(_REFUSED & header.keys()))}"
    if keys is None:
        return "not checked"
    matching = [key for key in keys if key.get("kid") == header.get("kid") and key.get("alg", alg) == alg]
    if not matching:
        return f"no published key has the id {header.get('kid')!r}"
    return "valid" if any(_verifies(token, str(alg), key) for key in matching) else "wrong"


def _verifies(token: str, alg: str, jwk: Mapping[str, Any]) -> bool:
    from joserfc import jws
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey, RSAKey

    importer = ECKey if alg == "ES256" else RSAKey
    try:
        key = importer.import_key({name: str(value) for name, value in jwk.items() if name in _PUBLIC_MEMBERS})
        jws.deserialize_compact(token, key, algorithms=[alg], registry=jws.JWSRegistry(strict_check_header=False))
    except (JoseError, ValueError, KeyError, TypeError):
        return False
    return True


def _times(claims: Mapping[str, Any], now: datetime) -> str:
    expiry: Any = claims.get("exp")
    begins: Any = claims.get("nbf", 0)
    if not _is_time(expiry):
        return "it has no expiry"
    if not _is_time(begins):
        return "its nbf is no time"
    if expiry <= now.timestamp():
        return f"expired {in_words(expiry, now)}"
    return f"not valid before {in_words(begins, now)}" if begins > now.timestamp() else ""


def _is_time(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12  # noqa: PLR2004 -- year 33658


def in_words(at: Any, now: datetime) -> str:
    """Return a numeric date relative to now: ``in 54 min``, ``3 min ago``, ``now``; empty if it is none."""
    if not _is_time(at):
        return ""
    distance = int(at - now.timestamp())
    size = abs(distance)
    scale, unit = next(((scale, unit) for scale, unit in _UNITS if size >= scale), _UNITS[-1])
    count = round(size / scale)
    if not size:
        return "now"
    return f"in {count} {unit}" if distance > 0 else f"{count} {unit} ago"


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)
