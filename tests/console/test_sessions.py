"""Sessions of a real store, listed and ended."""

import uuid
from datetime import timedelta

import pytest

from tokenhouse.console.errors import NotFound, Unusable
from tokenhouse.model.effects import OpenAuthorization
from tokenhouse.model.records import Authorization
from tokenhouse.tokens.facts import session_facts


@pytest.fixture
async def logins(house):
    """Open sessions of Ann and Bob at one client; return the rows by id."""
    await house.do("client.create", name="App", client_id="app", tenant="acme", contracts=("acme",))
    for user_id in ("ann", "bob"):
        await house.do("user.create", tenant="acme", user_id=user_id, username=user_id)
    await house.keys.refresh(house.clock())
    seal = house.keys.sealing("acme", house.clock())

    async def open_one(number, subject, **facts):
        at = house.clock() + timedelta(minutes=number)
        settings = {"device": None, "expires_at": at + timedelta(hours=1), "contract": "acme"} | facts
        row = Authorization(
            id=number, tenant="acme", client_id="app", subject=subject, scope=("things",), seal_key=seal.key_id,
            issued_at=at, advanced_at=at, last_used_at=at, access_ttl_seconds=60, **settings,
        )  # fmt: skip
        await house.store.commit((OpenAuthorization(row, 1, 1),))
        return row

    return [
        await open_one(1, "ann", device="tablet"),
        await open_one(2, "ann", device="phone"),
        await open_one(3, "bob", device="tablet"),
        await open_one(4, "ann", contract="forever", device="tablet"),
    ]


def ids(views):
    return [int(view.session, 16) for view in views]


async def live(house):
    return sorted(ids(await house.do("session.list")))


async def test_sessions_are_listed_newest_first_and_filtered(house, logins):
    assert ids(await house.do("session.list")) == [4, 3, 2, 1]
    assert ids(await house.do("session.list", limit=2)) == [4, 3]
    assert ids(await house.do("session.list", tenant="acme", user="ANN")) == [4, 2, 1]
    assert ids(await house.do("session.list", tenant="acme", user="ann", device="tablet")) == [4, 1]
    assert ids(await house.do("session.list", contract="forever")) == [4]
    assert ids(await house.do("session.list", client_id="other")) == []
    assert ids(await house.do("session.list", tenant="default")) == []


async def test_a_session_says_what_its_contract_calls_it(house, logins):
    (view,) = await house.do("session.list", contract="forever")
    sealer = house.keys.sealer(logins[3].seal_key)
    assert view.session_key == session_facts(logins[3], sealer)["key"]
    assert (view.user_id, view.client_id, view.device, view.scope) == ("ann", "app", "tablet", ("things",))


async def test_what_has_expired_is_listed_only_on_demand(house, logins):
    house.clock.at += timedelta(minutes=62, seconds=1)
    assert ids(await house.do("session.list")) == [4, 3]
    assert ids(await house.do("session.list", ended=True)) == [4, 3, 2, 1]


async def test_a_session_is_ended_by_its_id_and_by_its_key(house, logins):
    sealer = house.keys.sealer(logins[2].seal_key)
    key = session_facts(logins[2], sealer)["key"]
    ended = await house.do("session.revoke", sessions=(f"{1:016x}", key.upper()))
    assert (ended.ended, ids_of(ended)) == (2, [1, 3])
    assert await live(house) == [2, 4]
    assert (await house.audit())[-1].startswith("administration.session.revoke acme 0000000000000003")


def ids_of(ended):
    return [int(name, 16) for name in ended.sessions]


async def test_signing_a_person_out_ends_everything_also_what_is_on_its_way(house, logins):
    ended = await house.do("session.revoke", tenant="acme", user="ann")
    assert sorted(ids_of(ended)) == [1, 2, 4]
    assert await live(house) == [3]
    assert (await house.store.find_account_by_id("acme", "ann")).security_version == 2


async def test_a_device_is_signed_out_at_every_contract(house, logins):
    ended = await house.do("session.revoke", tenant="acme", user="ann", device="tablet")
    assert sorted(ids_of(ended)) == [1, 4]
    assert await live(house) == [2, 3]
    assert (await house.store.find_account_by_id("acme", "ann")).security_version == 1


@pytest.mark.parametrize(
    "name", ["", "1", "0" * 16, "f" * 16, "g" * 16, str(uuid.UUID(int=7)), "0" * 32, "х" * 16, "'; DROP TABLE client"]
)
async def test_what_is_no_session_ends_none(house, logins, name):
    with pytest.raises(NotFound):
        await house.do("session.revoke", sessions=(f"{2:016x}", name))
    assert await live(house) == [1, 2, 3, 4]


async def test_what_is_over_is_not_ended_again_and_nothing_of_another_tenant(house, logins):
    name = f"{1:016x}"
    assert (await house.do("session.revoke", sessions=(name, name.upper()))).ended == 1
    assert (await house.do("session.revoke", sessions=(name,), tenant="acme")).ended == 0
    with pytest.raises(NotFound):
        await house.do("session.revoke", sessions=(f"{2:016x}",), tenant="default")
    assert await live(house) == [2, 3, 4]


@pytest.mark.parametrize("given", [{}, {"sessions": ("1",), "user": "ann"}, {"sessions": ("1",), "device": "tablet"}])
async def test_it_must_be_clear_what_to_end(house, logins, given):
    with pytest.raises(Unusable):
        await house.do("session.revoke", **given)


async def test_nobody_has_no_sessions(house):
    with pytest.raises(NotFound):
        await house.do("session.list", user="nobody")
    with pytest.raises(NotFound):
        await house.do("session.revoke", user="nobody")
