from datetime import timedelta

import pytest

from tokenhouse.console.errors import Unusable


async def test_the_newest_come_first(house):
    house.clock.at += timedelta(hours=1)
    await house.do("tenant.create", name="shop")
    records = await house.do("audit.list")
    assert [record.event for record in records] == ["administration.tenant.create", "administration.setup.prepare"]
    assert len(await house.do("audit.list", limit=1)) == 1
    since = (house.clock() - timedelta(minutes=1)).isoformat()
    assert [record.subject for record in await house.do("audit.list", since=since)] == ["shop"]


@pytest.mark.parametrize("given", [{"since": "2026-11-20T08:00:00"}, {"since": "soon"}, {"limit": 0}])
async def test_what_does_not_fit_is_refused(house, given):
    with pytest.raises(Unusable):
        await house.do("audit.list", **given)
