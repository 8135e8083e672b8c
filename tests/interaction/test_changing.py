"""Changes by whoever knows the password: proven each time, against what is true when it is written."""

from __future__ import annotations

from typing import Any

import pytest

from tokenhouse.model.effects import CreateAccount, CreateTicket, SetAccountState, SetPassword
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import InvalidGrant, InvalidRequest, InvalidToken, Limited, Unacceptable

OLD, NEW = "correct horse battery", "another horse battery"
ALICE = {"login": "alice", "password": OLD}


@pytest.fixture
def moves(desk: Any) -> dict[str, tuple[Any, dict[str, str]]]:
    """Every move that wants a password, with what else it wants."""
    return {
        "password": (desk.changing.password, {"new_password": NEW}),
        "email": (desk.changing.ask_email, {"email": "new@example.com"}),
        "sign_out": (desk.changing.sign_out, {}),
    }


NAMES = ["password", "email", "sign_out"]


async def version(desk: Any) -> int:
    account = await desk.account()
    assert account
    return int(account.security_version)


async def spent(desk: Any) -> int:
    """Return how many guesses are gone of alice's budgets."""
    budgets = [
        await desk.house.guesses.budget("account", "default\0us_alice", desk.now),
        await desk.house.guesses.budget("name", "default\0alice", desk.now),
        await desk.house.guesses.budget("source", "192.0.2.1", desk.now),
    ]
    found = [await desk.house.store.find_guesses(budget) for budget in budgets]
    return sum(each.used for each in found if each)


async def test_a_new_password(desk: Any) -> None:
    letter = await desk.walk(desk.changing.password, **ALICE, new_password=NEW)
    assert (letter.kind, letter.to) == ("password_changed", "Alice@Example.com")
    assert await desk.can_log_in("alice", NEW)
    assert not await desk.can_log_in("alice", OLD)
    assert (await desk.audit()).event == "password_change"


@pytest.mark.parametrize("name", NAMES)
async def test_the_password_must_be_right(desk: Any, moves: Any, name: str) -> None:
    move, more = moves[name]
    before = await version(desk)
    for wrong in ({"login": "alice", "password": "wrong"}, {"login": "nobody", "password": OLD}):
        with pytest.raises(InvalidGrant) as refused:
            await desk.walk(move, **wrong, **more)
        assert refused.value.public_cause is Cause.BAD_CREDENTIALS
    assert (await version(desk), desk.postbox.letters) == (before, [])


@pytest.mark.parametrize("name", NAMES)
async def test_guesses_are_those_of_every_door(desk: Any, moves: Any, name: str) -> None:
    move, more = moves[name]
    for n in range(10):
        with pytest.raises(InvalidGrant):
            await desk.walk(move, login="alice", password=f"wrong {n}", **more)
    with pytest.raises(Limited):
        await desk.walk(move, **ALICE, **more)
    with pytest.raises(Limited):
        await desk.can_log_in("alice", OLD)


@pytest.mark.parametrize("name", NAMES)
async def test_a_right_guess_is_given_back(desk: Any, moves: Any, name: str) -> None:
    move, more = moves[name]
    await desk.walk(move, **ALICE, **more)
    assert await spent(desk) == 0


@pytest.mark.parametrize("name", NAMES)
async def test_an_operators_word_stands(desk: Any, alice: Any, moves: Any, name: str) -> None:
    move, more = moves[name]
    await desk.change(SetAccountState("default", alice.user_id, desk.now, enabled=True))
    with pytest.raises(InvalidGrant) as refused:
        await desk.walk(move, **ALICE, **more)
    assert refused.value.cause is Cause.USER_LOCKED


@pytest.mark.parametrize("name", NAMES)
async def test_nothing_may_be_missing(desk: Any, moves: Any, name: str) -> None:
    move, more = moves[name]
    said = ALICE | more
    for left_out in said:
        with pytest.raises(InvalidRequest) as refused:
            await desk.walk(move, **{key: value for key, value in said.items() if key != left_out})
        assert (refused.value.cause, refused.value.field) == (Cause.MISSING, left_out)


@pytest.mark.parametrize("word", ["short", "alice", "Alice@Example.com"])
async def test_a_weak_password_is_refused_and_the_guess_given_back(desk: Any, word: str) -> None:
    with pytest.raises(Unacceptable) as refused:
        await desk.walk(desk.changing.password, **ALICE, new_password=word)
    await desk.house.store.commit(refused.value.effects)
    assert await spent(desk) == 0


@pytest.mark.parametrize("name", ["password", "email"])
async def test_who_was_changed_meanwhile_is_asked_again(
    desk: Any, alice: Any, moves: Any, name: str, monkeypatch: Any
) -> None:
    """An operator sets a password while the old one is being checked: whoever knew the old one changes nothing."""
    move, more = moves[name]
    verifier = desk.people._verifier
    check = verifier.check

    async def check_then_change(*arguments: Any, **named: Any) -> Any:
        checked = await check(*arguments, **named)
        await desk.change(SetPassword("default", alice.user_id, alice.password, "raw"))
        return checked

    monkeypatch.setattr(verifier, "check", check_then_change)
    with pytest.raises(InvalidGrant) as refused:
        await desk.walk(move, **ALICE, **more)
    assert (refused.value.cause, desk.postbox.letters) == (Cause.BAD_CREDENTIALS, [])
    await desk.house.store.commit(refused.value.effects)
    assert await spent(desk) == 0


async def test_a_new_address(desk: Any, alice: Any) -> None:
    link = await desk.link(desk.changing.ask_email, **ALICE, email="New@Example.com")
    assert (await desk.account()).email == "Alice@Example.com"
    assert desk.postbox.letters[-1].to == "New@example.com"
    notice = await desk.walk(desk.changing.confirm_email, link=link)
    assert (notice.kind, notice.to) == ("email_changed", "Alice@Example.com")
    account = await desk.account()
    assert (account.email, account.email_verified_at) == ("New@example.com", desk.now)
    assert await desk.can_log_in("new@example.com", OLD)
    assert not await desk.can_log_in("alice@example.com", OLD)
    assert (await desk.audit()).event == "email_change"
    with pytest.raises(InvalidToken):
        await desk.walk(desk.changing.confirm_email, link=link)


async def test_the_same_address_again_is_proven_without_a_notice(desk: Any) -> None:
    link = await desk.link(desk.changing.ask_email, **ALICE, email="alice@example.com")
    assert await desk.walk(desk.changing.confirm_email, link=link) is None
    assert (await desk.account()).email_verified_at == desk.now


async def test_an_address_of_somebody_else_gets_a_mail_and_no_link(desk: Any, alice: Any, renamed: Any) -> None:
    bob = renamed(alice, user_id="us_bob", username="bob", email="bob@example.com")
    await desk.change(CreateAccount(bob, (("email", "bob@example.com"),)))
    letter = await desk.walk(desk.changing.ask_email, **ALICE, email="BOB@example.com")
    assert (letter.kind, letter.to) == ("email_taken", "bob@example.com")
    assert "link=" not in letter.text
    assert (await desk.audit()).reason == "taken"


async def test_an_address_that_was_taken_meanwhile(desk: Any, alice: Any, renamed: Any) -> None:
    link = await desk.link(desk.changing.ask_email, **ALICE, email="bob@example.com")
    bob = renamed(alice, user_id="us_bob", username="bob", email="bob@example.com")
    await desk.change(CreateAccount(bob, (("email", "bob@example.com"),)))
    with pytest.raises(InvalidToken):
        await desk.walk(desk.changing.confirm_email, link=link)


async def test_two_people_who_want_one_address(desk: Any, alice: Any, renamed: Any, gathered: Any) -> None:
    bob = renamed(alice, user_id="us_bob", username="bob", email=None)
    await desk.change(CreateAccount(bob, (("username", "bob"),)))
    links = [
        await desk.link(desk.changing.ask_email, login=login, password=OLD, email="new@example.com")
        for login in ("alice", "bob")
    ]
    came = await gathered(*(desk.walk(desk.changing.confirm_email, link=link) for link in links))
    assert sum(isinstance(each, InvalidToken) for each in came) == 1


async def test_only_the_last_link_to_a_new_address_works(desk: Any) -> None:
    first = await desk.link(desk.changing.ask_email, **ALICE, email="a@example.com")
    second = await desk.link(desk.changing.ask_email, **ALICE, email="b@example.com")
    with pytest.raises(InvalidToken):
        await desk.walk(desk.changing.confirm_email, link=first)
    await desk.walk(desk.changing.confirm_email, link=second)


@pytest.mark.parametrize("how", ["password", "locked"])
async def test_a_new_address_waits_for_nobody_who_lost_the_account(desk: Any, alice: Any, how: str) -> None:
    link = await desk.link(desk.changing.ask_email, **ALICE, email="thief@example.com")
    if how == "password":
        await desk.walk(desk.changing.password, **ALICE, new_password=NEW)
    else:
        await desk.change(SetAccountState("default", alice.user_id, desk.now, enabled=True))
    with pytest.raises(InvalidToken):
        await desk.walk(desk.changing.confirm_email, link=link)


@pytest.mark.parametrize("purpose", ["change_email", "reset_password"])
async def test_a_link_of_somebody_who_is_gone(desk: Any, alice: Any, renamed: Any, purpose: Any) -> None:
    gone = renamed(alice, user_id="us_gone")
    made = await desk.tickets.make(desk.site, desk.wish(), purpose, "gone@example.com", gone)
    await desk.change(CreateTicket(made.ticket))
    move = desk.changing.confirm_email if purpose == "change_email" else desk.resetting.finish
    with pytest.raises(InvalidToken):
        await desk.walk(move, link=made.link.reveal(), new_password=NEW)


async def test_an_address_is_none_before_the_password_is_looked_at(desk: Any) -> None:
    with pytest.raises(Unacceptable) as refused:
        await desk.walk(desk.changing.ask_email, login="alice", password="wrong", email="a@b.c\r\nBcc: d@e.f")
    assert refused.value.field == "email"
    assert await spent(desk) == 0


async def test_a_full_mailbox_is_not_told(new_desk: Any, desk: Any) -> None:
    desk = new_desk(desk.changing._budgets._limits._replace(address=1, source=50))
    assert await desk.walk(desk.changing.ask_email, **ALICE, email="new@example.com")
    with pytest.raises(Limited) as refused:
        await desk.walk(desk.changing.ask_email, **ALICE, email="new@example.com")
    await desk.house.store.commit(refused.value.effects)
    assert await spent(desk) == 0
    assert await desk.walk(desk.resetting.ask, login="alice")
    assert await desk.walk(desk.changing.ask_email, **ALICE, email="alice@example.com") is None
    assert await spent(desk) == 0


async def test_sign_out_everywhere(desk: Any) -> None:
    before = await version(desk)
    assert await desk.walk(desk.changing.sign_out, **ALICE) is None
    assert await version(desk) > before
    assert (await desk.audit()).event == "sign_out_everywhere"
