from __future__ import annotations

from dataclasses import replace

import pytest

from tokenhouse.grants.assertion import Assertion
from tokenhouse.model.decision import Step
from tokenhouse.model.effects import CreateAccount, LinkIdentity, NoteSignIn, RaceLost, RecordAudit
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.contract import CredentialForm
from tokenhouse.protocol.messages import ProviderProof
from tokenhouse.protocol.refusals import InvalidGrant, InvalidRequest, InvalidScope
from tokenhouse.providers.identity import ProvenIdentity
from tokenhouse.tokens.gate import admit
from tokenhouse.tokens.issuer import Issuer

PROOF = ProviderProof("elsewhere")


class Vouching:
    """A provider that vouches for whoever it is told to."""

    def __init__(self) -> None:
        self.identity = ProvenIdentity("elsewhere", "sub-1")
        self.asked: list[tuple[str, ProviderProof]] = []

    async def prove(self, tenant, proof, now):
        self.asked.append((tenant, proof))
        return self.identity


@pytest.fixture
def prover():
    return Vouching()


@pytest.fixture
def decide(house, caller_of, request_for, prover):
    grant = Assertion(prover, house.store)

    async def decide(mount=None, proof=PROOF, **facts):
        return await grant.decide(request_for("assertion", proof=proof, **facts), await caller_of("app", mount=mount))

    return decide


@pytest.fixture
def open_login(house, decide):
    """Decide, admit, issue and commit, as the corridor does."""

    async def open_login(decision=None):
        decision = decision or await decide()
        issued = await Issuer(house.keys).issue(admit(decision))
        await house.store.commit((*decision.effects, *issued.effects))
        return decision.account.user_id

    return open_login


def people(house):
    return [tuple(row) for row in house.store._all("SELECT user_id, email FROM account WHERE user_id <> 'us_alice'")]


async def test_who_is_new_gets_account_link_and_login_in_one_commit(decide, open_login, house, prover):
    prover.identity = ProvenIdentity("elsewhere", "sub-1", "New@Example.com", email_verified=True, name="New One")
    decision = await decide(device="d", device_name="D", issues=("access",))
    assert [type(e) for e in decision.effects] == [CreateAccount, LinkIdentity, RecordAudit, NoteSignIn]
    assert (decision.step, decision.device, decision.device_name) == (Step.OPEN, "d", "D")
    account = decision.account
    assert (account.email, account.name, account.password, account.username) == (
        "New@Example.com",
        "New One",
        None,
        None,
    )
    assert account.email_verified_at == decision.now
    user_id = await open_login(decision)
    assert await house.store.find_identity("default", "elsewhere", "sub-1") == user_id
    assert (await house.store.find_account("default", "email", "new@example.com")).signed_in_at == decision.now
    assert house.store._all("SELECT count(*) FROM authorizations")[0][0] == 1


async def test_who_is_known_is_found_again_and_nothing_is_made(decide, open_login, house):
    user_id = await open_login()
    decision = await decide()
    assert decision.account.user_id == user_id
    assert [type(e) for e in decision.effects] == [NoteSignIn]
    assert await open_login(decision) == user_id
    assert len(people(house)) == 1


@pytest.mark.parametrize(
    ("email", "verified"),
    [
        ("alice@example.com", True),
        ("ALICE@Example.com", True),
        ("new@example.com", False),
        ("no address", True),
        ("x@y\r\nBcc: z", True),
        (None, True),
    ],
)
async def test_an_address_that_is_taken_unproven_or_none_names_nobody(
    decide, open_login, house, prover, email, verified
):
    prover.identity = ProvenIdentity("elsewhere", "sub-1", email, email_verified=verified)
    decision = await decide()
    assert decision.account.user_id != "us_alice"
    assert (decision.account.email, decision.account.email_verified_at) == (None, None)
    await open_login(decision)
    assert (await house.store.find_account("default", "email", "alice@example.com")).user_id == "us_alice"


async def test_the_same_subject_of_another_provider_is_somebody_else(open_login, prover):
    first = await open_login()
    prover.identity = ProvenIdentity("another", "sub-1")
    assert await open_login() != first


async def test_two_first_logins_at_once_make_one_person(decide, open_login, house):
    first, second = await decide(), await decide()
    user_id = await open_login(first)
    with pytest.raises(RaceLost):
        await open_login(second)
    assert await open_login() == user_id
    assert len(people(house)) == 1


async def test_an_address_that_was_taken_a_moment_ago_is_decided_again(decide, open_login, house, prover):
    prover.identity = ProvenIdentity("elsewhere", "sub-1", "new@example.com", email_verified=True)
    decision = await decide()
    prover.identity = ProvenIdentity("another", "sub-2", "new@example.com", email_verified=True)
    await open_login()
    with pytest.raises(RaceLost):
        await open_login(decision)


async def test_a_name_is_kept_as_far_as_it_can_be_shown(decide, prover):
    prover.identity = ProvenIdentity("elsewhere", "s", name="A\x00\n" + "b" * 300)
    assert (await decide()).account.name == "A" + "b" * 199
    prover.identity = ProvenIdentity("elsewhere", "s", name="\n")
    assert (await decide()).account.name is None


async def test_an_id_is_in_the_contract_s_form(decide, house):
    contract = replace(house.standard.contract, credentials={"user_id": CredentialForm("id", "123456789", 9)})
    decision = await decide(mount=replace(house.standard, contract=contract))
    assert decision.account.user_id.isdigit()
    assert len(decision.account.user_id) == 9


async def test_a_proof_is_required(decide):
    with pytest.raises(InvalidRequest) as refused:
        await decide(proof=None)
    assert (refused.value.cause, refused.value.field) == (Cause.MISSING, "provider")


async def test_the_scope_is_judged_before_the_provider_is_asked(decide, prover):
    with pytest.raises(InvalidScope):
        await decide(scope=("admin",))
    assert prover.asked == []


async def test_a_link_to_somebody_who_is_gone_lets_nobody_in(decide, open_login, house):
    user_id = await open_login()
    connection = house.store._writer._connection
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("DELETE FROM account WHERE user_id = ?", (user_id,))
    with pytest.raises(InvalidGrant) as refused:
        await decide()
    assert refused.value.cause is Cause.UNKNOWN_USER
