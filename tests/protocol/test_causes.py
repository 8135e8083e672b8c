"""One tree of causes for three audiences."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from tokenhouse.protocol.causes import TREE, Cause, ancestry, public

each_cause = pytest.mark.parametrize("cause", Cause)


def test_every_cause_has_its_row_and_nothing_else_has():
    assert set(TREE) == set(Cause)


@each_cause
def test_every_line_leads_to_the_default(cause):
    line = ancestry(cause)
    assert line[0] is cause
    assert line[-1] is Cause.DEFAULT
    assert len(set(line)) == len(line)
    assert all(TREE[one].parent is above for one, above in pairwise(line))


@each_cause
def test_what_is_public_speaks_for_itself(cause):
    assert public(public(cause)) is public(cause)
    assert public(cause) in ancestry(cause)
    assert not TREE[public(cause)].merged


@each_cause
def test_every_text_is_one_that_a_wire_may_say(cause):
    """RFC 6749 §5.2: %x20-21 / %x23-5B / %x5D-7E."""
    assert re.fullmatch(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+", TREE[cause].text)
    assert TREE[cause].text.endswith(".")


@pytest.mark.parametrize(
    ("causes", "told"),
    [
        ((Cause.UNKNOWN_USER, Cause.WRONG_PASSWORD, Cause.USER_DISABLED, Cause.USER_LOCKED), Cause.BAD_CREDENTIALS),
        ((Cause.UNKNOWN_CLIENT, Cause.WRONG_SECRET, Cause.CLIENT_DISABLED), Cause.BAD_CLIENT),
    ],
)
def test_accounts_and_clients_cannot_be_told_apart(causes, told):
    assert {public(cause) for cause in causes} == {told}


def test_dead_tokens_are_said_with_the_same_words():
    dead = (Cause.BAD_TOKEN, Cause.EXPIRED_TOKEN, Cause.REVOKED_TOKEN, Cause.USED_TOKEN, Cause.FOREIGN_TOKEN)
    assert len({TREE[cause].text for cause in dead}) == 1
    assert all(Cause.BAD_TOKEN in ancestry(cause) for cause in dead)


def test_a_cause_is_its_own_name_in_logs():
    assert {str(cause) for cause in Cause} == {cause.name.lower() for cause in Cause}
