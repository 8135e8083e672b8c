from dataclasses import replace
from datetime import timedelta

import pytest

from tokenhouse.accounts.lockout import LOCKOUT, attempt_at
from tokenhouse.accounts.people import budget_name
from tokenhouse.console.errors import NotFound
from tokenhouse.console.lookup import locked_out, unknown
from tokenhouse.protocol.contract import LockoutPolicy


def test_a_name_that_nobody_has_says_where_to_look():
    assert unknown("shop", "ann").hint == "tokenhouse user list"
    assert unknown("shop", "ann", ["club", "lab"]).hint == "--tenant club or --tenant lab"


async def test_a_name_of_another_tenant_is_said_with_it(house):
    await house.do("tenant.create", name="shop")
    await house.do("user.create", tenant="shop", username="ann", email="ann@example.com")
    for name in ("ann", "ANN@example.com"):
        with pytest.raises(NotFound) as caught:
            await house.do("user.show", user=name)
        assert caught.value.hint == "--tenant shop"


async def test_who_is_locked_out_by_wrong_passwords_is_told_until_the_window_is_over(house):
    await house.do("tenant.create", name="acme", if_missing=True)
    await house.do("user.create", tenant="acme", user_id="1", username="ann")
    account = await house.store.find_account_by_id("acme", "1")
    policy = LockoutPolicy(1, timedelta(minutes=15))
    desk = house.management._desk
    desk = replace(desk, mounts=tuple(replace(mount, lockout=policy) for mount in desk.mounts))
    assert await locked_out(desk, account) == ()
    attempt = attempt_at(desk.mounts[1], budget_name("acme", "1"))
    budget = await desk.budget(LOCKOUT, attempt.name)
    await house.store.commit((attempt.counting(budget, house.clock()),))
    assert await locked_out(desk, account) == ("acme",)
    house.clock.at += timedelta(minutes=16)
    assert await locked_out(desk, account) == ()
