"""What the corridors are asked and what they answer, whatever it looked like on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

from tokenhouse.protocol.names import AuthMethod, Bearer, CallKind, IdentifierKind, TokenUse
from tokenhouse.protocol.refusals import Refusal
from tokenhouse.protocol.secret import Secret


class Identifier(NamedTuple):
    """How a login names a person; canonical form is the business of ``accounts``."""

    kind: IdentifierKind
    value: str


@dataclass(slots=True)
class Credentials:
    """How a client says who it is. ``client_id`` None: the wire carries none, the mount names the client.

    ``slot`` names which of the client's secrets this must be (``API_SECRET``: the back end's). ``malformed`` marks an
    unreadable Authorization header: it authenticates nobody, in the contract's own words.
    """

    method: AuthMethod
    client_id: str | None = None
    secret: Secret | None = None
    malformed: bool = False
    slot: str = ""


@dataclass(slots=True)
class ProviderProof:
    """What a provider elsewhere gave a person's app; which parts a provider needs or refuses is for it to say."""

    provider: str
    access_token: Secret | None = None
    access_secret: Secret | None = None
    id_token: Secret | None = None


@dataclass(slots=True)
class TokenRequest:
    """A request for tokens.

    ``fault`` is what is wrong with the rest of the message; it is raised after the client has proven itself, so that a
    stranger learns nothing (RFC 6749 §5.2 order). ``issues`` names the token plans to be made, empty for the
    contract's default. ``resources`` are the resource indicators of RFC 8707.
    """

    grant_type: str
    credentials: Credentials
    id: str
    now: datetime
    source: str = ""
    fault: Refusal | None = None
    scope: tuple[str, ...] | None = None
    identifier: Identifier | None = None
    password: Secret | None = None
    token: Secret | None = None
    device: str | None = None
    device_name: str | None = None
    issues: tuple[str, ...] = ()
    operation: str = ""
    resources: tuple[str, ...] = ()
    proof: ProviderProof | None = None


@dataclass(slots=True)
class Profile:
    """What a call says of a person; None: not said."""

    username: str | None = None
    email: str | None = None
    phone: str | None = None
    name: str | None = None
    password: Secret | None = None


@dataclass(slots=True)
class CallRequest:
    """A protected call: somebody who holds a token asks for something that is not a token.

    ``token`` is as it was presented, None if none was. ``credentials`` None: the token is all the proof the call
    wants; with ``credentials`` whose ``client_id`` is None the client is the one to whom the token was issued.
    ``identifier`` names whom the call is about; None: the person behind the token. ``ends`` is what a revocation ends.
    """

    does: CallKind
    id: str
    now: datetime
    source: str = ""
    fault: Refusal | None = None
    token: Secret | None = None
    bearer: Bearer = Bearer.USER
    credentials: Credentials | None = None
    identifier: Identifier | None = None
    profile: Profile | None = None
    ends: Literal["token", "session", "device", "user"] = "session"
    operation: str = ""


@dataclass(slots=True)
class TokenQuestion:
    """A request about one token: introspection (RFC 7662 §2.1) or revocation (RFC 7009 §2.1).

    ``credential_id`` is what came beside ``token`` where a contract's APIs are called with a pair: a client's id, a
    device's.
    """

    credentials: Credentials
    id: str
    now: datetime
    source: str = ""
    fault: Refusal | None = None
    token: Secret | None = None
    hint: str | None = None
    credential_id: str | None = None


@dataclass(slots=True)
class IssuedToken:
    """One token of an answer. ``expires_at`` None: as long as the contract itself."""

    name: str
    use: TokenUse
    value: str
    issued_at: datetime
    expires_at: datetime | None
    is_new: bool = True

    @property
    def lifetime(self) -> int | None:
        """Whole seconds from issue to expiry, None if it does not expire."""
        return None if self.expires_at is None else int((self.expires_at - self.issued_at).total_seconds())


@dataclass(slots=True)
class TokenResponse:
    """What was granted, as facts that a codec may say: never a record, never a secret but the tokens themselves.

    ``client``, ``user``, ``session`` are plain mappings: built-in facts (`id name`; `id username email phone name
    created_at signed_in_at active confirmed locked roles groups`; `id key device device_name created_at expires_at`)
    and the attributes of the account, typed as stored. ``audience`` is whom the tokens are for. A protected call is
    answered with one too: it has no tokens.
    """

    tokens: Mapping[str, IssuedToken]
    scope: tuple[str, ...]
    now: datetime
    client: Mapping[str, Any] = field(default_factory=dict)
    user: Mapping[str, Any] | None = None
    session: Mapping[str, Any] | None = None
    audience: tuple[str, ...] = ()

    def first(self, use: TokenUse) -> IssuedToken | None:
        """Return the first token of that use."""
        for token in self.tokens.values():
            if token.use is use:
                return token
        return None
