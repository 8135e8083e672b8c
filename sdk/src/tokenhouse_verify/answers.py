"""The answer to a refused call: RFC 6750 in the standard contract, a dialect's own words in a dialect's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

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

REQUEST_ID: Final = "X-Request-Id"
_PARENTS: Final[dict[str, str]] = {
    "no_token": "bad_token",
    "bad_token": "default",
    "wrong_bearer": "bad_token",
    "not_allowed": "default",
    "limited": "default",
    "malformed": "default",
    "busy": "server_error",
    "server_error": "default",
}
CAUSES: Final = frozenset({"default", *_PARENTS})
_BY_REASON: Final[dict[Reason, str]] = {Reason.WRONG_KIND: "wrong_bearer", Reason.BUSY: "busy"}
_BY_CLASS: Final[dict[type[Refusal], str]] = {
    MissingToken: "no_token",
    InvalidToken: "bad_token",
    InsufficientScope: "not_allowed",
    InvalidRequest: "malformed",
    Limited: "limited",
    Unavailable: "server_error",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers and body, as they are sent."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def cause_of(refusal: Refusal) -> str:
    """Return the cause under which a dialect has its words for ``refusal``."""
    by_class = (_BY_CLASS[line] for line in type(refusal).__mro__ if line in _BY_CLASS)
    return _BY_REASON.get(refusal.reason) or next(by_class, "default")


def standard_answer(refusal: Refusal, realm: str, request_id: str) -> Answer:
    """Return the answer of RFC 6750 §3, and the same in a JSON body."""
    headers = {**refusal.headers(realm), "Content-Type": "application/json", REQUEST_ID: request_id}
    return Answer(refusal.status, tuple(headers.items()), json.dumps(refusal.body(), separators=(",", ":")).encode())


def contract_answer(refusal: Refusal, errors: Mapping[str, Answer], request_id: str) -> Answer | None:
    """Return the answer that ``errors``, by cause, have for ``refusal``; None if there is none.

    A cause without words of its own is said by the one above it. Its headers are the contract's; beside them stand
    those that no client of the contract can mind.
    """
    cause: str | None = cause_of(refusal)
    while cause is not None and cause not in errors:
        cause = _PARENTS.get(cause)
    if cause is None:
        return None
    row = errors[cause]
    beside = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", REQUEST_ID: request_id}
    if refusal.retry_after_seconds is not None:
        beside["Retry-After"] = str(refusal.retry_after_seconds)
    said = {name.lower() for name, _ in row.headers}
    added = [(name, value) for name, value in beside.items() if name.lower() not in said]
    return Answer(row.status, (*row.headers, *added), row.body)
