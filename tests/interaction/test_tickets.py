"""A link works once, in time, at its own place; the store has nothing that could be followed."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tokenhouse.interaction.moves import Site
from tokenhouse.model.effects import CreateTicket, SpendTicket
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import InvalidToken
from tokenhouse.protocol.secret import Secret

OTHER = Site("other", "Other", "https://id.example.com/other")


async def make(desk: Any, purpose: Any = "reset_password", account: Any = None) -> Any:
    made = await desk.tickets.make(desk.site, desk.wish(), purpose, "alice@example.com", account)
    await desk.change(CreateTicket(made.ticket))
    return made


async def test_a_link_leads_to_its_ticket_and_looking_does_not_use_it_up(desk: Any, alice: Any) -> None:
    made = await make(desk, account=alice)
    for _ in range(3):
        found = await desk.tickets.require(desk.site, made.link, "reset_password", desk.now)
    assert (found.email, found.user_id, found.purpose) == ("alice@example.com", alice.user_id, "reset_password")


async def test_a_link_has_256_bits_and_the_store_has_none_of_them(desk: Any) -> None:
    made, other = await make(desk), await make(desk)
    assert len(made.link.reveal()) == 43
    assert made.link.reveal() != other.link.reveal()
    assert len(made.ticket.digest) == 32
    assert made.link.reveal() not in repr(made.ticket)


@pytest.mark.parametrize("text", ["", "x", "x" * 43, "x" * 42 + "=", "x" * 44, "x" * 42 + "\n", "ü" * 43])
async def test_what_is_no_link_leads_nowhere(desk: Any, text: str) -> None:
    with pytest.raises(InvalidToken) as refused:
        await desk.tickets.require(desk.site, Secret(text), "reset_password", desk.now)
    assert refused.value.cause is Cause.BAD_LINK


async def test_no_link_at_all_leads_nowhere(desk: Any) -> None:
    with pytest.raises(InvalidToken):
        await desk.tickets.require(desk.site, None, "sign_up", desk.now)


@pytest.mark.parametrize(("purpose", "minutes"), [("reset_password", 15), ("sign_up", 1440), ("change_email", 1440)])
async def test_a_link_ends_in_its_time(desk: Any, clock: Any, purpose: Any, minutes: int) -> None:
    made = await make(desk, purpose)
    clock.pass_(minutes=minutes, milliseconds=-1)
    assert await desk.tickets.require(desk.site, made.link, purpose, desk.now)
    clock.pass_(milliseconds=1)
    with pytest.raises(InvalidToken):
        await desk.tickets.require(desk.site, made.link, purpose, desk.now)
    with pytest.raises(InvalidToken):
        await desk.change(SpendTicket(made.ticket.digest, desk.now))


async def test_a_link_of_another_tenant_or_purpose_leads_nowhere(desk: Any) -> None:
    made = await make(desk)
    for site, purpose in ((OTHER, "reset_password"), (desk.site, "sign_up"), (desk.site, "change_email")):
        with pytest.raises(InvalidToken):
            await desk.tickets.require(site, made.link, purpose, desk.now)


async def test_a_link_that_was_followed_leads_nowhere(desk: Any) -> None:
    made = await make(desk)
    await desk.change(SpendTicket(made.ticket.digest, desk.now))
    with pytest.raises(InvalidToken):
        await desk.tickets.require(desk.site, made.link, "reset_password", desk.now)


async def test_what_the_store_has_is_no_link(desk: Any) -> None:
    made = await make(desk)
    for text in (made.ticket.digest.hex(), replace(made.ticket).digest.hex()[:43]):
        with pytest.raises(InvalidToken):
            await desk.tickets.require(desk.site, Secret(text), "reset_password", desk.now)
