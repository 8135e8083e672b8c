"""Verify access tokens in a resource server: offline by the published keys, or by introspection.

May touch joserfc, the standard library and, in the parts named after one and in the samples alone, a framework.
Never shares code with the server, never issues a token outside of ``testing``.
"""

from tokenhouse_verify.answers import Answer
from tokenhouse_verify.authentication import TokenAuthentication
from tokenhouse_verify.credential import Credential
from tokenhouse_verify.description import DescriptionError
from tokenhouse_verify.errors import (
    InsufficientScope,
    InvalidRequest,
    InvalidToken,
    Limited,
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
    "Answer",
    "Credential",
    "DescriptionError",
    "InsufficientScope",
    "Introspection",
    "InvalidRequest",
    "InvalidToken",
    "Limited",
    "MissingToken",
    "Presentation",
    "Reason",
    "Refusal",
    "Token",
    "TokenAuthentication",
    "Unavailable",
    "Verifier",
]
