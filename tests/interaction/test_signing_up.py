"""Sign-up: nobody learns who has an account, nobody gets one without the mailbox, nobody gets one twice."""

from __future__ import annotations

from typing import Any

import pytest

from tokenhouse.model.effects import CreateAccount
from tokenhouse.model.records import Account
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.contract import CredentialForm
from tokenhouse.protocol.refusals import InvalidRequest, InvalidToken, Limited, Unacceptable

WORD = "correct horse battery"


async def test_from_an_address_to_an_account(desk: Any) -> None:
    link = await desk.link(desk.signing_up.ask, email=" Bob@Example.COM ")
    assert await desk.house.store.find_account("default", "email", "bob@example.com") is None
    assert (await desk.audit()).event == "sign_up_asked"
    assert await desk.walk(desk.signing_up.finish, link=link, username=" bob ", name=" Bob ", new_password=WORD) is None
    account = await desk.account("bob")
    assert (account.email, account.name, account.email_verified_at) == ("Bob@example.com", "Bob", desk.now)
    assert account.user_id.startswith("us_")
    assert await desk.can_log_in("bob", WORD)
    assert await desk.can_log_in("bob@example.com", WORD)
    audit = await desk.audit()
    assert (audit.event, audit.contract, audit.subject, audit.source) == (
        "sign_up",
        "people",
        account.user_id,
        "192.0.2.1",
    )


async def test_a_name_is_not_needed_and_ids_have_the_contracts_form(new_desk: Any) -> None:
    desk = new_desk(user_id=CredentialForm("id", "0123456789", 9))
    link = await desk.link(desk.signing_up.ask, email="bob@example.com")
    await desk.walk(desk.signing_up.finish, link=link, username="  ", name=" ", new_password=WORD)
    account = await desk.house.store.find_account("default", "email", "bob@example.com")
    assert (account.username, account.name, len(account.user_id), account.user_id.isdigit()) == (None, None, 9, True)


async def test_an_address_that_has_an_account_is_told_by_mail_alone(desk: Any, alice: Any) -> None:
    letter = await desk.walk(desk.signing_up.ask, email="ALICE@example.com")
    assert (letter.kind, letter.to) == ("sign_up_known", "Alice@Example.com")
    assert "link=" not in letter.text
    audit = await desk.audit()
    assert (audit.event, audit.reason, audit.subject) == ("sign_up_asked", "taken", alice.user_id)


@pytest.mark.parametrize(
    ("said", "field"),
    [({}, "email"), ({"email": "x"}, "email"), ({"email": "a@b.c\r\nBcc: d@e.f"}, "email")],
)
async def test_what_is_no_address_gets_no_mail(desk: Any, said: Any, field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await desk.walk(desk.signing_up.ask, **said)
    assert refused.value.field == field
    assert desk.postbox.letters == []


@pytest.mark.parametrize(
    ("said", "cause", "field"),
    [
        ({"username": "bob"}, Cause.MISSING, "new_password"),
        ({"new_password": "short"}, Cause.WEAK_PASSWORD, "new_password"),
        ({"new_password": "Bob@Long-example.com"}, Cause.WEAK_PASSWORD, "new_password"),
        (
            {"username": "bob-and-his-friends", "new_password": "BOB-and-his-friends"},
            Cause.WEAK_PASSWORD,
            "new_password",
        ),
        ({"username": "al@ice", "new_password": WORD}, Cause.UNACCEPTABLE, "username"),
        ({"username": "ALICE", "new_password": WORD}, Cause.TAKEN, "username"),
        ({"name": "x" * 201, "new_password": WORD}, Cause.UNACCEPTABLE, "name"),
    ],
)
async def test_a_mistake_does_not_cost_the_link(desk: Any, said: Any, cause: Cause, field: str) -> None:
    link = await desk.link(desk.signing_up.ask, email="bob@long-example.com")
    with pytest.raises(InvalidRequest) as refused:
        await desk.walk(desk.signing_up.finish, link=link, **said)
    assert (refused.value.cause, refused.value.field) == (cause, field)
    await desk.walk(desk.signing_up.finish, link=link, username="bob", new_password=WORD)
    assert await desk.account("bob")


async def test_a_link_makes_one_account(desk: Any, gathered: Any) -> None:
    link = await desk.link(desk.signing_up.ask, email="bob@example.com")
    came = await gathered(
        *(desk.walk(desk.signing_up.finish, link=link, username=f"bob{n}", new_password=WORD) for n in range(4))
    )
    assert sorted(type(each).__name__ for each in came) == ["InvalidToken"] * 3 + ["NoneType"]
    with pytest.raises(InvalidToken):
        await desk.walk(desk.signing_up.finish, link=link, username="bob9", new_password=WORD)


async def test_two_links_to_one_mailbox_make_one_account(desk: Any, gathered: Any) -> None:
    links = [await desk.link(desk.signing_up.ask, email="bob@example.com") for _ in range(2)]
    came = await gathered(*(desk.walk(desk.signing_up.finish, link=link, new_password=WORD) for link in links))
    assert sorted(type(each).__name__ for each in came) == ["InvalidToken", "NoneType"]


async def test_two_people_who_want_one_name(desk: Any, gathered: Any) -> None:
    links = [await desk.link(desk.signing_up.ask, email=f"p{n}@example.com") for n in range(2)]
    came = await gathered(
        *(desk.walk(desk.signing_up.finish, link=link, username="bob", new_password=WORD) for link in links)
    )
    (refused,) = (each for each in came if each is not None)
    assert isinstance(refused, Unacceptable)
    assert refused.cause is Cause.TAKEN


async def test_an_address_that_got_an_account_meanwhile(desk: Any, renamed: Any, alice: Any) -> None:
    link = await desk.link(desk.signing_up.ask, email="bob@example.com")
    bob: Account = renamed(alice, user_id="us_bob", username="bob", email="bob@example.com")
    await desk.change(CreateAccount(bob, (("email", "bob@example.com"),)))
    with pytest.raises(InvalidToken):
        await desk.walk(desk.signing_up.finish, link=link, new_password=WORD)


async def test_a_mailbox_is_not_flooded_and_nobody_is_told(new_desk: Any) -> None:
    desk = new_desk()
    limits = desk.signing_up._budgets._limits._replace(address=2, source=100)
    desk = new_desk(limits)
    for _ in range(2):
        assert await desk.walk(desk.signing_up.ask, email="bob@example.com")
    with pytest.raises(Limited):
        await desk.walk(desk.signing_up.ask, email="bob@example.com")
    # The address on record of somebody is full too, by whichever name it was asked for.
    for _ in range(2):
        assert await desk.walk(desk.resetting.ask, login="alice")
    assert await desk.walk(desk.signing_up.ask, email="alice@example.com") is None
    assert (await desk.audit()).event == "sign_up_asked"


async def test_a_link_is_not_tried_without_end(new_desk: Any, desk: Any) -> None:
    desk = new_desk(desk.signing_up._budgets._limits._replace(link=3))
    link = await desk.link(desk.signing_up.ask, email="bob@example.com")
    for _ in range(3):
        with pytest.raises(Unacceptable):
            await desk.walk(desk.signing_up.finish, link=link, username="alice", new_password=WORD)
    with pytest.raises(Limited):
        await desk.walk(desk.signing_up.finish, link=link, username="bob", new_password=WORD)


async def test_a_name_that_the_same_link_took_between_two_looks_is_no_mistake_of_the_person(
    desk: Any, renamed: Any, alice: Any
) -> None:
    link = await desk.link(desk.signing_up.ask, email="bob@example.com")
    bob: Account = renamed(alice, user_id="us_bob", username="bob", email="bob@example.com")
    await desk.change(CreateAccount(bob, (("username", "bob"),)))
    with pytest.raises(InvalidToken):
        await desk.walk(desk.signing_up.finish, link=link, username="bob", new_password=WORD)
