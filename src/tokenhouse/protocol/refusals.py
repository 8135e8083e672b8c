"""Refusals: one class per registered error code, with its default status.

Raised anywhere, caught once, in ``http``. Three audiences, three fields: the client's ``description``, the operator's
``cause``, the developer's chained exception. A refusal carries the effects that must be remembered all the same: a
counted guess, a revoked login.

Spec: RFC 6749 §5.2, RFC 6750 §3.1.
"""

from __future__ import annotations

from typing import Any, ClassVar

from tokenhouse.protocol.causes import TREE, Cause, public

_DESCRIPTION_CHARACTERS = frozenset(map(chr, range(0x20, 0x7F))) - {'"', "\\"}


class Refusal(Exception):
    """The request is refused; what the wire makes of it belongs to the codec.

    Args:
        cause: the operator's reason; its public form picks the words and a dialect's error row.
        field: the wire name of the offending or missing parameter, if there is one.
        retry_after: seconds, for ``limited`` and ``busy``.
        effects: what has to be remembered although the request is refused.

    Attributes:
        subject: whom it is about, where that is known; for the audit log alone.

    """

    code: ClassVar[str] = "invalid_request"
    status: ClassVar[int] = 400

    def __init__(
        self,
        cause: Cause,
        *,
        field: str | None = None,
        retry_after: int | None = None,
        effects: tuple[Any, ...] = (),
    ) -> None:
        super().__init__(cause.value)
        self.cause = cause
        self.field = field
        self.retry_after = retry_after
        self.effects = effects
        self.subject: str | None = None

    @property
    def public_cause(self) -> Cause:
        """The cause that may be told."""
        return public(self.cause)

    @property
    def description(self) -> str:
        """Safe text for ``error_description`` (RFC 6749 §5.2 character set)."""
        text = TREE[self.public_cause].text
        if self.cause is Cause.MISSING and self.field:
            text = f"The parameter {self.field} is missing."
        return "".join(c for c in text if c in _DESCRIPTION_CHARACTERS)

    def carrying(self, *effects: Any) -> Refusal:
        """Return this refusal with ``effects`` added to what it makes remembered."""
        self.effects = (*self.effects, *effects)
        return self

    def about(self, subject: str | None) -> Refusal:
        """Return this refusal with the person whom it is about, for the audit log."""
        self.subject = subject
        return self


class InvalidRequest(Refusal):
    """A parameter is missing, repeated or malformed."""


class WrongMethod(InvalidRequest):
    """The route exists, the method does not."""

    status = 405


class UnsupportedMediaType(InvalidRequest):
    """The content type is not one that this call reads."""

    status = 415


class TooLarge(InvalidRequest):
    """The body or one value is larger than the limit."""

    status = 413


class TimedOut(InvalidRequest):
    """The request did not arrive whole in time."""

    status = 408


class InvalidClient(Refusal):
    """The client did not prove itself."""

    code = "invalid_client"
    status = 401


class InvalidGrant(Refusal):
    """The password, code or refresh token is not valid."""

    code = "invalid_grant"


class UnauthorizedClient(Refusal):
    """The client may not use this grant, contract or endpoint."""

    code = "unauthorized_client"


class Forbidden(UnauthorizedClient):
    """The client is known and may not ask this at all."""

    status = 403


class UnsupportedGrantType(Refusal):
    """The grant type has no file in ``grants``, or the contract does not offer it."""

    code = "unsupported_grant_type"


class InvalidScope(Refusal):
    """The scope is malformed or exceeds what was granted."""

    code = "invalid_scope"


class InvalidTarget(Refusal):
    """The resource is unknown, malformed, or not one that the client may reach (RFC 8707 §2)."""

    code = "invalid_target"


class UnsupportedTokenType(Refusal):
    """This server does not revoke tokens of that type (RFC 7009 §2.2.1)."""

    code = "unsupported_token_type"


class InvalidToken(Refusal):
    """A protected call came without a token, or with one that is not good here (RFC 6750 §3.1)."""

    code = "invalid_token"
    status = 401


class NotFound(Refusal):
    """Whom or what the call is about does not exist."""

    code = "not_found"
    status = 404


class Unacceptable(InvalidRequest):
    """A value was understood and cannot be taken: a name that is taken, a password that is too short."""

    status = 422


class Insecure(Refusal):
    """Credentials came over plain http where https is demanded."""

    status = 403


class Limited(Refusal):
    """Too many attempts; nothing was checked."""

    code = "temporarily_unavailable"
    status = 429


class Busy(Refusal):
    """A bounded queue is full; nothing was checked."""

    code = "temporarily_unavailable"
    status = 503


class ServerFault(Refusal):
    """Something broke; the incident id is in the log."""

    code = "server_error"
    status = 500
