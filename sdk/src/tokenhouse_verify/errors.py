"""Why a call is refused, and how the refusal is said on the wire (RFC 6750 §3)."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import ClassVar

_QUOTABLE = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+")
_SCOPE_TOKEN = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")


class Reason(StrEnum):
    """The operator's word for a refusal: for logs and metrics, never on the wire."""

    NO_TOKEN = "no_token"
    REPEATED = "repeated"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    WRONG_TYPE = "wrong_type"
    FORBIDDEN_HEADER = "forbidden_header"
    WRONG_ALGORITHM = "wrong_algorithm"
    UNKNOWN_KEY = "unknown_key"
    BAD_SIGNATURE = "bad_signature"
    BAD_CLAIM = "bad_claim"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    WRONG_ISSUER = "wrong_issuer"
    WRONG_AUDIENCE = "wrong_audience"
    NOT_AN_ACCESS_TOKEN = "not_an_access_token"
    INACTIVE = "inactive"
    OPAQUE = "opaque"
    OTHER_CREDENTIAL = "other_credential"
    WRONG_KIND = "wrong_kind"
    SCOPE = "scope"
    LIMITED = "limited"
    BUSY = "busy"
    KEYS_UNAVAILABLE = "keys_unavailable"
    INTROSPECTION_UNAVAILABLE = "introspection_unavailable"


class Refusal(Exception):
    """A call is refused; ``reason`` is for the operator, the rest may be said to the caller.

    ``error`` is the code of RFC 6750 §3.1, None where that document wants none. ``scope`` is what would be needed.
    """

    status: ClassVar[int]
    error: ClassVar[str | None] = None
    retry_after_seconds: ClassVar[int | None] = None
    description: str

    def __init__(self, reason: Reason, *, scope: tuple[str, ...] = ()) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.scope = scope

    def headers(self, realm: str = "api") -> dict[str, str]:
        """Return the headers of the refusal.

        Spec: RFC 6750 §3

        Raises:
            ValueError: the realm cannot be quoted.

        """
        if not _QUOTABLE.fullmatch(realm):
            raise ValueError("a realm is printable ASCII without quote and backslash")
        parts = [f'realm="{realm}"']
        if self.error is not None:
            parts += [f'error="{self.error}"', f'error_description="{self.description}"']
        if self.scope:
            parts.append(f'scope="{" ".join(self.scope)}"')
        return {"WWW-Authenticate": "Bearer " + ", ".join(parts), "Cache-Control": "no-store"}

    def body(self) -> dict[str, str]:
        """Return the members of a JSON body that says the same as the headers."""
        error = {} if self.error is None else {"error": self.error}
        return {**error, "error_description": self.description}


class MissingToken(Refusal):
    """No token was presented: a bare challenge, without an error code (RFC 6750 §3.1)."""

    status = 401
    description = "An access token is needed."

    def __init__(self, reason: Reason = Reason.NO_TOKEN) -> None:
        super().__init__(reason)


class InvalidRequest(Refusal):
    """The token is presented twice, in two places, or in a form that is none."""

    status = 400
    error = "invalid_request"
    description = "The access token must be presented once, in one well-formed header."


class InvalidToken(Refusal):
    """The token, the client's pair or the device's key is not good here; of the reasons, only expiry is told."""

    status = 401
    error = "invalid_token"

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        told = "has expired" if reason is Reason.EXPIRED else "is not valid"
        self.description = f"The access token {told}."


class InsufficientScope(Refusal):
    """The token is good, but not for this; ``scope`` is what the resource needs."""

    status = 403
    error = "insufficient_scope"
    description = "The access token does not carry the scope that is needed."

    def __init__(self, *scope: str) -> None:
        super().__init__(Reason.SCOPE, scope=require_scope_tokens(scope))


class Unavailable(Refusal):
    """Nobody can say now whether the token is good, so it is not accepted; the caller may try again."""

    status = 503
    error = "temporarily_unavailable"
    retry_after_seconds = 2
    description = "The access token cannot be checked at the moment. Try again shortly."

    def headers(self, realm: str = "api") -> dict[str, str]:  # noqa: ARG002 - no challenge: the token may be good
        """Return the headers of the refusal: when to come back."""
        return {"Retry-After": str(self.retry_after_seconds), "Cache-Control": "no-store"}


class Limited(Unavailable):
    """Too many wrong secrets were tried for this client or device, so not even a right one is looked at."""

    status = 429
    error = "too_many_requests"
    retry_after_seconds = 30
    description = "Too many attempts. Try again later."

    def __init__(self) -> None:
        super().__init__(Reason.LIMITED)


def is_scope_token(text: str) -> bool:
    """Return whether ``text`` is one scope-token.

    Spec: RFC 6749 §3.3
    """
    return _SCOPE_TOKEN.fullmatch(text) is not None


def require_scope_tokens(scope: tuple[str, ...]) -> tuple[str, ...]:
    """Return ``scope`` as it came.

    Raises:
        ValueError: a name is no scope-token (RFC 6749 §3.3), so it can be granted to nobody.

    """
    for name in scope:
        if not is_scope_token(name):
            raise ValueError(f"not a scope-token: {name!r}")
    return scope
