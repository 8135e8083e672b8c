"""What every change comes to."""

from __future__ import annotations

from typing import Any

import pytest

from tokenhouse.interaction.changes import new_password, no_more_links, rewritten
from tokenhouse.model.effects import CancelTickets, Conflict, SetAccountState, SetPassword


async def test_a_person_is_written_as_it_was_read_or_not_at_all(desk: Any, alice: Any) -> None:
    await desk.change(rewritten(alice))
    with pytest.raises(Conflict):
        await desk.change(rewritten(alice))
    alice = await desk.account()
    await desk.change(SetAccountState("default", alice.user_id, desk.now, enabled=True))
    with pytest.raises(Conflict):
        await desk.change(rewritten(alice))


async def test_a_new_password_ends_every_link(desk: Any, alice: Any) -> None:
    effects = new_password(alice, "$argon2id$x")
    assert effects[0] == SetPassword("default", alice.user_id, "$argon2id$x", "nfkc")
    assert effects[1:] == no_more_links(alice)
    assert {effect.purpose for effect in effects if isinstance(effect, CancelTickets)} == {
        "reset_password",
        "change_email",
    }
