from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from tokenhouse.protocol.contract import Contract, Mount, OpaqueForm, SessionPolicy, SignedForm, TokenPlan
from tokenhouse.protocol.names import TokenUse

OPAQUE = TokenPlan("a", TokenUse.ACCESS, OpaqueForm("01", 256), timedelta(hours=1))
SIGNED = TokenPlan("s", TokenUse.ACCESS, SignedForm("ES256", lambda _: b"{}", lambda _: b"{}"), timedelta(hours=1))
REFRESH = TokenPlan("r", TokenUse.REFRESH, OpaqueForm("01", 256), None)


@pytest.mark.parametrize(("plans", "signs"), [((), False), ((OPAQUE, REFRESH), False), ((OPAQUE, SIGNED), True)])
def test_a_contract_signs_if_one_of_its_tokens_is_signed(plans, signs):
    assert Contract("c", "C", plans).signs is signs


def test_a_plan_is_found_by_its_use():
    contract = Contract("c", "C", (REFRESH, SIGNED, OPAQUE))
    assert contract.plan(TokenUse.ACCESS) is SIGNED
    assert contract.plan(TokenUse.REFRESH) is REFRESH
    assert Contract("c", "C", (SIGNED,)).plan(TokenUse.REFRESH) is None


def test_a_contract_grants_nothing_by_itself():
    contract = Contract("c", "C", ())
    assert (contract.grants, contract.default_scope, contract.attributes, contract.credentials) == (
        frozenset(),
        (),
        {},
        {},
    )
    assert (contract.session, contract.excess_scope) == (SessionPolicy(), "refuse")
    assert (SessionPolicy().refresh, SessionPolicy().limit) == ("rotate", None)


@pytest.mark.parametrize(
    "value",
    [
        OPAQUE,
        OPAQUE.form,
        SIGNED.form,
        Contract("c", "C", ()),
        SessionPolicy(),
        Mount(Contract("c", "C", ()), None, "t", "i"),
    ],
)
def test_policies_do_not_change(value):
    name = dataclasses.fields(value)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, name, None)
