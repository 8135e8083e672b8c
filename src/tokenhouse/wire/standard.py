"""OAuth 2.0 at the token endpoint, written by hand: the contract that every other one is measured against.

Spec: RFC 6749 §3.2, §4.3, §4.4, §5, §6; RFC 8707 §2.
"""

from __future__ import annotations

from dataclasses import dataclass

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.exchange import HttpAnswer, HttpRequest
from tokenhouse.protocol.messages import Identifier, TokenRequest, TokenResponse
from tokenhouse.protocol.names import GrantType, IdentifierKind, TokenUse
from tokenhouse.protocol.refusals import InvalidRequest, InvalidScope, InvalidTarget, Refusal
from tokenhouse.protocol.resource import MOST_RESOURCES, is_resource
from tokenhouse.protocol.secret import Secret
from tokenhouse.wire.scope import read_scope
from tokenhouse.wire.standard_client import Parameters, read_call
from tokenhouse.wire.standard_error import HEADERS, refusal_answer
from tokenhouse.wire.writing import json_object

_REQUIRED: dict[str, tuple[str, ...]] = {
    GrantType.CLIENT_CREDENTIALS: (),
    GrantType.PASSWORD: ("username", "password"),
    GrantType.REFRESH_TOKEN: ("refresh_token",),
}
"""The parameters without which a grant cannot be asked for; a grant type that is not here is judged by the corridor."""


class StandardCodec:
    """Speaks RFC 6749 at ``POST /oauth2/token``."""

    __slots__ = ()

    def open(self, request: HttpRequest) -> StandardConversation:
        """Begin a conversation; reads nothing yet."""
        return StandardConversation(request)


@dataclass(slots=True)
class StandardConversation:
    """One token request being read and answered."""

    request: HttpRequest

    def read(self) -> TokenRequest:
        """Return the message.

        Raises:
            Refusal: the content type is not a form's, the form cannot be read, or the query has parameters.

        """
        call = read_call(self.request, for_resources=True)
        grant_type = call.values.get("grant_type", "")
        message = TokenRequest(
            grant_type=grant_type,
            credentials=call.credentials,
            id=self.request.id,
            now=self.request.now,
            source=self.request.source,
        )
        bad_scope = _fill(message, call.values)
        message.fault = call.fault or _missing(grant_type, call.values) or bad_scope
        if call.resources:
            message.resources = tuple(dict.fromkeys(call.resources))
            message.fault = message.fault or _bad_target(message.resources)
        return message

    def say(self, response: TokenResponse) -> HttpAnswer:
        """Return the answer of RFC 6749 §5.1."""
        access = response.first(TokenUse.ACCESS)
        assert access is not None, "the standard contract always makes one"
        members: dict[str, str | int | None] = {"access_token": access.value, "token_type": "Bearer"}
        if (lifetime := access.lifetime) is not None:
            members["expires_in"] = lifetime
        if (refresh := response.first(TokenUse.REFRESH)) is not None:
            members["refresh_token"] = refresh.value
        if response.scope:
            members["scope"] = " ".join(response.scope)
        return HttpAnswer(200, HEADERS, json_object(members))

    def refuse(self, refusal: Refusal) -> HttpAnswer:
        """Return the answer of RFC 6749 §5.2, also when ``read`` has failed or was never called."""
        return refusal_answer(refusal)


def _fill(message: TokenRequest, values: Parameters) -> Refusal | None:
    """Put what the grant reads into ``message``; return what is wrong with the scope."""
    if message.grant_type == GrantType.PASSWORD:
        if (username := values.get("username")) is not None:
            message.identifier = Identifier(IdentifierKind.LOGIN, username)
        message.password = _secret(values, "password")
    elif message.grant_type == GrantType.REFRESH_TOKEN:
        message.token = _secret(values, "refresh_token")
    if (scope := values.get("scope")) is not None:
        message.scope = read_scope(scope)
        if message.scope is None:
            return InvalidScope(Cause.BAD_SCOPE, field="scope")
    return None


def _bad_target(resources: tuple[str, ...]) -> Refusal | None:
    fits = len(resources) <= MOST_RESOURCES and all(map(is_resource, resources))
    return None if fits else InvalidTarget(Cause.BAD_AUDIENCE, field="resource")


def _secret(values: Parameters, name: str) -> Secret | None:
    text = values.get(name)
    return None if text is None else Secret(text)


def _missing(grant_type: str, values: Parameters) -> Refusal | None:
    if not grant_type:
        return InvalidRequest(Cause.MISSING, field="grant_type")
    for name in _REQUIRED.get(grant_type, ()):
        if name not in values:
            return InvalidRequest(Cause.MISSING, field=name)
    return None
