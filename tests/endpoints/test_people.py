"""The corridor of the pages: what is decided is remembered, then posted; what is lost is decided again, a few times."""

from __future__ import annotations

from typing import Any

import pytest

from tokenhouse.endpoints.people import PeopleCorridor
from tokenhouse.interaction.moves import Outcome, Site, Wish
from tokenhouse.mail.letters import Letter
from tokenhouse.model.effects import Conflict, ReserveGuess, SetAccountState
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import Busy, Forbidden, InvalidGrant, Limited

SITE = Site("default", "Example", "https://id.example.com/account")
LETTER = Letter("reset", "cafe", "alice@example.com", "en", "A subject", "A text")


class Postbox(list):
    def __init__(self, *, full: bool = False) -> None:
        super().__init__()
        self.full = full

    def require_room(self) -> None:
        if self.full:
            raise Busy(Cause.BUSY)

    def post(self, letter: Letter) -> None:
        self.append(letter)


@pytest.fixture
def wish(clock: Any) -> Wish:
    return Wish("cafe", clock())


def lock(user_id: str, at: Any) -> SetAccountState:
    return SetAccountState("default", user_id, at, enabled=True)


async def test_what_is_decided_is_remembered_and_then_posted(house: Any, wish: Wish) -> None:
    postbox = Postbox()

    async def move(site: Site, asked: Wish) -> Outcome:
        assert (site, asked) == (SITE, wish)
        assert postbox == []
        return Outcome((lock("us_alice", wish.now),), (LETTER,))

    await PeopleCorridor(house.store, postbox).walk(move, SITE, wish)
    assert postbox == [LETTER]
    assert (await house.store.find_account_by_id("default", "us_alice")).locked_at == wish.now


async def test_a_full_postbox_is_told_before_anything_is_looked_up(house: Any, wish: Wish) -> None:
    async def move(_site: Site, _wish: Wish) -> Outcome:
        pytest.fail("looked up")

    with pytest.raises(Busy):
        await PeopleCorridor(house.store, Postbox(full=True)).walk(move, SITE, wish)


@pytest.mark.parametrize("tenant", ["nowhere", "closed"])
async def test_a_tenant_that_is_not_open(make_house: Any, wish: Wish, tenant: str) -> None:
    house = await make_house(tenants=("default", "closed"))
    house.store._writer._connection.execute("UPDATE tenant SET enabled = 0 WHERE name = 'closed'")

    async def move(_site: Site, _wish: Wish) -> Outcome:
        pytest.fail("let in")

    with pytest.raises(Forbidden):
        await PeopleCorridor(house.store, Postbox()).walk(move, Site(tenant, "Example", "https://a/b"), wish)


async def test_a_lost_race_is_decided_again_and_not_for_ever(house: Any, wish: Wish) -> None:
    postbox, looks = Postbox(), []

    async def move(_site: Site, _wish: Wish) -> Outcome:
        looks.append(1)
        return Outcome((lock("us_alice" if len(looks) == 2 else "us_nobody", wish.now),), (LETTER,))

    await PeopleCorridor(house.store, postbox).walk(move, SITE, wish)
    assert (len(looks), postbox) == (2, [LETTER])
    looks += [1, 1]
    with pytest.raises(Busy):
        await PeopleCorridor(house.store, postbox).walk(move, SITE, wish)
    assert (len(looks), postbox) == (7, [LETTER])


async def test_a_lost_race_is_told_where_it_cannot_be_decided_again(house: Any, wish: Wish) -> None:
    postbox = Postbox()

    async def move(_site: Site, _wish: Wish) -> Outcome:
        return Outcome((lock("us_nobody", wish.now),), (LETTER,), lost=InvalidGrant(Cause.BAD_CREDENTIALS))

    with pytest.raises(InvalidGrant) as refused:
        await PeopleCorridor(house.store, postbox).walk(move, SITE, wish)
    assert not isinstance(refused.value.__context__, Conflict) or refused.value.__suppress_context__
    assert postbox == []


async def test_a_spent_budget_is_told_or_not(house: Any, wish: Wish) -> None:
    postbox = Postbox()
    spent = ReserveGuess(b"b" * 16, 0, 60, wish.now)
    await house.store.commit((ReserveGuess(b"b" * 16, 1, 60, wish.now),))

    async def quiet(_site: Site, _wish: Wish) -> Outcome:
        return Outcome((spent,), (LETTER,), instead=(lock("us_alice", wish.now),))

    await PeopleCorridor(house.store, postbox).walk(quiet, SITE, wish)
    assert postbox == []
    assert (await house.store.find_account_by_id("default", "us_alice")).locked_at == wish.now

    async def loud(_site: Site, _wish: Wish) -> Outcome:
        return Outcome((spent,), (LETTER,))

    with pytest.raises(Limited):
        await PeopleCorridor(house.store, postbox).walk(loud, SITE, wish)
