"""Asking: what was read becomes the message that the rooms behind the wire get."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tokenhouse.protocol.messages import CallRequest, Credentials, Identifier, Profile, ProviderProof, TokenRequest
from tokenhouse.protocol.names import Bearer, CallKind, IdentifierKind
from tokenhouse.protocol.secret import Secret
from tokenhouse.wire.dialect.values import ABSENT
from tokenhouse.wire.dialect.view import View

Ends = Literal["token", "session", "device", "user"]


@dataclass(frozen=True, slots=True)
class TokenAsking:
    """Asks for tokens. ``identifiers`` are the roles by which a person can be named."""

    grant_type: str
    operation: str
    issues: tuple[str, ...]
    identifiers: tuple[str, ...]

    def message(self, view: View, values: Mapping[str, Any], credentials: Credentials) -> TokenRequest:
        """Return what is asked."""
        request = view.request
        return TokenRequest(
            grant_type=self.grant_type,
            credentials=credentials,
            id=request.id,
            now=request.now,
            source=request.source,
            scope=tuple(values["scope"]) if "scope" in values else None,
            identifier=_identifier(self.identifiers, values),
            password=_secret(values.get("password")),
            token=_secret(values.get("token")),
            device=values.get("device"),
            device_name=values.get("device_name"),
            issues=self.issues,
            operation=self.operation,
        )


@dataclass(frozen=True, slots=True)
class AssertionAsking:
    """Asks for tokens with what a provider elsewhere has said."""

    tokens: TokenAsking

    def message(self, view: View, values: Mapping[str, Any], credentials: Credentials) -> TokenRequest:
        """Return what is asked; without a provider there is no proof."""
        request = self.tokens.message(view, values, credentials)
        if "provider" in values:
            request.proof = ProviderProof(
                values["provider"],
                access_token=_secret(values.get("provider_token")),
                access_secret=_secret(values.get("provider_secret")),
                id_token=_secret(values.get("assertion")),
            )
        return request


@dataclass(frozen=True, slots=True)
class CallAsking:
    """Makes a protected call.

    ``token`` finds what was presented. ``proves_client`` says that the client proves itself beside it.
    """

    kind: CallKind
    operation: str
    bearer: Bearer
    ends: Ends
    token: Callable[[View], Any]
    proves_client: bool
    identifiers: tuple[str, ...]
    has_profile: bool

    def message(self, view: View, values: Mapping[str, Any], credentials: Credentials) -> CallRequest:
        """Return what is asked.

        Raises:
            InvalidRequest: it cannot be said which token was presented.

        """
        request = view.request
        token = self.token(view)
        return CallRequest(
            does=self.kind,
            id=request.id,
            now=request.now,
            source=request.source,
            token=None if token is ABSENT else Secret(token),
            bearer=self.bearer,
            credentials=credentials if self.proves_client else None,
            identifier=_identifier(self.identifiers, values),
            profile=_profile(values) if self.has_profile else None,
            ends=self.ends,
            operation=self.operation,
        )


Asking = TokenAsking | AssertionAsking | CallAsking


def _identifier(identifiers: tuple[str, ...], values: Mapping[str, Any]) -> Identifier | None:
    for name in identifiers:
        if name in values:
            return Identifier(IdentifierKind(name), values[name])
    return None


def _profile(values: Mapping[str, Any]) -> Profile:
    return Profile(
        username=values.get("new_username"),
        email=values.get("new_email"),
        phone=values.get("new_phone"),
        name=values.get("new_name"),
        password=_secret(values.get("new_password")),
    )


def _secret(value: str | None) -> Secret | None:
    return None if value is None else Secret(value)
