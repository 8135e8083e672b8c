from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import pytest

from tokenhouse.model.effects import CancelTickets, CreateAccount, EndSessions, ReplaceAccount, SetPassword
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.contract import CredentialForm
from tokenhouse.protocol.messages import Profile
from tokenhouse.protocol.names import CallKind
from tokenhouse.protocol.refusals import InvalidRequest, Unacceptable
from tokenhouse.protocol.secret import Secret

NEW = Secret("battery horse correct")
PROVEN_AT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def live(bearers, make_call, user_token, house):
    """Return alice's living token, at the standard contract with another policy over it."""

    async def live(**policy):
        token = await bearers.require(make_call(CallKind.UPDATE, await user_token()), house.standard)
        return replace(token, found=replace(token.found, mount=replace(house.standard, **policy)))

    return live


@pytest.fixture
def register(profiles, make_call, live):
    async def register(policy=None, **said):
        call = make_call(CallKind.REGISTER, profile=Profile(**said) if said else None)
        return await profiles.register(call, await live(**(policy or {})))

    return register


@pytest.fixture
def update(profiles, make_call, live):
    async def update(person=None, policy=None, **said):
        token = await live(**(policy or {}))
        return await profiles.update(
            make_call(CallKind.UPDATE, profile=Profile(**said)), token, person or token.account
        )

    return update


async def refusal(judging, kind=Unacceptable):
    with pytest.raises(kind) as raised:
        await judging
    return raised.value


async def test_a_new_person_is_one_effect(register, house):
    written = await register(username="bob", phone="+1", password=NEW)
    (effect,) = written.effects
    assert isinstance(effect, CreateAccount)
    assert effect.raced
    assert effect.account is written.person
    assert effect.identifiers == (("username", "bob"), ("phone", "+1"))
    assert written.has_hashed
    assert house.hashing.verify(written.person.password, NEW, written.person.password_form)


async def test_without_a_password_nothing_is_hashed(register):
    written = await register(email="bob@x")
    assert (written.person.password, written.has_hashed) == (None, False)


async def test_an_id_is_in_the_contract_s_form(register, house):
    contract = replace(house.standard.contract, credentials={"user_id": CredentialForm("id", "123456789", 9)})
    written = await register({"contract": contract}, username="bob")
    assert written.person.user_id.isdigit()


@pytest.mark.parametrize("said", [{}, {"name": "Bob"}, {"password": NEW}, {"username": ""}])
async def test_something_has_to_name_a_new_person(register, said):
    refused = await refusal(register(**said), InvalidRequest)
    assert (refused.cause, refused.field, refused.status) == (Cause.MISSING, "username", 400)


@pytest.mark.parametrize(
    ("said", "cause", "field"),
    [
        ({"username": "b@b"}, Cause.UNACCEPTABLE, "username"),
        ({"email": "bob"}, Cause.UNACCEPTABLE, "email"),
        ({"username": "bob", "phone": " "}, Cause.UNACCEPTABLE, "phone"),
        ({"username": "bob", "name": "x" * 201}, Cause.UNACCEPTABLE, "name"),
        ({"username": "ALICE"}, Cause.TAKEN, "username"),
        ({"username": "bob", "email": "alice@EXAMPLE.com"}, Cause.TAKEN, "email"),
        ({"username": "bob", "password": Secret("short")}, Cause.WEAK_PASSWORD, "password"),
        ({"username": "bob", "password": Secret("x" * 1025)}, Cause.WEAK_PASSWORD, "password"),
        (
            {"username": "bob-the-one-and-only", "password": Secret("Bob-The-One-And-Only")},
            Cause.WEAK_PASSWORD,
            "password",
        ),
    ],
)
async def test_what_cannot_be_taken_is_told_with_its_field_before_anything_is_hashed(
    register, house, monkeypatch, said, cause, field
):
    monkeypatch.setattr(house.hashing, "hash", None)
    refused = await refusal(register(**said))
    assert (refused.cause, refused.field, refused.status) == (cause, field, 422)


async def test_nobody_goes_by_the_number_of_somebody_else(register, house, new_user):
    await new_user(house, "bob", phone="+886 2 1234")
    await new_user(house, "12345")
    for said, field in (({"username": "+886 2 1234"}, "username"), ({"username": "c", "phone": "12345"}, "phone")):
        refused = await refusal(register(**said))
        assert (refused.cause, refused.field) == (Cause.TAKEN, field)


@pytest.mark.parametrize("name", ["alice\u200b", "al\xadice", "\ufeffalice", "a\u202elice", "al\u200dice", "\u3164"])
async def test_nobody_goes_by_a_name_that_looks_like_somebody_else_s(register, update, name):
    for judging in (register(username=name), update(username=name), register(email=f"{name}@example.com")):
        assert (await refusal(judging)).cause is Cause.UNACCEPTABLE


async def test_names_are_kept_without_outer_space(register):
    written = await register(username=" bob ", email="bob@example.com\n", name="\u3000Bob ")
    assert (written.person.username, written.person.email, written.person.name) == ("bob", "bob@example.com", "Bob")


async def test_the_least_length_is_the_contract_s_where_it_has_one(register):
    assert (await register({"password_min": 5}, username="bob", password=Secret("short"))).has_hashed
    await refusal(register({"password_min": 30}, username="bob", password=NEW))


async def test_a_change_is_conditional_on_what_was_read(update, house):
    written = await update(username="alicia")
    (effect,) = written.effects
    assert isinstance(effect, ReplaceAccount)
    assert effect.account.security_version == 1
    assert effect.identifiers == (("username", "alicia"), ("email", "alice@example.com"))


async def test_one_s_own_names_are_not_taken(update):
    assert (await update(username="ALICE", email="alice@example.com")).person.username == "ALICE"


@pytest.mark.parametrize(
    ("said", "field"), [({"username": ""}, "username"), ({"email": ""}, "email"), ({"username": "bob@x"}, "username")]
)
async def test_a_name_is_not_changed_to_none(update, said, field):
    assert (await refusal(update(**said))).field == field


@pytest.mark.parametrize(
    ("email", "proven"),
    [
        ("Alice@example.COM", True),
        (" alice@example.com\t", True),
        ("other@example.com", False),
        # One canonical form, and another mailbox.
        ("Ａlice@example.com", False),
        ("alice@ｅxample.com", False),
    ],
)
async def test_a_new_address_is_not_a_proven_one(update, house, email, proven):
    alice = await house.store.find_account_by_id("default", "us_alice")
    written = await update(msgspec.structs.replace(alice, email_verified_at=PROVEN_AT), email=email)
    assert (written.person.email, written.person.email_verified_at is not None) == (email.strip(), proven)
    links = [effect.purpose for effect in written.effects if isinstance(effect, CancelTickets)]
    assert links == ([] if proven else ["reset_password", "change_email"])


async def test_a_new_password_alone_asks_nobody_for_names_and_ends_what_is_open(update, house, clock):
    written = await update(password=NEW)
    kinds = [type(effect) for effect in written.effects]
    assert kinds == [ReplaceAccount, SetPassword, EndSessions, CancelTickets, CancelTickets]
    assert written.effects[2].except_id is not None
    assert written.has_hashed


async def test_a_password_that_is_a_name_after_the_change_is_refused(update):
    refused = await refusal(update(username="battery-horse-correct", password=Secret("Battery-Horse-Correct")))
    assert refused.cause is Cause.WEAK_PASSWORD


async def test_somebody_else_s_new_password_keeps_no_session(update, house, new_user):
    bob = await new_user(house, "bob")
    written = await update(bob, password=NEW)
    assert (written.effects[2].subject, written.effects[2].except_id) == ("us_bob", None)
