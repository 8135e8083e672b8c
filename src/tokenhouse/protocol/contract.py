"""A contract as the rooms behind the wire see it: policy values, no bytes.

``wire`` compiles a dialect to one of these; the standard contract is written by hand. Nothing here can grant: a
client's own policy caps every lifetime, scope and grant named in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from tokenhouse.protocol.names import TokenUse

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OpaqueForm:
    """How a derived token is spelled: ``prefix`` + ``length`` characters of ``alphabet`` + ``suffix``.

    The alphabet and length carry 256 bits or more; the loader refuses less.
    """

    alphabet: str
    length: int
    prefix: str = ""
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class SignedForm:
    """How a signed token is spelled: header and claims as JSON bytes, key order as the contract has it.

    ``header`` sees ``key`` (``alg kid x5t thumbprint_sha1``), ``claims`` sees the facts of the answer and ``token``
    (``id`` 16 bytes, ``issued_at``, ``expires_at``, ``lifetime``). ``prefix`` stands before the JWT in the answer.
    """

    alg: Literal["ES256", "RS256"]
    header: Callable[[Facts], bytes]
    claims: Callable[[Facts], bytes]
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class TokenPlan:
    """One token that a contract hands out. ``ttl`` None: until the contract's end date.

    ``opaque`` set: a client whose registration says so gets that form instead, and its own algorithm otherwise.
    """

    name: str
    use: TokenUse
    form: OpaqueForm | SignedForm
    ttl: timedelta | None
    idle_ttl: timedelta | None = None
    opaque: OpaqueForm | None = None


@dataclass(frozen=True, slots=True)
class SessionPolicy:
    """What a login and a refresh do to the sessions of a contract; ``per`` names what ``limit`` counts by.

    Sessions over the limit end, the oldest first.
    """

    refresh: Literal["rotate", "keep"] = "rotate"
    per: tuple[str, ...] = ("client", "user")
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class LockoutPolicy:
    """So many wrong passwords within ``window`` lock the account, at this contract, for as long again."""

    failures: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class CredentialForm:
    """How the contract calls and spells a credential it hands to an app: label, alphabet, length."""

    label: str
    alphabet: str
    length: int


@dataclass(frozen=True, slots=True)
class Contract:
    """The policy of one contract: its tokens, its sessions, the facts its accounts have.

    ``default_scope`` is what a new client may ask for if its registration does not say; it grants nothing by itself.
    ``attributes`` maps ``user``/``client``/``tenant`` to declared names and types (``text int bool time list object``
    or a nested mapping). ``credentials`` maps ``client_id``/``client_secret``/``api_secret``/``device_key``/``user_id``
    to the vendor's words and alphabet. ``grants`` are the grant types that its operations reach. ``presents`` are the
    kinds of credentials that its APIs are called with: ``token``, ``client_secret``, ``device_key``.
    """

    name: str
    title: str
    tokens: tuple[TokenPlan, ...]
    session: SessionPolicy = SessionPolicy()
    grants: frozenset[str] = frozenset()
    default_scope: tuple[str, ...] = ()
    attributes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    credentials: Mapping[str, CredentialForm] = field(default_factory=dict)
    excess_scope: Literal["refuse", "drop"] = "refuse"
    presents: frozenset[str] = frozenset({"token"})
    lockout: LockoutPolicy | None = None

    @property
    def signs(self) -> bool:
        """Whether any of its tokens is a signed one."""
        return any(isinstance(plan.form, SignedForm) for plan in self.tokens)

    def plan(self, use: TokenUse) -> TokenPlan | None:
        """Return the first plan of that use."""
        return next((plan for plan in self.tokens if plan.use is use), None)


@dataclass(frozen=True, slots=True)
class Mount:
    """A contract at its place: whose users and clients it serves, as which issuer it signs.

    ``tenant`` None: the clients of every tenant, found by their id. ``key_tenant`` owns the signing keys.
    ``client_id`` names the client record where the wire carries none. ``server`` are the facts that a template may
    say of this mount. ``audience`` None: the issuer. ``lockout`` is the operator's word over the contract's own;
    ``password_min`` is the least length of a password that is chosen through this contract, None: the server's.
    """

    contract: Contract
    tenant: str | None
    key_tenant: str
    issuer: str
    client_id: str | None = None
    audience: str | None = None
    server: Facts = field(default_factory=dict)
    lockout: LockoutPolicy | None = None
    password_min: int | None = None
