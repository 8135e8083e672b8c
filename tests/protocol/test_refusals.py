"""Refusals: code, status, words and what must be remembered all the same.

Spec: RFC 6749 §5.2.
"""

from __future__ import annotations

import inspect
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.protocol import refusals
from tokenhouse.protocol.causes import TREE, Cause
from tokenhouse.protocol.refusals import InvalidClient, InvalidGrant, InvalidRequest, Limited, Refusal

TABLE = {
    "Refusal": ("invalid_request", 400),
    "InvalidRequest": ("invalid_request", 400),
    "WrongMethod": ("invalid_request", 405),
    "UnsupportedMediaType": ("invalid_request", 415),
    "TooLarge": ("invalid_request", 413),
    "TimedOut": ("invalid_request", 408),
    "InvalidClient": ("invalid_client", 401),
    "InvalidGrant": ("invalid_grant", 400),
    "UnauthorizedClient": ("unauthorized_client", 400),
    "Forbidden": ("unauthorized_client", 403),
    "UnsupportedGrantType": ("unsupported_grant_type", 400),
    "InvalidScope": ("invalid_scope", 400),
    "InvalidTarget": ("invalid_target", 400),
    "UnsupportedTokenType": ("unsupported_token_type", 400),
    "InvalidToken": ("invalid_token", 401),
    "NotFound": ("not_found", 404),
    "Unacceptable": ("invalid_request", 422),
    "Insecure": ("invalid_request", 403),
    "Limited": ("temporarily_unavailable", 429),
    "Busy": ("temporarily_unavailable", 503),
    "ServerFault": ("server_error", 500),
}
CLASSES = {name: kind for name, kind in vars(refusals).items() if inspect.isclass(kind) and issubclass(kind, Refusal)}


def test_every_refusal_has_its_registered_code_and_status():
    assert {name: (kind.code, kind.status) for name, kind in CLASSES.items()} == TABLE


@given(st.sampled_from(sorted(CLASSES)), st.sampled_from(Cause), st.none() | st.text(max_size=30))
def test_a_description_has_the_characters_of_the_specification(name, cause, field):
    """RFC 6749 §5.2: error_description MUST NOT include characters outside %x20-21 / %x23-5B / %x5D-7E."""
    description = CLASSES[name](cause, field=field).description
    assert re.fullmatch(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+", description)


def test_a_missing_parameter_is_named():
    assert InvalidRequest(Cause.MISSING, field="scope").description == "The parameter scope is missing."
    assert InvalidRequest(Cause.MISSING).description == TREE[Cause.MISSING].text
    assert InvalidRequest(Cause.MALFORMED, field="scope").description == TREE[Cause.MALFORMED].text
    assert InvalidRequest(Cause.MISSING, field='a"b\\c\n').description == "The parameter abc is missing."


def test_the_wire_hears_the_public_cause_and_the_operator_the_true_one():
    refusal = InvalidGrant(Cause.USER_LOCKED)
    assert refusal.cause is Cause.USER_LOCKED
    assert refusal.public_cause is Cause.BAD_CREDENTIALS
    assert refusal.description == InvalidGrant(Cause.WRONG_PASSWORD).description
    assert str(refusal) == "user_locked"


def test_a_refusal_carries_more_and_more_effects():
    first, second = object(), object()
    refusal = InvalidClient(Cause.WRONG_SECRET, effects=(first,))
    assert refusal.carrying(second) is refusal
    assert refusal.effects == (first, second)
    assert refusal.carrying().effects == (first, second)


def test_a_refusal_says_nothing_it_was_not_given():
    refusal = Limited(Cause.LIMITED, retry_after=7)
    assert (refusal.retry_after, refusal.field, refusal.effects) == (7, None, ())
    assert (Limited(Cause.LIMITED).retry_after, InvalidRequest(Cause.MISSING, field="f").field) == (None, "f")


def test_a_refusal_is_raised_with_its_cause():
    with pytest.raises(Refusal, match=r"^bad_token$") as refused:
        raise InvalidGrant(Cause.BAD_TOKEN) from ValueError("inner")
    assert isinstance(refused.value.__cause__, ValueError)
