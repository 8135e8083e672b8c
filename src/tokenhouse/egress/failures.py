"""Why a call got no answer that can be used: one exception, one closed list of reasons."""

from __future__ import annotations

from enum import StrEnum


class Failure(StrEnum):
    """Reasons, as the log says them."""

    BAD_URL = "bad_url"
    """not an URL of the one form that is taken"""
    NOT_ALLOWED = "not_allowed"
    """plain http, another port, or an address instead of a name"""
    UNRESOLVED = "unresolved"
    """the name has no address"""
    SPECIAL_ADDRESS = "special_address"
    """the name leads to this machine, to a private network, or to no place at all"""
    UNREACHABLE = "unreachable"
    """nobody takes the connection"""
    BAD_CERTIFICATE = "bad_certificate"
    """whoever answered did not prove the name"""
    TIMED_OUT = "timed_out"
    REDIRECTED = "redirected"
    ENCODED = "encoded"
    """the answer is compressed although nobody offered to unpack it"""
    TOO_LARGE = "too_large"
    BROKEN = "broken"
    """not HTTP, or cut off"""
    NOT_JSON = "not_json"
    """not one JSON object with each member once"""
    BUSY = "busy"
    """too many calls are under way, to this host or in all"""
    BAD_STATUS = "bad_status"
    """an answer, with a status that says nothing about what was asked"""
    BAD_ANSWER = "bad_answer"
    """an answer that does not have what it must have"""


class EgressError(Exception):
    """A call has failed; the text is the reason and never repeats what was sent or received."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.value)
        self.failure = failure
