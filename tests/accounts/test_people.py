from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from tokenhouse.accounts.hashing import Hashing
from tokenhouse.accounts.people import budget_name
from tokenhouse.model.effects import ClearGuesses, ReplacePassword, ReturnGuess, SetPassword
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.contract import LockoutPolicy
from tokenhouse.protocol.messages import Identifier
from tokenhouse.protocol.names import IdentifierKind
from tokenhouse.protocol.refusals import Busy, InvalidGrant, Limited
from tokenhouse.protocol.secret import Secret

LOGIN, USERNAME, EMAIL = IdentifierKind.LOGIN, IdentifierKind.USERNAME, IdentifierKind.EMAIL
PASSWORD = "correct horse battery"


@pytest.fixture
def prove(people, clock):
    async def prove(name, password=PASSWORD, kind=LOGIN, source="192.0.2.1", tenant="default", mount=None):
        return await people.prove(tenant, Identifier(kind, name), Secret(password), source, clock.now, mount)

    return prove


async def refusal(proving):
    with pytest.raises(InvalidGrant) as refused:
        await proving
    return refused.value


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (LOGIN, "alice"),
        (LOGIN, "ALICE@example.COM"),
        (USERNAME, " Alice"),
        (EMAIL, "alice@example.com"),
        (IdentifierKind.USER_ID, "us_alice"),
    ],
)
async def test_a_person_is_proven_by_each_of_their_names(prove, kind, name):
    proven = await prove(name, kind=kind)
    assert proven.account.user_id == "us_alice"
    assert [type(effect) for effect in proven.effects] == [ReturnGuess] * 3


async def test_a_name_of_another_kind_is_nobodys(prove):
    assert (await refusal(prove("alice", kind=EMAIL))).cause is Cause.UNKNOWN_USER


async def test_a_name_of_another_tenant_is_nobodys(prove):
    assert (await refusal(prove("alice", tenant="other"))).cause is Cause.UNKNOWN_USER


async def test_unknown_and_wrong_differ_for_the_operator_only(prove):
    unknown, wrong = await refusal(prove("nobody")), await refusal(prove("alice", "wrong"))
    assert (unknown.cause, wrong.cause) == (Cause.UNKNOWN_USER, Cause.WRONG_PASSWORD)
    assert unknown.public_cause is wrong.public_cause
    assert unknown.description == wrong.description
    assert (unknown.code, unknown.status) == (wrong.code, wrong.status)


@pytest.mark.parametrize("kind", [LOGIN, USERNAME])
async def test_unknown_names_take_the_same_statements_and_the_same_hashes(prove, house, statements, hashing, kind):
    await refusal(prove("warm-up"))
    runs = []
    for name in ("alice", "nobody"):
        hashing.looked = 0
        with statements(house.store) as seen:
            await refusal(prove(name, "wrong", kind=kind))
        runs.append((list(seen), hashing.looked))
    assert runs[0] == runs[1]
    assert runs[0][1] == 1


async def test_an_account_without_a_password_looks_like_a_wrong_one(prove, house, new_user, hashing):
    await new_user(house, "bob")
    house.store._writer._connection.execute("UPDATE account SET password = NULL WHERE user_id = 'us_bob'")
    assert (await refusal(prove("bob"))).cause is Cause.WRONG_PASSWORD
    assert hashing.looked == 1


async def test_a_thousand_wrong_passwords_at_once_are_looked_at_no_more_than_the_limit_allows(prove, hashing):
    found = await asyncio.gather(
        *(prove("alice", f"wrong {n}", source=str(n % 50)) for n in range(1000)), return_exceptions=True
    )
    assert sum(isinstance(one, InvalidGrant) for one in found) == 10
    assert sum(isinstance(one, Limited) for one in found) == 990
    assert hashing.looked == 10


async def test_all_names_of_a_person_share_one_budget(prove):
    for name in ("alice", "alice@example.com") * 5:
        await refusal(prove(name, "wrong"))
    with pytest.raises(Limited):
        await prove("us_alice", kind=IdentifierKind.USER_ID)


async def test_an_unknown_name_is_limited_as_a_known_one(prove):
    for _ in range(10):
        await refusal(prove("nobody", "wrong"))
    with pytest.raises(Limited):
        await prove("NOBODY", "wrong")


async def test_right_passwords_are_never_counted(prove, house, budgets):
    for _ in range(12):
        await house.store.commit((await prove("alice")).effects)
    assert budgets() == []


async def test_an_old_hash_is_renewed_at_login(prove, people, house, hashing):
    old = Hashing(memory_kib=16, passes=1).hash(Secret(PASSWORD), "raw")
    await house.store.commit((SetPassword("default", "us_alice", old, "raw"),))
    proven = await prove("alice")
    assert isinstance(proven.effects[-1], ReplacePassword)
    await house.store.commit(proven.effects)
    account = await house.store.find_account_by_id("default", "us_alice")
    assert hashing.is_current(account.password)
    assert account.security_version == 2, "renewing a hash ends nothing"
    assert len((await prove("alice")).effects) == 3


async def test_a_renewed_hash_does_not_overwrite_a_password_that_was_changed_meanwhile(prove, house):
    old = Hashing(memory_kib=16, passes=1).hash(Secret(PASSWORD), "raw")
    await house.store.commit((SetPassword("default", "us_alice", old, "raw"),))
    proven = await prove("alice")
    changed = house.hashing.hash(Secret("changed meanwhile"), "raw")
    await house.store.commit((SetPassword("default", "us_alice", changed, "raw"),))
    await house.store.commit(proven.effects)
    assert (await house.store.find_account_by_id("default", "us_alice")).password == changed


@pytest.mark.parametrize(("first", "second"), [(USERNAME, EMAIL), (EMAIL, LOGIN), (LOGIN, USERNAME), (USERNAME, LOGIN)])
@pytest.mark.parametrize("name", ["alice@example.com", "alice", "nobody@example.com", "nobody"])
async def test_the_limit_does_not_tell_at_a_second_door_whom_the_first_meant(prove, name, first, second):
    for n in range(10):
        await refusal(prove(name, f"guess {n}", kind=first))
    with pytest.raises(Limited):
        await prove(name, "guess", kind=second)


async def test_a_name_cannot_be_written_so_that_it_spends_anothers_budget(prove, guesses, clock):
    known = await guesses.budget("account", budget_name("default", "us_alice"), clock.now)
    for name in ("us_alice", "\0us_alice", "\0\0us_alice"):
        unknown = await guesses.budget("account", f"default\0\0{name}", clock.now)
        assert unknown != known


async def test_a_full_pool_turns_people_away_before_anything_is_looked_up(prove, house, pool, statements, monkeypatch):
    monkeypatch.setattr(pool, "_taken", pool._places)
    with statements(house.store) as seen, pytest.raises(Busy):
        await prove("alice")
    assert seen == []


@pytest.fixture
def locking(house):
    """A contract that locks out after two wrong passwords, for ten minutes."""
    return replace(house.standard, lockout=LockoutPolicy(2, timedelta(minutes=10)))


async def test_wrong_passwords_lock_a_person_out_by_every_name(prove, locking, people, house, clock):
    alice = await house.store.find_account_by_id("default", "us_alice")
    await refusal(prove("alice", "wrong", mount=locking))
    assert not await people.is_locked_out(alice, locking, clock.now)
    await refusal(prove("alice@example.com", "wrong", mount=locking))
    assert await people.is_locked_out(alice, locking, clock.now)
    for name in ("alice", "Alice@example.com"):
        assert (await refusal(prove(name, mount=locking))).cause is Cause.USER_LOCKED
    clock.pass_(minutes=10)
    assert not await people.is_locked_out(alice, locking, clock.now)
    assert (await prove("alice", mount=locking)).account.user_id == "us_alice"


async def test_a_lockout_is_lifted_by_its_budget_alone(prove, locking, people, house, clock, budgets):
    for _ in range(2):
        await refusal(prove("alice", "wrong", mount=locking))
    alice = await house.store.find_account_by_id("default", "us_alice")
    await house.store.commit((ClearGuesses(await people.lockout_budget(alice, "standard", clock.now)),))
    assert sorted(used for _, used in budgets()) == [2, 2, 2]
    assert await prove("alice", mount=locking)


async def test_where_nobody_is_locked_out_a_lockout_elsewhere_does_not_matter(prove, locking, people, house, clock):
    for _ in range(2):
        await refusal(prove("alice", "wrong", mount=locking))
    alice = await house.store.find_account_by_id("default", "us_alice")
    assert await prove("alice", mount=house.standard)
    assert not await people.is_locked_out(alice, house.standard, clock.now)
    assert await prove("alice")


@pytest.mark.parametrize("kind", [LOGIN, USERNAME, EMAIL])
async def test_unknown_wrong_and_locked_take_the_same_and_look_the_same(
    prove, locking, house, statements, hashing, kind
):
    name = "alice@example.com" if kind is EMAIL else "alice"
    unknown = name.replace("alice", "nobody")
    await refusal(prove("warm-up", mount=locking))
    runs, refusals = [], []
    for called, password in [(name, "wrong"), (unknown, PASSWORD)] * 2 + [(name, PASSWORD), (unknown, PASSWORD)]:
        hashing.looked = 0
        with statements(house.store) as seen:
            refused = await refusal(prove(called, password, kind=kind, mount=locking))
        runs.append((list(seen), hashing.looked))
        refusals.append((refused.public_cause, refused.description, refused.code, refused.status))
    assert all(run == runs[0] for run in runs)
    assert set(refusals) == {refusals[0]}
    assert (await refusal(prove(name, kind=kind, mount=locking))).cause is Cause.USER_LOCKED


async def test_a_refusal_knows_whom_it_is_about_if_anybody(prove, house, locking):
    assert (await refusal(prove("nobody"))).subject is None
    known = (await house.store.find_account("default", "username", "alice")).user_id
    assert (await refusal(prove("alice", "wrong"))).subject == known
