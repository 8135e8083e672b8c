"""What somebody may type, and who may be helped."""

from __future__ import annotations

from typing import Any

import pytest

from tokenhouse.interaction.rules import (
    find_bar,
    require_address,
    require_free,
    require_names,
    require_password,
    require_said,
)
from tokenhouse.model.effects import SetAccountState
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import InvalidGrant, InvalidRequest, Unacceptable
from tokenhouse.protocol.secret import Secret


def test_what_is_needed_must_be_said(desk: Any) -> None:
    require_said(desk.wish(login="a", password="b"), "login", "password")
    with pytest.raises(InvalidRequest) as refused:
        require_said(desk.wish(login="a"), "login", "password")
    assert (refused.value.cause, refused.value.field) == (Cause.MISSING, "password")


def test_an_address_is_taken_without_outer_space() -> None:
    assert require_address(" alice@Example.com\n") == "alice@example.com"
    for text in (None, "", "alice", "a@b.c\r\nBcc: d@e.f", "älice@example.com"):
        with pytest.raises(Unacceptable) as refused:
            require_address(text)
        assert refused.value.field == "email"


@pytest.mark.parametrize(
    ("username", "name"),
    [
        (None, None),
        ("alice", "Alice"),
        ("王小明", "王小明"),
        ("مريم", "مريم بنت عمران"),
        ("דוד", "דוד המלך"),
        ("a" * 200, "é" * 200),
        ("a1", "کتاب\u200cها"),
        ("o'hara-2", "👩\u200d💻"),
    ],
)
def test_names_of_many_scripts(username: str | None, name: str | None) -> None:
    require_names(username, "alice@example.com", name)


@pytest.mark.parametrize(
    ("username", "name", "field"),
    [
        ("a@b", None, "username"),
        ("a＠b", None, "username"),
        ("0912345678", None, "username"),
        ("+886 912", None, "username"),
        ("٠٩١٢", None, "username"),
        ("a" * 201, None, "username"),
        ("a\u202eb", None, "username"),
        ("a\tb", None, "username"),
        ("a\nb", None, "username"),
        ("\u200b", None, "username"),
        ("alice", "x" * 201, "name"),
        ("alice", "a\u2066b", "name"),
        ("alice", "a\u202eb", "name"),
        ("alice", "a\r\nb", "name"),
        ("alice", "a\x00b", "name"),
        ("alice", "a\u2028b", "name"),
    ],
)
def test_what_is_no_name(username: str, name: str | None, field: str) -> None:
    with pytest.raises(Unacceptable) as refused:
        require_names(username, "alice@example.com", name)
    assert refused.value.field == field


def test_passwords() -> None:
    word = Secret("correct horse battery")
    assert require_password(word, 15, "alice", None) is word
    with pytest.raises(InvalidRequest) as missing:
        require_password(None, 15)
    assert missing.value.cause is Cause.MISSING
    for text in ("x" * 14, "ﬀ" * 7, "x" * 1025, "Alice@Example.COM.tw", "ＡＬＩＣＥ＠example.com.tw"):
        with pytest.raises(Unacceptable) as weak:
            require_password(Secret(text), 15, "alice", "alice@example.com.tw")
        assert (weak.value.cause, weak.value.field) == (Cause.WEAK_PASSWORD, "new_password")
    assert require_password(Secret("ﬀ" * 8), 15)


async def test_who_may_be_helped(desk: Any, alice: Any) -> None:
    wish = desk.wish()
    assert find_bar(alice, wish) is None
    require_free(alice, wish)
    assert find_bar(None, wish) is Cause.UNKNOWN_USER
    for locked_at, enabled, cause in ((desk.now, True, Cause.USER_LOCKED), (None, False, Cause.USER_DISABLED)):
        await desk.change(SetAccountState("default", alice.user_id, locked_at, enabled=enabled))
        assert find_bar(await desk.account(), wish) is cause
        with pytest.raises(InvalidGrant) as refused:
            require_free(await desk.account(), wish)
        assert refused.value.public_cause is Cause.BAD_CREDENTIALS
