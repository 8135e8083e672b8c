"""Verify access tokens in a resource server: offline by the published keys, or by introspection.

May touch joserfc, the standard library and, in ``starlette`` and ``sample`` alone, a framework.
Never shares code with the server, never issues a token outside of ``testing``.
"""

from tokenhouse_verify.authentication import TokenAuthentication
from tokenhouse_verify.errors import (
    InsufficientScope,
    InvalidRequest,
    InvalidToken,
    MissingToken,
    Reason,
    Refusal,
    Unavailable,
)
from tokenhouse_verify.introspection import Introspection
from tokenhouse_verify.presentation import Presentation
from tokenhouse_verify.token import Token
from tokenhouse_verify.verifier import Verifier

__all__ = [
    "InsufficientScope",
    "Introspection",
    "InvalidRequest",
    "InvalidToken",
    "MissingToken",
    "Presentation",
    "Reason",
    "Refusal",
    "Token",
    "TokenAuthentication",
    "Unavailable",
    "Verifier",
]
