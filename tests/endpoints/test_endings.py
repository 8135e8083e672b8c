from __future__ import annotations

import pytest

from tokenhouse.protocol.messages import Identifier
from tokenhouse.protocol.names import Bearer, CallKind, IdentifierKind
from tokenhouse.protocol.refusals import InvalidToken

ALICE = Identifier(IdentifierKind.USERNAME, "alice")


@pytest.fixture
def revoke(call_as):
    async def revoke(token, ends, **facts):
        return await call_as(CallKind.REVOKE, token, ends=ends, **facts)

    return revoke


@pytest.fixture
def is_live(call_as):
    async def is_live(token, **facts):
        try:
            return bool(await call_as(CallKind.INTROSPECT, token, **facts))
        except InvalidToken:
            return False

    return is_live


@pytest.fixture
def put_on(house, call_as):
    """Put the login of an answer on a device."""

    async def put_on(answer, device):
        said = await call_as(CallKind.INTROSPECT, answer["access_token"])
        row = int(said.session["id"], 16)
        house.store._writer._connection.execute("UPDATE authorizations SET device = ? WHERE id = ?", (device, row))

    return put_on


@pytest.fixture
def told(rows):
    return lambda: rows("SELECT event, reason, subject FROM audit_record ORDER BY sequence DESC LIMIT 1")[0]


async def logins(login, times):
    return [(await login())[1] for _ in range(times)]


async def test_a_token_ends_alone(login, refresh, revoke, is_live, told):
    (answer,) = await logins(login, 1)
    said = await revoke(answer["access_token"], "token")
    assert said.user["id"] == "us_alice"
    assert told() == ("revoke", "token", "us_alice")
    assert not await is_live(answer["access_token"])
    status, renewed = await refresh(answer["refresh_token"])
    assert status == 200
    assert await is_live(renewed["access_token"])


@pytest.mark.parametrize("ends", ["token", "session", "device"])
async def test_a_refresh_token_ends_its_login(login, refresh, revoke, ends):
    one, other = await logins(login, 2)
    await revoke(one["refresh_token"], ends)
    assert (await refresh(one["refresh_token"]))[0] == 400
    assert (await refresh(other["refresh_token"]))[0] == 200


async def test_a_session_ends_with_all_its_tokens(login, refresh, revoke, is_live, told):
    one, other = await logins(login, 2)
    await revoke(one["access_token"], "session")
    assert told() == ("revoke", "", "us_alice")
    assert not await is_live(one["access_token"])
    assert (await refresh(one["refresh_token"]))[0] == 400
    assert await is_live(other["access_token"])


async def test_a_token_that_is_its_login_ends_it(house, new_client, login, revoke, is_live, rows):
    await new_client(house, "once", grants=("password",))
    _, answer = await login("once")
    await revoke(answer["access_token"], "token")
    assert not await is_live(answer["access_token"])
    assert rows("SELECT count(*) FROM authorizations WHERE revoked_at IS NOT NULL") == [(1,)]


async def test_a_device_s_sessions_end_and_no_other_device_s(login, revoke, is_live, put_on, told):
    answers = await logins(login, 3)
    for answer, device in zip(answers, ("phone", "phone", "desk"), strict=True):
        await put_on(answer, device)
    await revoke(answers[0]["access_token"], "device")
    assert told() == ("sign_out_device", "", "us_alice")
    assert [await is_live(answer["access_token"]) for answer in answers] == [False, False, True]


async def test_a_login_without_a_device_is_its_own_device(login, revoke, is_live):
    one, other = await logins(login, 2)
    await revoke(one["access_token"], "device")
    assert [await is_live(answer["access_token"]) for answer in (one, other)] == [False, True]


async def test_everything_a_person_has_open_ends(login, revoke, is_live, told):
    answers = await logins(login, 3)
    await revoke(answers[0]["access_token"], "user")
    assert told() == ("sign_out_everywhere", "", "us_alice")
    assert [await is_live(answer["access_token"]) for answer in answers] == [False] * 3


@pytest.mark.parametrize("ends", ["token", "session", "device", "user"])
async def test_an_app_that_names_a_person_ends_all_that_the_person_has_open(
    login, client_token, revoke, is_live, ends, told
):
    answers = await logins(login, 2)
    own = await client_token()
    await revoke(own, ends, bearer=Bearer.CLIENT, identifier=ALICE)
    assert told() == ("sign_out_everywhere", "", "us_alice")
    assert [await is_live(answer["access_token"]) for answer in answers] == [False] * 2
    assert await is_live(own, bearer=Bearer.CLIENT)


@pytest.mark.parametrize("ends", ["token", "session", "device", "user"])
async def test_an_app_s_own_token_can_only_end_itself(client_token, revoke, is_live, ends, told):
    one, other = await client_token(), await client_token()
    await revoke(one, ends, bearer=Bearer.CLIENT)
    assert told() == ("revoke", "token", None)
    assert not await is_live(one, bearer=Bearer.CLIENT)
    assert await is_live(other, bearer=Bearer.CLIENT)


async def test_what_has_ended_cannot_end_anything(login, revoke):
    (answer,) = await logins(login, 1)
    await revoke(answer["access_token"], "session")
    with pytest.raises(InvalidToken):
        await revoke(answer["access_token"], "user")
