"""Door x person, door x control: every way to obtain or use a token, against every reason to refuse it.

In process, through the real door and a real store, so that each refusal can be caused exactly.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest

from tokenhouse.accounts.lockout import LOCKOUT, lockout_name, policy_of
from tokenhouse.accounts.people import budget_name
from tokenhouse.model.effects import ReserveGuess, SetAccountState
from tokenhouse.model.registrations import SetClientEnabled
from tokenhouse.protocol.contract import LockoutPolicy
from tokenhouse.server.composing import House
from tokenhouse.sql import writer as writing

FORM = "application/x-www-form-urlencoded"


def basic(pair: str) -> tuple[str, str]:
    return "authorization", "Basic " + base64.b64encode(pair.encode()).decode()


MCS = basic("BuMgS2MPK5Z6nqWhVsyV:o1uBjWTzuqbaMnQzSmDp5UhR6M33NOhb3YL0b1YK")
SOCIALID = basic("138:e8b9ca24f1b590af67e6271297d6e1f7226625d61c5b5daa1b2f215464e292cf")
STANDARD = basic("standard-app:th_cs_a-long-random-secret-of-the-tests")
WRITTEN = basic("s6BhdRkqt3:7Fjfp0ZBr1KtDRbnfVdmIw")


class Door(NamedTuple):
    """A way in by password: how to ask, for whom, and where the tokens stand in the answer."""

    tenant: str
    client: str
    user: str
    password: str
    ask: Callable[[str, str], tuple[str, bytes, str, tuple[tuple[str, str], ...]]]
    access: Callable[[Any], str]
    refresh: Callable[[str], tuple[str, bytes, str, tuple[tuple[str, str], ...]]] | None
    refresh_token: Callable[[Any], str] | None


def _json(**members: str) -> bytes:
    return json.dumps(members).encode()


def _form(**fields: str) -> bytes:
    return urlencode(fields).encode()


YINDO_XML = (
    '<OAuthRequest xmlns="http://schemas.datacontract.org/2004/07/Yindo.DAL.Types">'
    "<grant_type>password</grant_type><password>{}</password><userName>{}</userName></OAuthRequest>"
)

DOORS = {
    "mcs login": Door(
        "mcs", "BuMgS2MPK5Z6nqWhVsyV", "MCSuser@mediatek.com", "123456789",
        lambda user, password: ("/oauth/login/thirdparty", _json(email=user, password=password), "application/json", (MCS,)),
        lambda answer: answer["access_token"],
        lambda token: ("/oauth/login/thirdparty/refresh", _json(token=token), "application/json", (MCS,)),
        lambda answer: answer["token"],
    ),
    "yindo form": Door(
        "yindo", "yindo", "theuser", "thepass",
        lambda user, password: ("/token", _form(grant_type="password", userName=user, password=password), FORM, ()),
        lambda answer: answer["access_token"], None, None,
    ),
    "yindo xml": Door(
        "yindo", "yindo", "theuser", "thepass",
        lambda user, password: ("/token", YINDO_XML.format(password, user).encode(), "text/xml", ()),
        lambda answer: answer["access_token"], None, None,
    ),
    "socialid username": Door(
        "socialid", "138", "john_doe", "john_doe_secret",
        lambda user, password: (
            "/v2/marketing/oauth/token", _form(grant_type="password", username=user, password=password), FORM, (SOCIALID,),
        ),
        lambda answer: answer["access_token"],
        lambda token: (
            "/v2/marketing/oauth/token", _form(grant_type="refresh_token", refresh_token=token), FORM, (SOCIALID,),
        ),
        lambda answer: answer["refresh_token"],
    ),
    "socialid e-mail": Door(
        "socialid", "138", "john_doe@domain.com", "john_doe_secret",
        lambda user, password: (
            "/v2/marketing/oauth/token", _form(grant_type="password", email_address=user, password=password), FORM, (SOCIALID,),
        ),
        lambda answer: answer["access_token"], None, None,
    ),
    "standard": Door(
        "default", "standard-app", "standard-user", "correct horse battery",
        lambda user, password: ("/oauth2/token", _form(grant_type="password", username=user, password=password), FORM, (STANDARD,)),
        lambda answer: answer["access_token"],
        lambda token: ("/oauth2/token", _form(grant_type="refresh_token", refresh_token=token), FORM, (STANDARD,)),
        lambda answer: answer["refresh_token"],
    ),
}  # fmt: skip
REFRESHING = [name for name, door in DOORS.items() if door.refresh]


Ask = Callable[..., Awaitable[Any]]


async def knock(ask: Ask, house: House, door: Door, user: str, password: str) -> Any:
    path, body, content_type, headers = door.ask(user, password)
    return await ask(house.door, "POST", path, body, *headers, content_type=content_type)


async def renew(ask: Ask, house: House, door: Door, answer: Any) -> Any:
    assert door.refresh is not None
    assert door.refresh_token is not None
    path, body, content_type, headers = door.refresh(door.refresh_token(answer))
    return await ask(house.door, "POST", path, body, *headers, content_type=content_type)


async def introspect(ask: Ask, house: House, door: Door, token: str) -> Any:
    caller = basic(f"{door.tenant}-api:th_cs_a-long-random-secret-of-the-tests")
    reply = await ask(house.door, "POST", "/oauth2/introspect", _form(token=token), caller)
    assert reply.status == 200, reply
    return json.loads(reply.body)


async def account_of(house: House, door: Door) -> Any:
    for kind in ("username", "email"):
        found = await house.store.find_account(door.tenant, kind, door.user.casefold())
        if found is not None:
            return found
    raise AssertionError(door.user)


async def lock(house: House, door: Door) -> None:
    account = await account_of(house, door)
    await house.store.commit((SetAccountState(account.tenant, account.user_id, house.clock(), True),))


async def disable(house: House, door: Door) -> None:
    account = await account_of(house, door)
    await house.store.commit((SetAccountState(account.tenant, account.user_id, None, False),))


async def nothing(_house: House, _door: Door) -> None:
    pass


def lockout_of(house: House, door: Door) -> LockoutPolicy | None:
    return next((policy_of(one.mount) for one in house.dialects if one.mount.tenant == door.tenant), None)


async def _spend_lockout(house: House, door: Door, name: str) -> None:
    """Spend the lockout of one contract, and nothing else; where there is none, nothing is spent."""
    policy, now = lockout_of(house, door), house.clock()
    contract = next((one.dialect.name for one in house.dialects if one.mount.tenant == door.tenant), "")
    budget = await house.guesses.budget(LOCKOUT, lockout_name(contract, name), now)
    window = int(policy.window.total_seconds()) if policy else 0
    for _ in range(policy.failures if policy else 0):
        await house.store.commit((ReserveGuess(budget, 100, window, now, locks=True),))


async def lock_out(house: House, door: Door) -> None:
    account = await account_of(house, door)
    await _spend_lockout(house, door, budget_name(account.tenant, account.user_id))


async def lock_out_nobody(house: House, door: Door) -> None:
    await _spend_lockout(house, door, f"{door.tenant}\0\0{nobody(door)}")


def nobody(door: Door) -> str:
    return "nobody" + ("@domain.com" if "@" in door.user else "")


PEOPLE: dict[str, tuple[Callable[[House, Door], Awaitable[None]], bool, bool]] = {
    # state of the account, known name, right password
    "unknown": (nothing, False, False),
    "wrong": (nothing, True, False),
    "locked, right password": (lock, True, True),
    "locked, wrong password": (lock, True, False),
    "disabled, right password": (disable, True, True),
    "disabled, wrong password": (disable, True, False),
}
LOCKED_OUT: dict[str, tuple[Callable[[House, Door], Awaitable[None]], bool, bool]] = {
    "locked out, right password": (lock_out, True, True),
    "locked out, wrong password": (lock_out, True, False),
    "locked out, unknown": (lock_out_nobody, False, False),
}


def states(house: House, door: Door) -> dict[str, tuple[Callable[[House, Door], Awaitable[None]], bool, bool]]:
    return PEOPLE | (LOCKED_OUT if lockout_of(house, door) else {})


@pytest.mark.parametrize("door_name", DOORS)
async def test_the_right_password_opens(ask_door: Ask, contracts: House, door_name: str) -> None:
    door = DOORS[door_name]
    reply = await knock(ask_door, contracts, door, door.user, door.password)
    assert reply.status == 200
    facts = await introspect(ask_door, contracts, door, door.access(json.loads(reply.body)))
    assert facts["active"] is True
    assert facts["sub"] == (await account_of(contracts, door)).user_id


@pytest.mark.parametrize("door_name", DOORS)
async def test_unknown_wrong_locked_and_disabled_look_the_same(
    ask_door: Ask, make_house: Any, contracts: House, door_name: str
) -> None:
    door = DOORS[door_name]
    seen = {}
    for name, (state, known, right) in states(contracts, door).items():
        await state(contracts, door)
        user = door.user if known else nobody(door)
        reply = await knock(ask_door, contracts, door, user, door.password if right else "not the password")
        headers = {key: value for key, value in reply.headers.items() if key != "x-request-id"}
        seen[name] = (reply.status, headers, reply.body)
        account = await account_of(contracts, door)
        await contracts.store.commit((SetAccountState(account.tenant, account.user_id, None, True),))
    assert seen["wrong"][0] != 200
    assert all(answer == seen["wrong"] for answer in seen.values()), seen


@pytest.mark.parametrize("door_name", DOORS)
async def test_unknown_wrong_locked_and_disabled_do_the_same_work(
    ask_door: Ask, contracts: House, door_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time is work: the same number of hashes and the same statements written, whatever is wrong."""
    door = DOORS[door_name]
    work: list[str] = []
    real_changes, real_verify = writing.changes, contracts.hashing.verify

    def count_changes(effect: Any) -> Any:
        work.append(type(effect).__name__)
        return real_changes(effect)

    def count_verify(*arguments: Any) -> bool:
        work.append("hash")
        return real_verify(*arguments)

    monkeypatch.setattr(writing, "changes", count_changes)
    monkeypatch.setattr(contracts.hashing, "verify", count_verify)
    done = {}
    for name, (state, known, right) in states(contracts, door).items():
        await state(contracts, door)
        work.clear()
        user = door.user if known else nobody(door)
        await knock(ask_door, contracts, door, user, door.password if right else "not the password")
        done[name] = tuple(work)
        account = await account_of(contracts, door)
        await contracts.store.commit((SetAccountState(account.tenant, account.user_id, None, True),))
    reserved = ("ReserveGuess",) * (4 if lockout_of(contracts, door) else 3)
    assert done["unknown"] == (*reserved, "hash", "RecordAudit")
    assert set(done.values()) == {done["unknown"]}, done


async def end_client(house: House, door: Door) -> None:
    await house.store.commit((SetClientEnabled(door.tenant, door.client, False),))
    house.forget()


CONTROLS = {"client disabled": end_client, "account locked": lock, "account disabled": disable}


@pytest.mark.parametrize("control", CONTROLS)
@pytest.mark.parametrize("door_name", DOORS)
async def test_every_control_holds_at_every_password_door(
    ask_door: Ask, contracts: House, door_name: str, control: str
) -> None:
    door = DOORS[door_name]
    await CONTROLS[control](contracts, door)
    reply = await knock(ask_door, contracts, door, door.user, door.password)
    assert reply.status >= 400


@pytest.mark.parametrize("control", CONTROLS)
@pytest.mark.parametrize("door_name", REFRESHING)
async def test_every_control_holds_at_every_refresh_door(
    ask_door: Ask, contracts: House, door_name: str, control: str
) -> None:
    door = DOORS[door_name]
    answer = json.loads((await knock(ask_door, contracts, door, door.user, door.password)).body)
    assert (await renew(ask_door, contracts, door, answer)).status == 200
    answer = json.loads((await knock(ask_door, contracts, door, door.user, door.password)).body)
    await CONTROLS[control](contracts, door)
    assert (await renew(ask_door, contracts, door, answer)).status >= 400


@pytest.mark.parametrize("control", CONTROLS)
@pytest.mark.parametrize("door_name", DOORS)
async def test_every_control_ends_living_tokens(ask_door: Ask, contracts: House, door_name: str, control: str) -> None:
    door = DOORS[door_name]
    token = door.access(json.loads((await knock(ask_door, contracts, door, door.user, door.password)).body))
    assert (await introspect(ask_door, contracts, door, token))["active"] is True
    await CONTROLS[control](contracts, door)
    assert await introspect(ask_door, contracts, door, token) == {"active": False}


@pytest.mark.parametrize("door_name", DOORS)
async def test_a_token_of_another_tenant_is_no_token(ask_door: Ask, contracts: House, door_name: str) -> None:
    door = DOORS[door_name]
    token = door.access(json.loads((await knock(ask_door, contracts, door, door.user, door.password)).body))
    for stranger in DOORS.values():
        if stranger.tenant != door.tenant:
            assert await introspect(ask_door, contracts, stranger, token) == {"active": False}


@pytest.mark.parametrize("mine", REFRESHING)
@pytest.mark.parametrize("theirs", REFRESHING)
async def test_a_refresh_token_of_another_contract_is_refused_and_lives_on(
    ask_door: Ask, contracts: House, mine: str, theirs: str
) -> None:
    if mine == theirs:
        return
    door, stranger = DOORS[mine], DOORS[theirs]
    answer = json.loads((await knock(ask_door, contracts, door, door.user, door.password)).body)
    assert door.refresh_token is not None
    assert stranger.refresh is not None
    path, body, content_type, headers = stranger.refresh(door.refresh_token(answer))
    foreign = await ask_door(contracts.door, "POST", path, body, *headers, content_type=content_type)
    assert foreign.status in {400, 401}
    assert (await renew(ask_door, contracts, door, answer)).status == 200


@pytest.mark.parametrize("door_name", DOORS)
async def test_a_thousand_parallel_wrong_passwords_admit_no_more_than_the_limit(
    ask_door: Ask, contracts: House, door_name: str
) -> None:
    door = DOORS[door_name]
    hashes = 0
    real = contracts.hashing.verify

    def counting(*arguments: Any) -> bool:
        nonlocal hashes
        hashes += 1
        return real(*arguments)

    object.__setattr__(contracts.pool, "_places", 2000)
    contracts.hashing.verify = counting  # type: ignore[method-assign]
    replies = await asyncio.gather(*(knock(ask_door, contracts, door, door.user, f"guess {n}") for n in range(1000)))
    assert hashes == contracts.config.limits.account_guesses
    assert all(reply.status != 200 for reply in replies)
    late = await knock(ask_door, contracts, door, door.user, door.password)
    assert late.status != 200, "the budget is spent for the right password too"


async def test_the_budget_of_an_account_is_the_same_at_every_door(ask_door: Ask, contracts: House, clock: Any) -> None:
    by_name, by_mail = DOORS["socialid username"], DOORS["socialid e-mail"]
    for n in range(contracts.config.limits.account_guesses):
        door = by_name if n % 2 else by_mail
        assert (await knock(ask_door, contracts, door, door.user, f"guess {n}")).status == 401
    for door in (by_name, by_mail):
        assert (await knock(ask_door, contracts, door, door.user, door.password)).status == 429
    clock.now += timedelta(minutes=16)
    assert (await knock(ask_door, contracts, by_name, by_name.user, by_name.password)).status == 200


@pytest.mark.parametrize("door_name", DOORS)
async def test_fifty_devices_with_the_right_password_do_not_spend_the_budget(
    ask_door: Ask, contracts: House, door_name: str
) -> None:
    door = DOORS[door_name]
    replies = await asyncio.gather(*(knock(ask_door, contracts, door, door.user, door.password) for _ in range(50)))
    assert {reply.status for reply in replies} == {200}


async def test_a_client_with_a_weak_secret_comes_back_a_hundredfold_and_is_hashed_once(
    ask_door: Ask, contracts: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes: list[bool] = []
    real = contracts.hashing.verify

    def counting(*arguments: Any) -> bool:
        hashes.append(real(*arguments))
        return hashes[-1]

    monkeypatch.setattr(contracts.hashing, "verify", counting)
    body = _json(app_id="coupang", app_secret="coupangTest")
    replies = await asyncio.gather(
        *(
            ask_door(contracts.door, "POST", "/oauth/token/get", body, content_type="application/json")
            for _ in range(100)
        )
    )
    assert {reply.status for reply in replies} == {200}
    assert hashes == [True]
