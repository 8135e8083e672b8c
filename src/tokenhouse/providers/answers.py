"""What a provider's status means for the proof: accepted, turned away, or nothing at all."""

from __future__ import annotations

from typing import Any

from tokenhouse.egress.client import Answer
from tokenhouse.egress.failures import EgressError, Failure
from tokenhouse.providers.refused import ProofRefused, Reason

_OK = 200
_TURNED_AWAY = frozenset({400, 401, 403})
"""Providers differ in how they refuse a token that is not theirs, over, or taken back."""


def require_accepted(answer: Answer) -> dict[str, Any]:
    """Return what an answer says of the token that was shown.

    Raises:
        ProofRefused: turned_away.
        EgressError: bad_status, not_json.

    """
    if answer.status in _TURNED_AWAY:
        raise ProofRefused(Reason.TURNED_AWAY)
    return require_object(answer)


def require_object(answer: Answer) -> dict[str, Any]:
    """Return what an answer says that does not depend on what a stranger sent.

    Raises:
        EgressError: bad_status, not_json.

    """
    if answer.status != _OK:
        raise EgressError(Failure.BAD_STATUS)
    return answer.object()
