from __future__ import annotations

from datetime import timedelta

import pytest

from tokenhouse.accounts.people import People
from tokenhouse.accounts.verifying import SlowVerifier
from tokenhouse.grants.password import Password
from tokenhouse.model.decision import Step
from tokenhouse.model.effects import NoteSignIn, ReturnGuess
from tokenhouse.model.records import Tenant
from tokenhouse.model.registrations import CreateTenant
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.messages import Identifier
from tokenhouse.protocol.names import IdentifierKind
from tokenhouse.protocol.refusals import InvalidGrant, InvalidRequest, InvalidScope, UnauthorizedClient
from tokenhouse.protocol.secret import Secret

ALICE = Identifier(IdentifierKind.LOGIN, "alice")
RIGHT = Secret("correct horse battery")


@pytest.fixture
def decide(house, caller_of, request_for):
    grant = Password(People(house.store, SlowVerifier(house.guesses, house.hashing, house.pool)))

    async def decide(client_id="app", tenant="default", **facts):
        request = request_for("password", **({"identifier": ALICE, "password": RIGHT} | facts))
        return await grant.decide(request, await caller_of(client_id, tenant))

    return decide


async def test_a_person_who_knows_the_password_opens_a_login(decide):
    decision = await decide(device="d1", device_name="Phone", issues=("access",))
    assert (decision.step, decision.account.user_id, decision.scope) == (Step.OPEN, "us_alice", ("read", "write"))
    assert (decision.device, decision.device_name, decision.issues) == ("d1", "Phone", ("access",))
    assert [type(effect) for effect in decision.effects] == [ReturnGuess] * 3 + [NoteSignIn]


@pytest.mark.parametrize(("missing", "field"), [("identifier", "username"), ("password", "password")])
async def test_a_name_and_a_password_are_required(decide, missing, field):
    with pytest.raises(InvalidRequest) as refused:
        await decide(**{missing: None})
    assert (refused.value.cause, refused.value.field) == (Cause.MISSING, field)


async def test_a_wrong_password_is_an_invalid_grant(decide):
    with pytest.raises(InvalidGrant):
        await decide(password=Secret("wrong"))


async def test_the_scope_is_judged_before_the_password_is_looked_at(decide, house):
    with pytest.raises(InvalidScope):
        await decide(scope=("admin",), password=Secret("wrong"))
    assert house.store._all("SELECT * FROM guess") == []


async def test_people_of_another_tenant_are_unknown(house, clock, new_client, decide):
    await house.store.commit((CreateTenant(Tenant("other", enabled=True, created_at=clock.now)),))
    await new_client(house, "elsewhere", tenant="other", grants=("password",))
    with pytest.raises(InvalidGrant) as refused:
        await decide("elsewhere", tenant="other")
    assert refused.value.cause is Cause.UNKNOWN_USER


async def test_a_client_s_right_to_the_grant_ends_on_its_day(decide, house, clock, new_client):
    ends = clock.now + timedelta(days=1)
    await new_client(house, "leaving", grants=("password",), password_ends_at=ends)
    assert (await decide("leaving")).account.user_id == "us_alice"
    clock.pass_(days=1)
    with pytest.raises(UnauthorizedClient) as refused:
        await decide("leaving")
    assert refused.value.cause is Cause.NOT_ALLOWED
    assert house.store._all("SELECT * FROM guess WHERE used > 3") == []
