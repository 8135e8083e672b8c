"""Device keys: shown once, kept as a digest, one per device and contract."""

from datetime import timedelta

import pytest

from tokenhouse.clients.secrets import DEVICE_KEY_DIGEST
from tokenhouse.console.errors import AlreadyExists, NotFound, Unusable
from tokenhouse.protocol.secret import Secret


async def find(house, key):
    digest = await house.keys.digest(DEVICE_KEY_DIGEST, key.encode(), house.clock())
    return await house.store.find_device_key("acme", digest)


async def test_a_device_gets_a_key_in_the_contract_s_form(house):
    await house.do("user.create", tenant="acme", user_id="ann", username="ann")
    made = await house.do("device.create", contract="acme", device="D1", user="ann", scopes=("things",), name="Lamp")
    assert made.label == "deviceKey"
    assert len(made.key.reveal()) == 16
    record = await find(house, made.key.reveal())
    assert (record.device, record.subject, record.scope, record.name) == ("D1", "ann", ("things",), "Lamp")
    assert made.key.reveal() not in repr(record) + repr(made)
    assert (await house.audit())[-1] == "administration.device.create acme D1 tester"


async def test_another_key_takes_the_place_of_the_first(house):
    first = await house.do("device.create", contract="acme", device="D1")
    second = await house.do("device.create", contract="acme", device="D1")
    assert await find(house, first.key.reveal()) is None
    assert (await find(house, second.key.reveal())).device == "D1"
    assert [view.device for view in await house.do("device.list")] == ["D1"]


async def test_a_key_that_exists_elsewhere_is_taken_and_not_shown(house):
    made = await house.do("device.create", contract="acme", device="D1", key="RjfFZcUs8tTyJ8Pc")
    assert made.key is None
    assert (await find(house, "RjfFZcUs8tTyJ8Pc")).device == "D1"
    with pytest.raises(AlreadyExists):
        await house.do("device.create", contract="acme", device="D2", key=Secret("RjfFZcUs8tTyJ8Pc").reveal())


async def test_a_key_ends(house):
    ends = house.clock() + timedelta(days=1)
    await house.do("device.create", contract="acme", device="D1", ends_at=ends)
    assert (await house.do("device.list", tenant="acme"))[0].expires_at == ends
    view = await house.do("device.revoke", contract="acme", device="D1")
    assert view.ended_at == house.clock()
    with pytest.raises(NotFound):
        await house.do("device.revoke", contract="acme", device="D2")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"contract": "nothing"}, "no contract"),
        ({"contract": "forever"}, "says nothing of device keys"),
        ({"tenant": "default"}, "serves: acme"),
        ({"key": "short"}, "shorter than 12"),
        ({"ends_at": "2020-01-01T00:00:00Z"}, "in the past"),
    ],
)
async def test_what_cannot_be_is_said(house, given, message):
    if "ends_at" in given:
        given = {"ends_at": house.clock() - timedelta(seconds=1)}
    with pytest.raises(Unusable, match=message):
        await house.do("device.create", **({"contract": "acme", "device": "D1"} | given))
    assert await house.do("device.list") == []


async def test_a_device_of_nobody(house):
    with pytest.raises(NotFound):
        await house.do("device.create", contract="acme", device="D1", user="nobody")
