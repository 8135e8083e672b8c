from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tokenhouse.model.effects import EndSessions, RevokeAuthorization
from tokenhouse.model.registrations import SetClientEnabled
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.contract import LockoutPolicy
from tokenhouse.protocol.names import Bearer, CallKind
from tokenhouse.protocol.refusals import InvalidToken, NotFound
from tokenhouse.store.ports import SessionFilter

SAY = CallKind.INTROSPECT


@pytest.fixture
def require(bearers, make_call, house):
    async def require(token, bearer=Bearer.USER, does=SAY, mount=None):
        return await bearers.require(make_call(does, token, bearer=bearer), mount or house.standard)

    return require


@pytest.fixture
def refused(require):
    async def refused(*args, **facts):
        with pytest.raises(InvalidToken) as raised:
            await require(*args, **facts)
        assert (raised.value.status, raised.value.code) == (401, "invalid_token")
        return raised.value.cause

    return refused


async def test_a_call_without_a_token_is_told_so(refused):
    assert await refused(None) is Cause.NO_TOKEN


async def test_a_person_s_token_is_a_person_s(require, refused, user_token):
    token = await user_token()
    for bearer in (Bearer.USER, Bearer.EITHER):
        live = await require(token, bearer)
        assert (live.account.user_id, live.client.client_id) == ("us_alice", "app")
    assert await refused(token, Bearer.CLIENT) is Cause.WRONG_BEARER


async def test_a_client_s_token_is_a_client_s(require, refused, client_token):
    token = await client_token()
    for bearer in (Bearer.CLIENT, Bearer.EITHER):
        live = await require(token, bearer)
        assert (live.account, live.client.client_id) == (None, "service")
    assert await refused(token, Bearer.USER) is Cause.WRONG_BEARER


@pytest.mark.parametrize("text", ["", "x", "Bearer ", "é", "0" * 100_000])
async def test_what_is_no_token_is_refused(refused, text):
    assert await refused(text) is Cause.BAD_TOKEN


async def test_a_refresh_token_can_do_nothing_but_end(refused, require, login):
    _, answer = await login()
    for does in CallKind:
        if does is not CallKind.REVOKE:
            assert await refused(answer["refresh_token"], does=does) is Cause.BAD_TOKEN
    assert await require(answer["refresh_token"], does=CallKind.REVOKE)


async def test_a_token_of_another_contract_is_none_here(refused, user_token, house):
    other = replace(house.standard, contract=replace(house.standard.contract, name="other"))
    assert await refused(await user_token(), mount=other) is Cause.BAD_TOKEN


async def test_a_token_of_another_tenant_is_none_here(refused, user_token, house):
    assert await refused(await user_token(), mount=replace(house.standard, tenant="other")) is Cause.BAD_TOKEN


async def test_where_every_tenant_is_served_each_is_looked_at(require, user_token, house):
    house.store._writer._connection.execute("INSERT INTO tenant VALUES ('another', 1, 0)")
    assert await require(await user_token(), mount=replace(house.standard, tenant=None))


async def test_a_token_that_is_over_and_one_that_was_ended_are_refused(refused, user_token, house, clock):
    token = await user_token()
    clock.pass_(minutes=6)
    assert await refused(token) is Cause.EXPIRED_TOKEN
    token = await user_token()
    await house.store.commit((EndSessions("default", "us_alice", clock.now),))
    assert await refused(token) is Cause.REVOKED_TOKEN


async def test_the_client_behind_a_token_has_to_be_good(refused, user_token, house):
    token = await user_token()
    await house.store.commit((SetClientEnabled("default", "app", enabled=False),))
    assert await refused(token) is Cause.REVOKED_TOKEN


async def test_what_may_be_said_of_a_person_s_token(bearers, require, make_call, user_token, house):
    live = await require(await user_token())
    said = await bearers.say(make_call(SAY), live, live.account)
    assert (said.tokens, said.scope, said.audience) == ({}, ("read", "write"), (house.standard.issuer,))
    assert (said.client["id"], said.user["id"], said.user["locked"]) == ("app", "us_alice", False)
    assert said.session["id"] == f"{live.found.row.id:016x}"


async def test_what_may_be_said_of_a_client_s_token(bearers, require, make_call, client_token):
    live = await require(await client_token(), Bearer.CLIENT)
    said = await bearers.say(make_call(SAY), live, None)
    assert (said.scope, said.user, said.session) == (("read", "write"), None, None)
    assert said.client["id"] == "service"


async def test_a_scope_that_is_said_as_a_list_is_the_same(bearers, require, make_call, client_token):
    live = await require(await client_token(), Bearer.CLIENT)
    found = replace(live.found, claims={"scope": ["a", "b"]})
    assert (await bearers.say(make_call(SAY), replace(live, found=found), None)).scope == ("a", "b")


async def test_a_person_who_is_locked_out_is_said_to_be(bearers, require, make_call, user_token, people, house, clock):
    live = await require(await user_token())
    mount = replace(house.standard, lockout=LockoutPolicy(1, timedelta(minutes=5)))
    found = replace(live.found, mount=mount)
    budget = await people.lockout_budget(live.account, "standard", clock.now)
    at = (budget, 1, int(clock.now.timestamp() * 1_000_000))
    assert (await bearers.say(make_call(SAY), replace(live, found=found), live.account)).user["locked"] is False
    house.store._writer._connection.execute("INSERT INTO guess (budget, used, started_at) VALUES (?, ?, ?)", at)
    assert (await bearers.say(make_call(SAY), replace(live, found=found), live.account)).user["locked"] is True


async def test_only_the_holder_of_a_good_token_learns_that_the_person_is_gone(
    require, refused, user_token, house, clock
):
    good, ended = await user_token(), await user_token()
    row = (await house.store.list_sessions(SessionFilter(), 1))[0]
    await house.store.commit((RevokeAuthorization(row.id, clock()),))
    connection = house.store._writer._connection
    connection.execute("PRAGMA foreign_keys=OFF; DELETE FROM account WHERE user_id = 'us_alice'")
    outcomes = []
    for token in (good, ended):
        with pytest.raises((NotFound, InvalidToken)) as raised:
            await require(token)
        outcomes.append((raised.value.status, raised.value.cause))
    assert sorted(outcomes) == [(401, Cause.REVOKED_TOKEN), (404, Cause.NOT_FOUND)]
    clock.pass_(days=1)
    assert await refused(good) is Cause.EXPIRED_TOKEN
