"""What is registered beside clients, and what was mailed."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import msgspec
import pytest

from tokenhouse.model.effects import (
    CancelTickets,
    Conflict,
    CreateAccount,
    CreateTicket,
    LinkIdentity,
    Prune,
    RaceLost,
    SpendTicket,
)
from tokenhouse.model.records import Account, DeviceKey, Resource, ScopeRecord, Ticket
from tokenhouse.model.registrations import (
    CreateDeviceKey,
    DeleteResource,
    DeleteScope,
    PutResource,
    PutScope,
    RevokeDeviceKey,
)
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import InvalidToken

API = "https://orders.example"


async def test_a_resource_is_changed_in_its_place_and_keeps_its_birthday(furnished, at):
    first = Resource("default", API, "Orders", at)
    later = msgspec.structs.replace(first, name="All orders", created_at=at + timedelta(1), claims={"r": "user.roles"})
    await furnished.commit((PutResource(first),))
    await furnished.commit((PutResource(later),))
    assert await furnished.list_resources("default") == [msgspec.structs.replace(later, created_at=at)]
    assert await furnished.find_resource("default", API + "/") is None
    assert await furnished.find_resource("other", API) is None


async def test_a_resource_goes_with_its_scopes(furnished, at):
    await furnished.commit(
        (
            PutResource(Resource("default", API, "Orders", at)),
            PutScope(ScopeRecord("default", "orders:read", at, resource=API)),
            PutScope(ScopeRecord("default", "profile", at)),
        )
    )
    await furnished.commit((DeleteResource("default", API),))
    assert await furnished.list_resources(None) == []
    assert [scope.name for scope in await furnished.list_scopes("default")] == ["profile"]
    with pytest.raises(Conflict):
        await furnished.commit((DeleteResource("default", API),))


async def test_a_scope_of_an_unknown_resource_is_a_conflict(furnished, at):
    with pytest.raises(Conflict):
        await furnished.commit((PutScope(ScopeRecord("default", "orders:read", at, resource=API)),))


async def test_a_known_scope_is_replaced_only_on_purpose(furnished, at):
    told = ScopeRecord("default", "profile", at, "Who you are")
    await furnished.commit((PutScope(told),))
    await furnished.commit((PutScope(ScopeRecord("default", "profile", at), replace=False),))
    assert await furnished.find_scope("default", "profile") == told
    await furnished.commit((PutScope(ScopeRecord("default", "profile", at, "Your name")),))
    assert (await furnished.find_scope("default", "profile")).description == "Your name"
    await furnished.commit((DeleteScope("default", "profile"),))
    with pytest.raises(Conflict):
        await furnished.commit((DeleteScope("default", "profile"),))


async def test_a_device_has_one_key_of_a_contract(furnished, at):
    key = DeviceKey("default", "standard", "D1", b"one", at)
    await furnished.commit(
        (CreateDeviceKey(key), CreateDeviceKey(msgspec.structs.replace(key, device="D2", digest=b"2")))
    )
    await furnished.commit((CreateDeviceKey(msgspec.structs.replace(key, digest=b"new")),))
    assert await furnished.find_device_key("default", b"one") is None
    assert (await furnished.find_device_key("default", b"new")).device == "D1"
    assert await furnished.find_device_key("other", b"new") is None
    with pytest.raises(Conflict):
        await furnished.commit((CreateDeviceKey(msgspec.structs.replace(key, device="D3", digest=b"new")),))


async def test_a_device_key_ends_once(furnished, at):
    await furnished.commit((CreateDeviceKey(DeviceKey("default", "standard", "D1", b"one", at)),))
    for hours in (1, 2):
        await furnished.commit((RevokeDeviceKey("default", "standard", "D1", at + timedelta(hours=hours)),))
    assert (await furnished.find_device_key("default", b"one")).revoked_at == at + timedelta(hours=1)
    with pytest.raises(Conflict):
        await furnished.commit((RevokeDeviceKey("default", "standard", "D9", at),))


async def test_a_provider_s_subject_is_one_person(furnished, at):
    def first_login(user_id):
        account = Account("default", user_id, None, None, None, None, None, at)
        linked = LinkIdentity("default", "elsewhere", "42", user_id, at)
        return furnished.commit((CreateAccount(account, (), raced=True), linked))

    outcomes = await asyncio.gather(*(first_login(f"us_{n}") for n in range(10, 74)), return_exceptions=True)
    assert outcomes.count(None) == 1
    assert {type(one) for one in outcomes if one is not None} == {RaceLost}
    winner = await furnished.find_identity("default", "elsewhere", "42")
    assert [account.user_id for account in await furnished.list_accounts("default", 99)] == ["us_1", winner]
    assert await furnished.find_identity("other", "elsewhere", "42") is None


def _ticket(at, digest=b"link", **facts):
    settings = {"tenant": "default", "purpose": "reset_password", "email": "a@b", "user_id": "us_1"}
    return Ticket(digest=digest, expires_at=at + timedelta(minutes=15), **(settings | facts))


async def test_a_link_is_followed_once(furnished, at):
    await furnished.commit((CreateTicket(_ticket(at)),))
    tries = (furnished.commit((SpendTicket(b"link", at),)) for _ in range(20))
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert outcomes.count(None) == 1
    assert {one.cause for one in outcomes if isinstance(one, InvalidToken)} == {Cause.BAD_LINK}


async def test_a_link_is_not_followed_at_or_after_its_end(furnished, at):
    await furnished.commit((CreateTicket(_ticket(at)),))
    with pytest.raises(InvalidToken):
        await furnished.commit((SpendTicket(b"link", at + timedelta(minutes=15)),))
    assert await furnished.find_ticket(b"link") == _ticket(at)
    await furnished.commit((SpendTicket(b"link", at + timedelta(minutes=15, microseconds=-1)),))
    assert await furnished.find_ticket(b"link") is None


async def test_a_person_s_links_of_one_purpose_are_cancelled(furnished, at):
    await furnished.commit(
        (
            CreateTicket(_ticket(at, b"1")),
            CreateTicket(_ticket(at, b"2")),
            CreateTicket(_ticket(at, b"3", purpose="change_email")),
            CreateTicket(_ticket(at, b"4", user_id="us_2")),
        )
    )
    await furnished.commit((CancelTickets("default", "us_1", "reset_password"),))
    left = [digest for digest in (b"1", b"2", b"3", b"4") if await furnished.find_ticket(digest)]
    assert left == [b"3", b"4"]


async def test_pruning_forgets_links_that_are_too_old(furnished, at):
    await furnished.commit((CreateTicket(_ticket(at)), CreateTicket(_ticket(at + timedelta(hours=1), b"later"))))
    await furnished.commit((Prune(at + timedelta(minutes=15), 60),))
    assert await furnished.find_ticket(b"link") is None
    assert await furnished.find_ticket(b"later") is not None
