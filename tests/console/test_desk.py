import pytest

from tokenhouse.console.errors import NotFound, Unavailable, Unusable
from tokenhouse.model.registrations import SetClientEnabled
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import Busy


def desk_of(house):
    return house.management._desk


async def test_a_change_and_its_record_are_one(house):
    before = await house.audit()
    with pytest.raises(NotFound, match="gone"):
        await desk_of(house).change(
            (SetClientEnabled("default", "x", enabled=True),),
            "client.enable",
            "default",
            actor="tester",
            about="x",
            conflict=NotFound("gone"),
        )
    assert await house.audit() == before


async def test_a_store_that_is_busy_is_told_as_such(house):
    class Full:
        async def commit(self, effects):
            raise Busy(Cause.BUSY, retry_after=1)

    from dataclasses import replace

    desk = replace(desk_of(house), store=Full())
    with pytest.raises(Unavailable, match="The server is busy"):
        await desk.change((), "x", "default", actor="a", about="b", conflict=NotFound(""))


async def test_the_contracts_of_a_tenant(house):
    desk = desk_of(house)
    assert list(desk.contracts) == ["standard", "acme", "forever"]
    assert [contract.name for contract in desk.served("acme")] == ["standard", "acme"]
    await desk.require_tenant("acme")
    with pytest.raises(Unusable):
        await desk.require_tenant("nobody")
