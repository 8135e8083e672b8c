"""Claims to a token: the same checks, whether they were signed or told by introspection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from tokenhouse_verify.errors import InvalidToken, Reason, is_scope_token
from tokenhouse_verify.token import Token

_LAST_SECOND = 253402300799  # 9999-12-31T23:59:59Z, the last that datetime can say
_MAX_LEEWAY = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class ClaimsPolicy:
    """What this resource server asks of claims. ``issuer`` or ``audience`` None: not compared."""

    issuer: str | None
    audience: str | None
    leeway: timedelta = timedelta(seconds=10)

    def __post_init__(self) -> None:
        if not timedelta(0) <= self.leeway <= _MAX_LEEWAY:
            raise ValueError("leeway is between 0 and 60 seconds")
        if self.issuer == "" or self.audience == "":
            raise ValueError("issuer and audience are not empty")

    def admit(self, claims: Mapping[str, Any], now: float) -> Token:
        """Return the token that ``claims`` describe. ``now`` in seconds since 1970.

        Spec: RFC 7519 §4.1, RFC 9068 §4

        Raises:
            InvalidToken: expired, not yet valid, of another issuer, for another audience, or a claim of a wrong type.

        """
        expires = _time(claims, "exp")
        leeway = self.leeway.total_seconds()
        if self.issuer is not None and claims.get("iss") != self.issuer:
            raise InvalidToken(Reason.WRONG_ISSUER)
        if self.audience is not None and self.audience not in _audiences(claims):
            raise InvalidToken(Reason.WRONG_AUDIENCE)
        if expires is not None and now >= expires + leeway:
            raise InvalidToken(Reason.EXPIRED)
        if any(begin is not None and begin > now + leeway for begin in (_time(claims, "nbf"), _time(claims, "iat"))):
            raise InvalidToken(Reason.NOT_YET_VALID)
        return Token(
            sub=_text(claims, "sub"),
            client_id=_text(claims, "client_id"),
            scope=_scope(claims),
            expires_at=None if expires is None else datetime.fromtimestamp(expires, UTC),
            claims=MappingProxyType(dict(claims)),
        )


def _time(claims: Mapping[str, Any], name: str) -> int | None:
    if name not in claims:
        return None
    value = claims[name]
    # bool is an int to Python and a float is a NumericDate to RFC 7519; neither is what any issuer of ours writes
    if type(value) is not int or not 0 <= value <= _LAST_SECOND:
        raise InvalidToken(Reason.BAD_CLAIM)
    return value


def _text(claims: Mapping[str, Any], name: str) -> str | None:
    value = claims.get(name)
    if value is not None and not isinstance(value, str):
        raise InvalidToken(Reason.BAD_CLAIM)
    return value


def _audiences(claims: Mapping[str, Any]) -> list[str]:
    value = claims.get("aud", [])
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise InvalidToken(Reason.BAD_CLAIM)
    return listed


def _scope(claims: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the scope, be it a string (RFC 9068 §2.2.3) or, as some issuers write it, an array."""
    value = claims.get("scope", "")
    listed = value.split(" ") if isinstance(value, str) and value else value or []
    if not isinstance(listed, list) or not all(isinstance(one, str) and is_scope_token(one) for one in listed):
        raise InvalidToken(Reason.BAD_CLAIM)
    return tuple(dict.fromkeys(listed))
