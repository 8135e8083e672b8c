"""A forgotten password: one answer for everybody, a mail for whom it may concern, and operators have the last word."""

from __future__ import annotations

from typing import Any

import pytest

from tokenhouse.interaction.changes import new_password
from tokenhouse.model.effects import ReplaceAccount, SetAccountState
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import InvalidRequest, InvalidToken, Limited
from tokenhouse.protocol.secret import Secret

OLD, NEW = "correct horse battery", "another horse battery"


@pytest.mark.parametrize("login", ["alice", "ALICE", "alice@example.com", " Alice@Example.com "])
async def test_a_new_password_by_any_name(desk: Any, alice: Any, login: str) -> None:
    link = await desk.link(desk.resetting.ask, login=login)
    letter = await desk.walk(desk.resetting.finish, link=link, new_password=NEW)
    assert (letter.kind, letter.to) == ("password_changed", "Alice@Example.com")
    assert await desk.can_log_in("alice", NEW)
    assert not await desk.can_log_in("alice", OLD)
    assert (await desk.account()).email_verified_at == desk.now
    audit = await desk.audit()
    assert (audit.event, audit.subject) == ("password_reset", alice.user_id)


async def test_mail_goes_to_the_address_on_record_alone(desk: Any) -> None:
    letter = await desk.walk(desk.resetting.ask, login="ａｌｉｃｅ＠example.com")
    assert letter.to == "Alice@Example.com"
    assert await desk.walk(desk.resetting.ask, login="alıce@example.com") is None


@pytest.mark.parametrize("login", ["nobody", "nobody@example.com", "'; --", "x" * 5000])
async def test_nobody_gets_no_mail(desk: Any, login: str) -> None:
    assert await desk.walk(desk.resetting.ask, login=login) is None
    audit = await desk.audit()
    assert (audit.event, audit.outcome, audit.reason, audit.subject) == (
        "password_reset_asked",
        "ok",
        "unknown_user",
        None,
    )


async def test_somebody_must_be_named(desk: Any) -> None:
    with pytest.raises(InvalidRequest):
        await desk.walk(desk.resetting.ask)


async def test_somebody_without_an_address_gets_none(desk: Any, alice: Any, renamed: Any) -> None:
    await desk.change(ReplaceAccount(renamed(alice, email=None), (("username", "alice"),)))
    assert await desk.walk(desk.resetting.ask, login="alice") is None
    assert (await desk.audit()).reason == "no_address"


@pytest.mark.parametrize(
    ("locked", "enabled", "reason"), [(True, True, "user_locked"), (False, False, "user_disabled")]
)
async def test_an_operators_word_stands(desk: Any, alice: Any, locked: Any, enabled: Any, reason: str) -> None:
    link = await desk.link(desk.resetting.ask, login="alice")
    await desk.change(SetAccountState("default", alice.user_id, desk.now if locked else None, enabled=enabled))
    assert await desk.walk(desk.resetting.ask, login="alice") is None
    assert (await desk.audit()).reason == reason
    with pytest.raises(InvalidToken) as refused:
        await desk.walk(desk.resetting.finish, link=link, new_password=NEW)
    assert refused.value.cause is Cause.BAD_LINK
    await desk.change(SetAccountState("default", alice.user_id, None, enabled=True))
    assert await desk.can_log_in("alice", OLD)


async def test_the_same_is_written_for_somebody_and_nobody(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    commits: list[list[str]] = []
    commit = desk.house.store.commit

    async def kept(effects: Any) -> None:
        commits.append([type(effect).__name__ for effect in effects])
        await commit(effects)

    monkeypatch.setattr(desk.house.store, "commit", kept)
    written = {}
    for move, said in (
        (desk.resetting.ask, {"login": "alice"}),
        (desk.resetting.ask, {"login": "nobody"}),
        (desk.signing_up.ask, {"email": "new@example.com"}),
        (desk.signing_up.ask, {"email": "alice@example.com"}),
    ):
        commits.clear()
        await desk.walk(move, **said)
        written[next(iter(said.values()))] = [[e for e in each if e != "CreateTicket"] for each in commits]
    assert len({str(each) for each in written.values()}) == 1
    assert written["nobody"] == [["ReserveGuess", "ReserveGuess"], ["ReserveGuess", "RecordAudit"]]


async def test_it_ends_other_links_and_a_used_one_is_used(desk: Any) -> None:
    first, second = [await desk.link(desk.resetting.ask, login="alice") for _ in range(2)]
    other = await desk.link(desk.changing.ask_email, login="alice", password=OLD, email="new@example.com")
    await desk.walk(desk.resetting.finish, link=second, new_password=NEW)
    for link in (first, second):
        with pytest.raises(InvalidToken):
            await desk.walk(desk.resetting.finish, link=link, new_password=OLD)
    with pytest.raises(InvalidToken):
        await desk.walk(desk.changing.confirm_email, link=other)


async def test_a_link_sets_one_password(desk: Any, gathered: Any) -> None:
    link = await desk.link(desk.resetting.ask, login="alice")
    words = [f"{NEW} {n}" for n in range(4)]
    came = await gathered(*(desk.walk(desk.resetting.finish, link=link, new_password=word) for word in words))
    assert sum(isinstance(each, InvalidToken) for each in came) == 3
    assert sum([await desk.can_log_in("alice", word) for word in words]) == 1


async def test_a_password_that_was_changed_meanwhile_ends_the_link(desk: Any) -> None:
    link = await desk.link(desk.resetting.ask, login="alice")
    await desk.walk(desk.changing.password, login="alice", password=OLD, new_password=NEW)
    with pytest.raises(InvalidToken):
        await desk.walk(desk.resetting.finish, link=link, new_password=OLD)


async def test_an_address_that_is_not_on_record_any_more_proves_nothing(desk: Any, alice: Any, renamed: Any) -> None:
    link = await desk.link(desk.resetting.ask, login="alice")
    moved = renamed(alice, email="new@example.com")
    await desk.change(ReplaceAccount(moved, (("username", "alice"), ("email", "new@example.com"))))
    with pytest.raises(InvalidToken):
        await desk.walk(desk.resetting.finish, link=link, new_password=NEW)


async def test_a_person_who_is_changed_while_the_password_is_hashed(desk: Any, alice: Any, monkeypatch: Any) -> None:
    """An operator locks the person between reading and writing: the lock stands, the password does not change."""
    link = await desk.link(desk.resetting.ask, login="alice")
    hashing = desk.resetting._passwords.hash

    async def lock_then_hash(password: Any) -> str:
        await desk.change(SetAccountState("default", alice.user_id, desk.now, enabled=True))
        return await hashing(password)

    monkeypatch.setattr(desk.resetting._passwords, "hash", lock_then_hash)
    with pytest.raises(InvalidToken):
        await desk.walk(desk.resetting.finish, link=link, new_password=NEW)
    assert (await desk.account()).password == alice.password


async def test_an_operators_new_password_is_not_overwritten(desk: Any, alice: Any, monkeypatch: Any) -> None:
    link = await desk.link(desk.resetting.ask, login="alice")
    hashing = desk.resetting._passwords.hash

    async def change_then_hash(password: Any) -> str:
        await desk.change(*new_password(alice, desk.house.hashing.hash(Secret("of an operator"), "nfkc")))
        return await hashing(password)

    monkeypatch.setattr(desk.resetting._passwords, "hash", change_then_hash)
    with pytest.raises(InvalidToken):
        await desk.walk(desk.resetting.finish, link=link, new_password=NEW)
    assert await desk.can_log_in("alice", "of an operator")


@pytest.mark.parametrize("word", [None, "short", "alice@example.com", "ALICE@EXAMPLE.COM"])
async def test_a_weak_password_does_not_cost_the_link(desk: Any, word: str | None) -> None:
    link = await desk.link(desk.resetting.ask, login="alice")
    with pytest.raises(InvalidRequest) as refused:
        await desk.walk(desk.resetting.finish, link=link, **({"new_password": word} if word else {}))
    assert refused.value.field == "new_password"
    await desk.walk(desk.resetting.finish, link=link, new_password=NEW)


async def test_letters_are_limited_by_name_by_source_and_by_mailbox(new_desk: Any, desk: Any) -> None:
    desk = new_desk(desk.resetting._budgets._limits._replace(address=3, source=8))
    for _ in range(3):
        assert await desk.walk(desk.resetting.ask, login="alice")
    for login in ("alice", "nobody"):
        for _ in range(3 if login == "nobody" else 0):
            assert await desk.walk(desk.resetting.ask, login=login) is None
        with pytest.raises(Limited):
            await desk.walk(desk.resetting.ask, login=login)
    assert await desk.walk(desk.resetting.ask, login="alice@example.com") is None
    assert await desk.walk(desk.resetting.ask, login="alice@example.com") is None
    with pytest.raises(Limited):
        await desk.walk(desk.resetting.ask, login="alice@example.com")
    assert await desk.walk(desk.resetting.ask, login="alice@example.com", source="198.51.100.1") is None


async def test_a_site_without_resets_does_not_offer_them(desk: Any, new_desk: Any) -> None:
    desk = new_desk(reset=False)
    letter = await desk.walk(desk.changing.password, login="alice", password=OLD, new_password=NEW)
    assert "/reset" not in letter.text
