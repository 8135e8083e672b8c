"""Registered names that more than one room says.

Spec: RFC 6749 §4, RFC 7591 §2, RFC 7662 §2.2.
"""

from __future__ import annotations

from enum import StrEnum


class GrantType(StrEnum):
    """The grant types that have a file in ``grants``; the values are those of the IANA registry."""

    CLIENT_CREDENTIALS = "client_credentials"
    PASSWORD = "password"
    REFRESH_TOKEN = "refresh_token"


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


STANDARD_CONTRACT = "standard"
"""The name under which OAuth 2.0 itself is mounted, audited and counted."""

DEFAULT_TENANT = "default"
"""The tenant of an installation that never heard of tenants."""
