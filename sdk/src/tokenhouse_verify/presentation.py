"""Where in a request a token may be, and how it is spelled there."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from tokenhouse_verify.compact import MAX_TOKEN_BYTES
from tokenhouse_verify.errors import InvalidRequest, MissingToken, Reason

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_TOKEN = rb"[A-Za-z0-9._~+/-]+=*"  # b64token, RFC 6750 §2.1
_WITH_SCHEME = re.compile(rb"(?i:bearer) +(" + _TOKEN + rb")")
_WITH_OR_WITHOUT = re.compile(rb"(?:(?i:bearer) +)?(" + _TOKEN + rb")")
_AUTHORIZATION = b"authorization"


class Presentation:
    """Finds the token in the headers of a request.

    ``Authorization`` needs the word Bearer before the token; any other header named here may leave it out. One word is
    taken off, never two. Nothing else is looked at: no query, no body.

    Spec: RFC 6750 §2.1
    """

    def __init__(self, headers: Collection[str] = ("Authorization",)) -> None:
        if isinstance(headers, str) or not headers or not all(_HEADER_NAME.fullmatch(name) for name in headers):
            raise ValueError("headers is a collection of header names")
        self._names = frozenset(name.lower().encode("ascii") for name in headers)

    def find(self, headers: Iterable[tuple[bytes, bytes]]) -> str:
        """Return the token that ``headers`` present.

        Raises:
            MissingToken: none is presented.
            InvalidRequest: a header is repeated, two of them are present, or the value is no token.

        """
        present = [(name.lower(), value.strip(b" \t")) for name, value in headers if name.lower() in self._names]
        if not present:
            raise MissingToken
        if len(present) > 1:
            raise InvalidRequest(Reason.REPEATED)
        name, value = present[0]
        is_standard = name == _AUTHORIZATION
        if is_standard and value.partition(b" ")[0].lower() != b"bearer":
            raise MissingToken  # another scheme, for somebody else
        if len(value) > MAX_TOKEN_BYTES + len(b"Bearer "):
            raise InvalidRequest(Reason.TOO_LARGE)
        match = (_WITH_SCHEME if is_standard else _WITH_OR_WITHOUT).fullmatch(value)
        if match is None:
            raise InvalidRequest(Reason.MALFORMED)
        return match[1].decode("ascii")
