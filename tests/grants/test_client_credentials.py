from __future__ import annotations

import pytest

from tokenhouse.grants.client_credentials import ClientCredentials
from tokenhouse.model.decision import Step
from tokenhouse.protocol.names import AuthMethod
from tokenhouse.protocol.refusals import InvalidScope, UnauthorizedClient


@pytest.fixture
def decide(caller_of, request_for):
    async def decide(client_id="service", **facts):
        request = request_for("client_credentials", **facts)
        return await ClientCredentials().decide(request, await caller_of(client_id))

    return decide


async def test_a_client_gets_its_scope_for_itself(decide):
    decision = await decide()
    assert (decision.step, decision.scope, decision.account, decision.effects) == (
        Step.OPEN,
        ("read", "write"),
        None,
        (),
    )


async def test_a_client_gets_the_part_it_asks_for(decide):
    assert (await decide(scope=("write",))).scope == ("write",)


async def test_a_client_gets_no_more_than_it_may(decide):
    with pytest.raises(InvalidScope):
        await decide(scope=("admin",))


async def test_a_client_that_showed_no_secret_never_acts_for_itself(decide):
    with pytest.raises(UnauthorizedClient):
        await decide("public", method=AuthMethod.NONE)


async def test_the_tokens_asked_for_are_passed_on(decide):
    assert (await decide(issues=("access",))).issues == ("access",)
