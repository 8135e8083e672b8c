"""A proof that is not accepted: one exception, one closed list of reasons, for the operator's eyes only."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Reasons, as the log says them; the person's app learns only that the proof was not accepted."""

    MALFORMED = "malformed"
    """not a signed token of the one form that is read"""
    ALGORITHM = "algorithm"
    """signed in a way that the configuration does not accept"""
    UNKNOWN_KEY = "unknown_key"
    """signed with a key that the provider does not publish"""
    SIGNATURE = "signature"
    ISSUER = "issuer"
    AUDIENCE = "audience"
    """made for somebody else's app"""
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    """made or valid in the future"""
    ACCESS_TOKEN = "access_token"
    """the access token is not the one that was issued with the id_token"""
    SUBJECT = "subject"
    """it names nobody"""
    TURNED_AWAY = "turned_away"
    """the provider itself does not accept the token"""


class ProofRefused(Exception):
    """The proof is worth nothing; the text is the reason and repeats nothing of the proof."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason
