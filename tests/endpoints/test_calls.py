from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from tokenhouse.clients.methods import SECRET_DIGEST
from tokenhouse.clients.secrets import new_secret_id
from tokenhouse.model.effects import EndSessions, RaceLost, SetAccountState, SetPassword
from tokenhouse.model.records import ClientSecret
from tokenhouse.model.registrations import AddClientSecret, SetClientEnabled
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.contract import LockoutPolicy
from tokenhouse.protocol.messages import Credentials, Identifier, Profile
from tokenhouse.protocol.names import API_SECRET, AuthMethod, Bearer, CallKind, IdentifierKind
from tokenhouse.protocol.refusals import (
    Busy,
    InvalidClient,
    InvalidRequest,
    InvalidToken,
    NotFound,
    Refusal,
    Unacceptable,
)
from tokenhouse.protocol.secret import Secret

PASSWORD, NEW = "correct horse battery", "battery horse correct"
CLIENT_SECRET = "th_cs_a-long-random-secret-of-the-tests"
ALICE = Identifier(IdentifierKind.USERNAME, "alice")
BOB = Identifier(IdentifierKind.USERNAME, "bob")
LOCKING = {"lockout": LockoutPolicy(2, timedelta(minutes=10))}


@pytest.fixture
def events(rows):
    return lambda: [event for (event,) in rows("SELECT event FROM audit_record ORDER BY sequence")]


async def account(house, user_id="us_alice"):
    return await house.store.find_account_by_id("default", user_id)


async def refusal(calling, kind=Refusal):
    with pytest.raises(kind) as raised:
        await calling
    return raised.value


async def test_the_facts_behind_a_token_are_said_and_nothing_is_written(call_as, user_token, events):
    token = await user_token()
    before = events()
    said = await call_as(CallKind.INTROSPECT, token)
    assert (said.user["id"], said.user["active"], said.user["locked"]) == ("us_alice", True, False)
    assert said.tokens == {}
    assert events() == before


async def test_a_token_is_asked_for_before_anything_is_wrong_with_the_message(call_as, user_token):
    fault = InvalidRequest(Cause.MISSING, field="x")
    assert (await refusal(call_as(CallKind.INTROSPECT, None, fault=fault))).cause is Cause.NO_TOKEN
    assert await refusal(call_as(CallKind.INTROSPECT, await user_token(), fault=fault)) is fault


# -- the client's secret beside the token -----------------------------------------------------------------------------


def shown(secret, client_id=None, slot=""):
    return Credentials(AuthMethod.BASIC, client_id, Secret(secret), slot=slot)


async def add_api_secret(house, client_id="app"):
    digest = (await house.keys.digest(SECRET_DIGEST, b"the back end's own", house.clock())).hex()
    secret = ClientSecret(new_secret_id(), "hmac-sha256", digest, house.clock(), slot=API_SECRET)
    await house.store.commit((AddClientSecret("default", client_id, secret, house.clock()),))
    house.forget()


async def test_the_client_is_the_one_to_whom_the_token_was_issued(call_as, user_token, house):
    await add_api_secret(house)
    token = await user_token()
    api = shown("the back end's own", slot=API_SECRET)
    assert (await call_as(CallKind.INTROSPECT, token, credentials=api)).user["id"] == "us_alice"
    assert (await call_as(CallKind.INTROSPECT, token, credentials=shown(CLIENT_SECRET, "app"))).user


@pytest.mark.parametrize(
    "credentials",
    [
        shown(CLIENT_SECRET, slot=API_SECRET),
        shown("the back end's own"),
        shown("wrong", slot=API_SECRET),
        Credentials(AuthMethod.NONE),
        Credentials(AuthMethod.BASIC, malformed=True),
    ],
)
async def test_the_secret_of_another_slot_or_none_is_no_proof(call_as, user_token, house, credentials):
    await add_api_secret(house)
    await refusal(call_as(CallKind.INTROSPECT, await user_token(), credentials=credentials), InvalidClient)


async def test_another_client_cannot_use_the_token(call_as, user_token):
    credentials = shown(CLIENT_SECRET, "service")
    refused = await refusal(call_as(CallKind.INTROSPECT, await user_token(), credentials=credentials), InvalidToken)
    assert refused.cause is Cause.FOREIGN_TOKEN


async def weaken(house, secret="weak"):
    phc = house.hashing.hash(Secret(secret), "raw")
    chosen = ClientSecret("weak", "argon2id", phc, house.clock(), slot=API_SECRET)
    await house.store.commit((AddClientSecret("default", "app", chosen, house.clock()),))
    house.forget()


async def test_a_right_chosen_secret_is_given_its_guess_back_whatever_else_is_wrong(call_as, user_token, house, rows):
    token = await user_token()
    await weaken(house)
    credentials = shown("weak", slot=API_SECRET)
    refused = await refusal(
        call_as(CallKind.INTROSPECT, token, credentials=credentials, fault=NotFound(Cause.NOT_FOUND))
    )
    assert rows("SELECT used FROM guess")
    await house.store.commit(refused.effects)
    assert rows("SELECT used FROM guess") == []


async def test_a_right_chosen_secret_is_given_its_guess_back_when_a_race_is_lost(
    call_as, user_token, house, rows, profiles, monkeypatch
):
    token = await user_token()
    await weaken(house)
    real, lost = profiles.update, []

    async def losing_once(*arguments):
        if not lost:
            lost.append(True)
            raise RaceLost
        return await real(*arguments)

    monkeypatch.setattr(profiles, "update", losing_once)
    profile = Profile(name="Alice Lee")
    await call_as(CallKind.UPDATE, token, profile=profile, credentials=shown("weak", slot=API_SECRET))
    assert rows("SELECT used FROM guess") == []
    assert (await account(house)).name == "Alice Lee"


# -- whom it is about --------------------------------------------------------------------------------------------------


async def test_an_app_asks_about_people_of_its_tenant(call_as, client_token):
    facts = {"bearer": Bearer.CLIENT, "identifier": ALICE}
    said = await call_as(CallKind.INTROSPECT, await client_token(), **facts)
    assert (said.user["id"], said.client["id"]) == ("us_alice", "service")


async def test_who_does_not_exist_is_not_found(call_as, client_token):
    refused = await refusal(
        call_as(CallKind.INTROSPECT, await client_token(), bearer=Bearer.CLIENT, identifier=BOB), NotFound
    )
    assert (refused.status, refused.cause, refused.field) == (404, Cause.NOT_FOUND, "username")


async def test_a_person_s_token_speaks_for_that_person_only(call_as, user_token, house, new_user):
    await new_user(house, "bob")
    token = await user_token()
    assert (await call_as(CallKind.INTROSPECT, token, bearer=Bearer.EITHER, identifier=ALICE)).user["id"] == "us_alice"
    for other in (BOB, Identifier(IdentifierKind.USERNAME, "nobody")):
        refused = await refusal(call_as(CallKind.UNLOCK, token, bearer=Bearer.EITHER, identifier=other), InvalidToken)
        assert refused.cause is Cause.WRONG_BEARER


@pytest.mark.parametrize("does", [CallKind.UNLOCK, CallKind.UPDATE])
async def test_an_app_s_own_token_has_to_say_whom_it_is_about(call_as, client_token, does):
    profile = Profile(name="x")
    refused = await refusal(call_as(does, await client_token(), bearer=Bearer.CLIENT, profile=profile), InvalidRequest)
    assert (refused.cause, refused.field) == (Cause.MISSING, "user_id")


# -- unlock ------------------------------------------------------------------------------------------------------------


async def guess(people, house, clock, times, mount):
    for n in range(times):
        proving = people.prove("default", ALICE, Secret(f"wrong {n}"), "192.0.2.1", clock.now, mount)
        assert (await refusal(proving)).public_cause is Cause.BAD_CREDENTIALS


async def test_an_unlock_lifts_the_lockout_of_its_contract_and_no_limit(
    call_as, user_token, people, house, clock, rows, events
):
    token = await user_token()
    mount = replace(house.standard, **LOCKING)
    other = replace(mount, contract=replace(mount.contract, name="other"))
    await guess(people, house, clock, 2, mount)
    await guess(people, house, clock, 2, other)
    alice = await account(house)
    assert (await call_as(CallKind.INTROSPECT, token, LOCKING)).user["locked"] is True
    said = await call_as(CallKind.UNLOCK, token, LOCKING)
    assert said.user["locked"] is False
    assert await people.is_locked_out(alice, other, clock.now)
    assert sorted(rows("SELECT used FROM guess")) == [(2,), (4,), (4,), (4,)], "the limits go on counting"
    assert events()[-1] == "unlock"
    assert (await people.prove("default", ALICE, Secret(PASSWORD), "192.0.2.1", clock.now, mount)).account == alice


async def test_an_unlock_does_not_let_in_whom_an_operator_has_locked(call_as, user_token, house, clock):
    token = await user_token()
    await house.store.commit((SetAccountState("default", "us_alice", clock.now, True),))
    assert (await refusal(call_as(CallKind.UNLOCK, token, LOCKING), InvalidToken)).cause is Cause.REVOKED_TOKEN


# -- register ----------------------------------------------------------------------------------------------------------


async def register(call_as, token, mount=None, **said):
    if "password" in said:
        said["password"] = Secret(said["password"])
    return await call_as(CallKind.REGISTER, token, mount, bearer=Bearer.CLIENT, profile=Profile(**said))


async def test_an_app_adds_a_person_who_can_log_in_then(call_as, client_token, login, house, rows):
    said = await register(call_as, await client_token(), username="bob", email="Bob@x", name="Bob", password=NEW)
    made = await account(house, said.user["id"])
    assert (made.username, made.email, made.name, made.password_form) == ("bob", "Bob@x", "Bob", "nfkc")
    assert (said.user["confirmed"], made.email_verified_at) == (False, None)
    for name in ("bob", "bob@x"):
        assert (await login(username=name, password=NEW))[0] == 200
    told = rows("SELECT event, subject, client_id, reason FROM audit_record WHERE event = 'register'")
    assert told == [("register", made.user_id, "service", "password")]


async def test_a_person_without_a_password_is_added_too(call_as, client_token, house):
    said = await register(call_as, await client_token(), email="bob@x")
    assert (await account(house, said.user["id"])).password is None


async def test_two_who_want_one_name_at_once_are_one_person(call_as, client_token, rows):
    token = await client_token()
    done = await asyncio.gather(
        *(register(call_as, token, username="bob", password=NEW) for _ in range(8)), return_exceptions=True
    )
    assert sum(not isinstance(one, Exception) for one in done) == 1
    lost = [one for one in done if isinstance(one, Exception)]
    assert all((type(one), one.cause, one.field) == (Unacceptable, Cause.TAKEN, "username") for one in lost)
    assert rows("SELECT count(*) FROM account WHERE username = 'bob'") == [(1,)]


async def test_a_client_that_is_disabled_while_its_person_is_hashed_adds_nobody(
    call_as, client_token, house, held, rows
):
    registering = asyncio.create_task(register(call_as, await client_token(), username="bob", password=NEW))
    await held.reached()
    await house.store.commit((SetClientEnabled("default", "service", enabled=False),))
    held.go.set()
    assert (await refusal(registering, InvalidToken)).cause is Cause.REVOKED_TOKEN
    assert rows("SELECT count(*) FROM account WHERE username = 'bob'") == [(0,)]


# -- update ------------------------------------------------------------------------------------------------------------


class Held:
    """A hash that waits to be let go."""

    def __init__(self) -> None:
        self._reached = threading.Event()
        self.go = threading.Event()

    def wait(self) -> None:
        self._reached.set()
        assert self.go.wait(10)

    async def reached(self) -> None:
        assert await asyncio.to_thread(self._reached.wait, 10)


@pytest.fixture
def held(house, monkeypatch):
    """Hold every chosen password in the pool until it is let go."""
    holding, real = Held(), house.hashing.hash

    def hash_(*arguments):
        holding.wait()
        return real(*arguments)

    monkeypatch.setattr(house.hashing, "hash", hash_)
    return holding


async def test_names_are_changed_and_only_what_was_said(call_as, user_token, login, house, rows):
    said = await call_as(CallKind.UPDATE, await user_token(), profile=Profile(username="alicia", name="A"))
    assert (said.user["username"], said.user["email"], said.user["name"]) == ("alicia", "Alice@Example.com", "A")
    assert (await login(username="alicia"))[0] == 200
    assert (await login(username="alice"))[0] == 400
    assert rows("SELECT event, reason FROM audit_record WHERE event = 'update'") == [("update", "")]


async def test_nothing_said_is_nothing_changed(call_as, user_token, house, events):
    token = await user_token()
    before = await account(house), events()
    for profile in (None, Profile()):
        assert (await call_as(CallKind.UPDATE, token, profile=profile)).user["username"] == "alice"
    assert (await account(house), events()) == before


async def test_a_new_password_ends_every_other_session_and_keeps_this_one(call_as, user_token, login, refresh, house):
    _, elsewhere = await login()
    _, here = await login()
    profile = Profile(password=Secret(NEW))
    assert (await call_as(CallKind.UPDATE, here["access_token"], profile=profile)).user["id"] == "us_alice"
    assert (await refresh(elsewhere["refresh_token"]))[0] == 400
    assert (await refresh(here["refresh_token"]))[0] == 200
    assert (await login(password=PASSWORD))[0] == 400
    assert (await login(password=NEW))[0] == 200


async def test_an_app_changes_a_person_of_its_tenant_and_every_session_ends(call_as, client_token, login, refresh):
    _, answer = await login()
    facts = {"bearer": Bearer.CLIENT, "identifier": ALICE, "profile": Profile(password=Secret(NEW))}
    await call_as(CallKind.UPDATE, await client_token(), **facts)
    assert (await refresh(answer["refresh_token"]))[0] == 400


async def test_a_session_that_is_ended_while_its_new_password_is_hashed_changes_nothing(
    call_as, user_token, house, held, clock
):
    before = await account(house)
    profile = Profile(password=Secret(NEW))
    updating = asyncio.create_task(call_as(CallKind.UPDATE, await user_token(), profile=profile))
    await held.reached()
    await house.store.commit((EndSessions("default", "us_alice", clock.now),))
    held.go.set()
    assert (await refusal(updating, InvalidToken)).cause is Cause.REVOKED_TOKEN
    assert (await account(house)).password == before.password


async def test_a_password_that_was_changed_meanwhile_is_not_overwritten_blindly(
    call_as, user_token, house, profiles, monkeypatch, clock
):
    """Between the last look at the token and the commit: the condition in the commit holds, and it is decided again."""
    token, real, looks = await user_token(), profiles.update, []

    async def overtaken(request, live, person):
        written = await real(request, live, person)
        if not looks:
            await house.store.commit((SetPassword("default", "us_alice", "set elsewhere", "nfkc"),))
        looks.append(person.security_version)
        return written

    monkeypatch.setattr(profiles, "update", overtaken)
    await call_as(CallKind.UPDATE, token, profile=Profile(name="Alice Lee"))
    changed = await account(house)
    assert (len(looks), looks[1] - looks[0]) == (2, 1)
    assert (changed.name, changed.password) == ("Alice Lee", "set elsewhere")


async def test_a_race_that_is_lost_again_and_again_is_busy(call_as, user_token, profiles, monkeypatch):
    async def losing(*_):
        raise RaceLost

    monkeypatch.setattr(profiles, "update", losing)
    refused = await refusal(call_as(CallKind.UPDATE, await user_token(), profile=Profile(name="x")), Busy)
    assert refused.retry_after == 1


@pytest.mark.parametrize("does", [CallKind.UPDATE, CallKind.REGISTER])
async def test_a_full_pool_turns_away_before_anything_is_looked_up(call_as, house, monkeypatch, does):
    monkeypatch.setattr(house.pool, "_taken", house.pool._places)
    await refusal(call_as(does, "whatever", profile=Profile(password=Secret(NEW))), Busy)
    assert (await refusal(call_as(does, "whatever", profile=Profile(name="x")))).cause is Cause.BAD_TOKEN
