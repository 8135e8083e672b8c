from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.grants.scope import grant_scope
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.contract import Contract
from tokenhouse.protocol.refusals import InvalidScope

REFUSING = Contract("strict", "Strict", ())
DROPPING = Contract("lenient", "Lenient", (), excess_scope="drop")
SCOPES = st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=6).map(tuple)
ALLOWED = SCOPES.map(lambda names: tuple(dict.fromkeys(names)))


@pytest.mark.parametrize("nothing", [None, ()])
@pytest.mark.parametrize("contract", [REFUSING, DROPPING])
def test_nothing_asked_for_means_everything_allowed(nothing, contract):
    assert grant_scope(nothing, ("b", "a"), contract) == ("b", "a")


def test_a_part_is_granted_in_the_order_in_which_it_was_asked_for():
    assert grant_scope(("c", "a", "c"), ("a", "b", "c"), REFUSING) == ("c", "a")


def test_more_than_is_allowed_is_refused():
    with pytest.raises(InvalidScope) as refused:
        grant_scope(("a", "d"), ("a",), REFUSING)
    assert refused.value.cause is Cause.BAD_SCOPE


def test_more_than_is_allowed_is_left_out_where_the_contract_says_so():
    assert grant_scope(("d", "a"), ("a",), DROPPING) == ("a",)


@given(SCOPES, ALLOWED, st.sampled_from([REFUSING, DROPPING]))
def test_no_more_is_ever_granted_than_is_allowed(requested, allowed, contract):
    try:
        granted = grant_scope(requested, allowed, contract)
    except InvalidScope:
        assert set(requested) - set(allowed)
        return
    assert set(granted) <= set(allowed)
    assert len(set(granted)) == len(granted)
    assert granted == allowed if not requested else set(granted) <= set(requested)
