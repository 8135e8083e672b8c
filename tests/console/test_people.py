import dataclasses

import pytest

from tokenhouse.console.errors import AlreadyExists, NotFound, Unavailable, Unusable
from tokenhouse.model.effects import SetAccountState
from tokenhouse.protocol.contract import CredentialForm
from tokenhouse.protocol.refusals import Limited
from tokenhouse.protocol.secret import Secret

GOOD = "correct horse battery"


async def account(house, user_id, tenant="default"):
    return await house.store.find_account_by_id(tenant, user_id)


async def test_a_person_is_made_with_an_id_and_found_by_every_name(house):
    made = await house.do(
        "user.create", username="Ann", email="Ann@Example.com", phone="+886 2", name="Ann Lee", password=GOOD
    )
    assert made.user_id.startswith("us_")
    assert len(made.user_id) == 19
    assert made.user_id[3:].isalnum()
    for name in (made.user_id, "ann", "ANN@example.COM", "+886 2"):
        assert (await house.do("user.show", user=name)).user_id == made.user_id
    stored = await account(house, made.user_id)
    assert stored.password_form == "nfkc"
    assert house.hashing.verify(stored.password, Secret(GOOD), "nfkc")
    assert (await house.audit())[-1] == f"administration.user.create default {made.user_id} tester"


async def test_an_imported_password_is_taken_as_it_is(house):
    made = await house.do("user.create", user_id="17", username="theuser", password="thepass", imported=True)
    stored = await account(house, made.user_id)
    assert (made.user_id, stored.password_form) == ("17", "raw")
    assert house.hashing.verify(stored.password, Secret("thepass"), "raw")


async def test_without_a_password_there_is_none(house):
    made = await house.do("user.create", email="ann@example.com")
    assert not made.has_password
    assert (await account(house, made.user_id)).password is None


async def test_length_counts_normalised_characters(house):
    ligatures = "ﬁ" * 8
    await house.do("user.create", username="a", password=ligatures)
    with pytest.raises(Unusable, match="shorter than 15 characters"):
        await house.do("user.create", username="b", password="x" * 14)
    with pytest.raises(Unusable, match="longer than 1024 bytes"):
        await house.do("user.create", username="b", password="é" * 600)
    with pytest.raises(Unusable, match="longer than 1024 bytes"):
        await house.do("user.create", username="b", password="é" * 600, imported=True)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "nothing names this person"),
        ({"name": "Ann"}, "nothing names this person"),
        ({"username": "ann@example.com"}, "must not contain @"),
        ({"username": "ann\uff20example"}, "must not contain @"),
        ({"username": " "}, "the username is blank"),
        ({"email": "ann"}, "contains @"),
        ({"phone": "\u3000"}, "the phone is blank"),
        ({"username": "a", "tenant": "shop"}, 'no tenant "shop"'),
        ({"username": "a", "user_id": "a b"}, "user_id"),
        ({"username": "a\0"}, "username"),
        ({"username": "a", "password": "p\ud800ssword"}, "password"),
    ],
)
async def test_what_does_not_fit_is_refused(house, given, message):
    with pytest.raises(Unusable) as caught:
        await house.do("user.create", **given)
    assert message in caught.value.message
    assert await house.do("user.list") == []


async def test_ids_and_names_are_taken_once(house):
    await house.do("user.create", user_id="1", username="ann", email="ann@example.com")
    for given in ({"user_id": "1", "username": "x"}, {"username": "ANN"}, {"email": "Ann@example.com"}):
        with pytest.raises(AlreadyExists, match="is taken"):
            await house.do("user.create", **given)
    await house.do("user.create", user_id="1", username="ann", tenant="forever")
    assert [user.tenant for user in await house.do("user.list")] == ["default", "forever"]
    assert len(await house.do("user.list", limit=1)) == 1
    assert [user.tenant for user in await house.do("user.list", tenant="forever")] == ["forever"]


async def test_attributes_are_those_of_the_tenants_contracts(house):
    made = await house.do(
        "user.create", tenant="acme", username="a", attributes={"nickname": "A", "plan": {"quota": 1}}
    )
    assert made.attributes == {"nickname": "A", "plan": {"quota": 1}}
    with pytest.raises(Unusable, match='no attribute "nick"'):
        await house.do("user.create", tenant="acme", username="b", attributes={"nick": "B"})
    free = await house.do("user.create", tenant="forever", username="b", attributes={"nick": "B"})
    assert free.attributes == {"nick": "B"}


async def test_locking_keeps_the_first_time_and_unlocking_gives_the_guesses_back(house):
    made = await house.do("user.create", user_id="1", username="ann")
    for _ in range(2):
        await house.guesses.reserve("account", "default\x001", "192.0.2.1", house.clock())
        await house.guesses.reserve("account", "other", "192.0.2.1", house.clock(), asked="default\0ann")
    with pytest.raises(Limited):
        await house.guesses.reserve("account", "default\x001", "192.0.2.1", house.clock())
    first = await house.do("user.lock", user="ann")
    assert first.locked_at == house.clock()
    house.clock.at = house.clock.at.replace(hour=13)
    assert (await house.do("user.lock", user="ann")).locked_at == first.locked_at
    assert (await house.do("user.unlock", user="ann")).locked_at is None
    assert await house.guesses.reserve("account", "default\x001", "192.0.2.1", house.clock(), asked="default\0ann")
    assert (await account(house, made.user_id)).security_version == 4
    assert (await house.audit())[-1] == "administration.user.unlock default 1 tester"


async def test_a_new_password_replaces_the_old_one_and_its_form(house):
    await house.do("user.create", user_id="1", username="ann", password="short", imported=True)
    await house.do("user.set_password", user="ann", password=GOOD)
    stored = await account(house, "1")
    assert stored.password_form == "nfkc"
    assert house.hashing.verify(stored.password, Secret(GOOD), "nfkc")
    with pytest.raises(Unusable, match="shorter than 15"):
        await house.do("user.set_password", user="ann", password="short")


async def test_a_new_password_ends_the_sessions(house):
    from tokenhouse.model.effects import OpenAuthorization
    from tokenhouse.model.records import Authorization

    await house.do("user.create", user_id="1", username="ann")
    await house.do("client.create", name="x", client_id="x")
    now = house.clock()
    row = Authorization(7, "default", "standard", "x", "1", (), "k", now, now, now, 300)
    await house.store.commit((OpenAuthorization(row, 1, 1),))
    await house.do("user.set_password", user="1", password=GOOD)
    assert (await house.store.find_authorization(7)).revoked_at == now


@pytest.mark.parametrize("operation", ["show", "lock", "unlock"])
async def test_an_unknown_person_is_not_found(house, operation):
    with pytest.raises(NotFound, match='no user "nobody" in the tenant "default"'):
        await house.do(f"user.{operation}", user="nobody")
    with pytest.raises(NotFound):
        await house.do("user.set_password", user="nobody", password=GOOD)


async def test_no_password_is_in_a_repr(house):
    from tokenhouse.console.people import NewUser
    from tokenhouse.console.values import convert

    asked = convert({"username": "a", "password": GOOD}, NewUser)
    assert GOOD not in repr(asked)
    assert "argon2" not in repr(await house.do("user.create", username="a", password=GOOD))


async def test_roles_and_groups_are_given_and_replaced(house):
    made = await house.do("user.create", user_id="a", username="ann", roles=("ops", "ops"), groups=("staff",))
    assert (made.roles, made.groups) == (("ops",), ("staff",))
    changed = await house.do("user.set_roles", user="ann", roles=("admin", "ops", "admin"))
    assert (changed.roles, changed.groups) == (("admin", "ops"), ("staff",))
    assert (await house.do("user.set_roles", user="a", roles=(), groups=("x",))).groups == ("x",)
    stored = await account(house, "a")
    assert (stored.roles, stored.groups, stored.security_version) == ((), ("x",), 3)
    assert (await house.do("user.show", user="ann")).user_id == "a"
    assert (await house.audit())[-1] == "administration.user.set_roles default a tester"


async def test_the_same_roles_again_change_nothing(house):
    await house.do("user.create", user_id="a", username="ann", roles=("ops",))
    await house.do("user.set_roles", user="ann", roles=("ops",))
    assert (await account(house, "a")).security_version == 1
    with pytest.raises(NotFound):
        await house.do("user.set_roles", user="nobody", roles=())


@pytest.mark.parametrize("roles", [("",), ("a\nb",), ("a" * 65,), tuple(map(str, range(51)))])
async def test_roles_are_few_short_and_printable(house, roles):
    with pytest.raises(Unusable, match="roles"):
        await house.do("user.create", username="ann", roles=roles)


async def test_two_operators_do_not_overwrite_each_other(house, monkeypatch):
    await house.do("user.create", user_id="a", username="ann")
    found = type(house.store).find_account_by_id

    async def lock_meanwhile(store, tenant, user_id):
        read = await found(store, tenant, user_id)
        await store.commit([SetAccountState(tenant, user_id, None, enabled=False)])
        return read

    monkeypatch.setattr(type(house.store), "find_account_by_id", lock_meanwhile)
    with pytest.raises(Unavailable, match="changed by somebody else"):
        await house.do("user.set_roles", user="a", roles=("admin",))


async def test_an_id_has_the_form_of_the_one_contract_that_the_people_meet(house):
    desk = house.management._desk
    acme = next(mount for mount in desk.mounts if mount.contract.name == "acme")
    numbered = dataclasses.replace(
        acme.contract, credentials={**acme.contract.credentials, "user_id": CredentialForm("id", "0123456789", 9)}
    )
    mounts = [dataclasses.replace(mount, contract=numbered) if mount is acme else mount for mount in desk.mounts]
    house.management._desk = dataclasses.replace(desk, mounts=tuple(mounts))
    made = await house.do("user.create", tenant="acme", username="ann")
    assert len(made.user_id) == 9
    assert made.user_id.isdecimal()
    assert (await house.do("user.create", username="ann")).user_id.startswith("us_")


async def test_unlocking_lifts_the_lockouts_of_every_contract_of_the_tenant(house):
    from datetime import timedelta

    from tokenhouse.accounts.lockout import Attempt, lockout_name
    from tokenhouse.protocol.contract import LockoutPolicy

    await house.do("user.create", user_id="1", username="ann", tenant="acme")
    policy = LockoutPolicy(1, timedelta(hours=1))
    attempts = [Attempt(lockout_name(contract, "acme\x001"), policy) for contract in ("standard", "acme", "forever")]

    async def locked():
        budgets = [
            (attempt, await house.guesses.budget("lockout", attempt.name, house.clock())) for attempt in attempts
        ]
        return [await house.guesses.is_locked(attempt, budget, house.clock()) for attempt, budget in budgets]

    for attempt in attempts:
        await house.guesses.reserve("account", attempt.name, "192.0.2.1", house.clock(), attempt=attempt)
    assert await locked() == [True, True, True]
    await house.do("user.unlock", user="ann", tenant="acme")
    assert await locked() == [False, False, True], "what is not of the tenant is left alone"


async def test_a_new_password_ends_the_links_that_were_mailed_before(house):
    from tokenhouse.model.effects import CreateTicket
    from tokenhouse.model.records import Ticket

    await house.do("user.create", user_id="1", username="ann")
    later = house.clock().replace(hour=23)
    for digest, purpose, user in (
        (b"r", "reset_password", "1"),
        (b"c", "change_email", "1"),
        (b"o", "reset_password", "2"),
    ):
        await house.store.commit((CreateTicket(Ticket(digest, "default", purpose, "ann@example.com", later, user)),))
    await house.do("user.set_password", user="1", password=GOOD)
    assert [await house.store.find_ticket(digest) is None for digest in (b"r", b"c", b"o")] == [True, True, False]


async def test_a_password_is_no_name_of_the_person(house):
    named = {"username": "somebody-quite-long", "email": "somebody@example.com"}
    with pytest.raises(Unusable, match="name of the person"):
        await house.do("user.create", **named, password="Somebody-Quite-Long")
    await house.do("user.create", **named)
    with pytest.raises(Unusable, match="name of the person"):
        await house.do("user.set_password", user="somebody@example.com", password="SOMEBODY@example.com")


async def test_a_name_that_lives_in_another_tenant_says_in_which(house):
    await house.do("tenant.create", name="shop")
    await house.do("user.create", tenant="shop", username="ann")
    with pytest.raises(NotFound) as caught:
        await house.do("user.show", user="ann")
    assert caught.value.hint == "--tenant shop"


@pytest.mark.parametrize("operation", ["user.list", "session.list"])
async def test_the_list_of_a_tenant_that_is_not_there_is_no_empty_list(house, operation):
    with pytest.raises(Unusable, match='no tenant "shpo"'):
        await house.do(operation, tenant="shpo")


async def test_a_phone_number_that_is_somebody_s_user_name_is_taken_and_the_other_way_round(house):
    await house.do("user.create", username="0912345678")
    with pytest.raises(AlreadyExists):
        await house.do("user.create", phone="0912345678")
    await house.do("user.create", phone="0987654321")
    with pytest.raises(AlreadyExists):
        await house.do("user.create", username="0987654321")
    await house.do("user.create", username="0911", phone="0911")
