"""Planted faults in the store."""

from datetime import timedelta


async def states(house):
    return [(finding.check, finding.state) for finding in await house.do("checkup.run")]


async def test_a_new_store_is_well_but_for_its_missing_client(house):
    assert [one for one in await states(house) if one[1] != "ok"] == [("mounts", "wrong")]
    await house.do("client.create", name="A", client_id="acme", tenant="acme", contracts=("acme",), public=True)
    assert {state for _, state in await states(house)} == {"ok"}


async def test_a_client_that_a_mount_acts_for_is_disabled(house):
    await house.do("client.create", name="A", client_id="acme", tenant="acme", contracts=("acme",), public=True)
    await house.do("client.disable", client_id="acme", tenant="acme")
    assert ("mounts", "wrong") in await states(house)


async def test_what_is_missing(bare):
    assert ("keys", "wrong") in await states(bare)


async def test_an_old_key(house):
    house.clock.at += timedelta(days=91)
    assert ("keys", "warning") in await states(house)


async def test_a_clock_that_was_set_back(house):
    house.clock.at -= timedelta(seconds=4)
    assert ("clock", "ok") in await states(house)
    house.clock.at -= timedelta(seconds=4)
    assert ("clock", "wrong") in await states(house)


async def test_a_contract_that_is_over(house):
    ends = house.clock() + timedelta(days=1)
    await house.do("client.create", name="B", client_id="b", ends_at=ends)
    assert ("clients", "warning") not in await states(house)
    house.clock.at = ends
    assert ("clients", "warning") in await states(house)
