"""Registered names that more than one room says.

Spec: RFC 6749 §4, RFC 7591 §2, RFC 7662 §2.2.
"""

from __future__ import annotations

from enum import StrEnum


class GrantType(StrEnum):
    """The grant types that have a file in ``grants``; those that are registered have the registry's names."""

    CLIENT_CREDENTIALS = "client_credentials"
    PASSWORD = "password"
    REFRESH_TOKEN = "refresh_token"
    NAMED_SUBJECT = "named_subject"
    """a back end asks for a person whom it names; said by dialects only"""
    ASSERTION = "assertion"
    """a provider elsewhere has proven the person; said by dialects only"""


class AuthMethod(StrEnum):
    """How a client proves itself at the token endpoint (RFC 7591 §2 names)."""

    BASIC = "client_secret_basic"
    POST = "client_secret_post"
    NONE = "none"


class TokenUse(StrEnum):
    """What a token is for: presented at APIs, or renewed with."""

    ACCESS = "access"
    REFRESH = "refresh"


class IdentifierKind(StrEnum):
    """How a person is named in a login; ``LOGIN`` is any of the others."""

    USERNAME = "username"
    EMAIL = "email"
    PHONE = "phone"
    USER_ID = "user_id"
    LOGIN = "login"


STANDARD_GRANTS = frozenset({GrantType.CLIENT_CREDENTIALS, GrantType.PASSWORD, GrantType.REFRESH_TOKEN})
"""What the standard token endpoint answers."""

API_SECRET = "api"
"""The slot of the secret that only a back end has; the plain client secret has the empty slot."""


class CallKind(StrEnum):
    """What a protected call of a contract does."""

    INTROSPECT = "introspect"
    """says the facts behind the token"""
    UNLOCK = "unlock"
    """lifts a lockout; never an operator's lock, never a guessing budget"""
    REVOKE = "revoke"
    """ends a token, a session, a device's sessions or all of a person's"""
    REGISTER = "register"
    """adds a person"""
    UPDATE = "update"
    """changes a person's names or password"""


class Bearer(StrEnum):
    """Whose token a protected call takes: a person's, a client's own, or either."""

    USER = "user"
    CLIENT = "client"
    EITHER = "either"


STANDARD_CONTRACT = "standard"
"""The name under which OAuth 2.0 itself is mounted, audited and counted."""

DEFAULT_TENANT = "default"
"""The tenant of an installation that never heard of tenants."""
