from __future__ import annotations

import pytest

from tokenhouse.accounts.people import People
from tokenhouse.accounts.verifying import SlowVerifier
from tokenhouse.grants.named_subject import NamedSubject
from tokenhouse.model.decision import Step
from tokenhouse.model.effects import NoteSignIn
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.messages import Credentials, Identifier
from tokenhouse.protocol.names import API_SECRET, AuthMethod, IdentifierKind
from tokenhouse.protocol.refusals import InvalidRequest, InvalidScope, UnauthorizedClient
from tokenhouse.protocol.secret import Secret

ALICE = Identifier(IdentifierKind.USER_ID, "us_alice")
SHOWN = Secret("proven already")


@pytest.fixture
def decide(house, caller_of, request_for):
    grant = NamedSubject(People(house.store, SlowVerifier(house.guesses, house.hashing, house.pool)))

    async def decide(slot=API_SECRET, secret=SHOWN, tenant="default", client_id="service", **facts):
        request = request_for("named_subject", **({"identifier": ALICE} | facts))
        request.credentials = Credentials(AuthMethod.BASIC, client_id, secret, slot=slot)
        return await grant.decide(request, await caller_of(client_id, tenant))

    return decide


async def test_a_back_end_opens_a_login_of_the_person_it_names(decide, clock):
    decision = await decide(device="d1", device_name="Phone", issues=("access",))
    assert (decision.step, decision.account.user_id, decision.scope) == (Step.OPEN, "us_alice", ("read", "write"))
    assert (decision.device, decision.device_name, decision.issues) == ("d1", "Phone", ("access",))
    assert decision.effects == (NoteSignIn("default", "us_alice", clock.now),)


@pytest.mark.parametrize(("slot", "secret"), [("", SHOWN), ("other", SHOWN), (API_SECRET, None)])
async def test_the_plain_secret_or_none_is_not_enough(decide, slot, secret):
    with pytest.raises(UnauthorizedClient) as refused:
        await decide(slot, secret)
    assert refused.value.cause is Cause.NOT_ALLOWED


async def test_somebody_has_to_be_named(decide):
    with pytest.raises(InvalidRequest) as refused:
        await decide(identifier=None)
    assert (refused.value.cause, refused.value.field) == (Cause.MISSING, "user_id")


@pytest.mark.parametrize(
    "named", [Identifier(IdentifierKind.USER_ID, "us_bob"), Identifier(IdentifierKind.EMAIL, "x@y")]
)
async def test_who_is_unknown_is_a_bad_request(decide, named):
    with pytest.raises(InvalidRequest) as refused:
        await decide(identifier=named)
    assert (refused.value.cause, refused.value.field) == (Cause.NOT_FOUND, named.kind.value)
    assert (refused.value.code, refused.value.status) == ("invalid_request", 400)


async def test_the_scope_is_the_client_s(decide):
    with pytest.raises(InvalidScope):
        await decide(scope=("admin",))


async def test_people_of_another_tenant_are_unknown(house, new_user, decide):
    house.store._writer._connection.execute("INSERT INTO tenant VALUES ('other', 1, 0)")
    await new_user(house, "bob", tenant="other")
    with pytest.raises(InvalidRequest) as refused:
        await decide(identifier=Identifier(IdentifierKind.USER_ID, "us_bob"))
    assert refused.value.cause is Cause.NOT_FOUND
