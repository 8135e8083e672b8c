"""Letters and tries are counted, per what was asked for, per source, per mailbox, per link."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tokenhouse.interaction.budgets import MailBudgets, MailLimits
from tokenhouse.model.records import Ticket
from tokenhouse.protocol.refusals import Limited

LIMITS = MailLimits(address=2, source=3, window_seconds=60, link=2)


@pytest.fixture
def budgets(house: Any) -> MailBudgets:
    return MailBudgets(house.store, house.guesses.budget, LIMITS)


async def test_what_is_asked_for_is_counted_by_its_canonical_form(budgets: MailBudgets, clock: Any) -> None:
    await budgets.reserve("default", "Alice@Example.com", "a", clock())
    await budgets.reserve("default", " alice@example.com ", "b", clock())
    with pytest.raises(Limited) as limited:
        await budgets.reserve("default", "ALICE@example.com", "c", clock())
    assert limited.value.retry_after == 60
    await budgets.reserve("other", "alice@example.com", "c", clock())


async def test_a_source_is_counted(budgets: MailBudgets, clock: Any) -> None:
    for n in range(3):
        await budgets.reserve("default", f"p{n}@example.com", "a", clock())
    with pytest.raises(Limited):
        await budgets.reserve("default", "p4@example.com", "a", clock())
    await budgets.reserve("default", "p4@example.com", "b", clock())
    clock.pass_(seconds=61)
    await budgets.reserve("default", "p5@example.com", "a", clock())


async def test_a_mailbox_is_counted_with_the_commit(budgets: MailBudgets, house: Any, clock: Any) -> None:
    for _ in range(2):
        await house.store.commit((await budgets.of_mailbox("default", "alice@example.com", clock()),))
    with pytest.raises(Limited):
        await house.store.commit((await budgets.of_mailbox("default", "ALICE@example.com", clock()),))


async def test_a_link_is_tried_so_often(budgets: MailBudgets, clock: Any) -> None:
    def ticket(byte: bytes) -> Ticket:
        return Ticket(byte * 32, "default", "sign_up", "a@b.c", clock() + timedelta(hours=1))

    await budgets.try_link(ticket(b"a"), clock())
    await budgets.try_link(ticket(b"a"), clock())
    with pytest.raises(Limited):
        await budgets.try_link(ticket(b"a"), clock())
    await budgets.try_link(ticket(b"b"), clock())
