import json

import pytest

from tokenhouse.console.errors import NotFound, Unavailable, Unusable
from tokenhouse.console.management import OPERATIONS, Management
from tokenhouse.console.values import Input
from tokenhouse.tokens.envelope import Envelope
from tokenhouse.tokens.keys import KeyRing


def test_every_operation_takes_an_input_of_its_own_kind():
    assert all(issubclass(operation.takes, Input) for operation in OPERATIONS.values())
    assert {operation.run.__module__.split(".")[0] for operation in OPERATIONS.values()} == {"tokenhouse"}


async def test_json_in_json_out(house):
    answer = json.loads(await house.management.call("client.create", b'{"name":"x","client_id":"x"}', "tester"))
    assert answer["client_secret"].startswith("th_cs_")
    assert answer["client"]["created_at"] == "2026-11-20T12:00:00Z"
    assert json.loads(await house.management.call("client.list", b"", "tester"))[0]["client_id"] == "x"


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (b"{", "the input does not fit"),
        (b"[]", "the input does not fit"),
        (b'{"name":"x","nme":1}', "unknown field `nme`"),
        (b'{"name":"\xff"}', "not UTF-8"),
        (b'{"name":"x","secret":""}', "expected a text of 1 to 1024 characters"),
    ],
)
async def test_unreadable_input(house, payload, message):
    with pytest.raises(Unusable) as caught:
        await house.management.call("client.create", payload, "tester")
    assert message in caught.value.message


async def test_an_unknown_operation_is_not_found(house):
    with pytest.raises(NotFound) as caught:
        await house.management.call("client.creat", b"", "tester")
    assert caught.value.hint == 'did you mean "client.create"?'


async def test_plain_values_that_do_not_fit_are_refused(house):
    with pytest.raises(Unusable, match="name"):
        await house.do("client.create", name=17)


async def test_another_key_encryption_key_is_told_as_such(house):
    desk = house.management._desk
    wrong = KeyRing(house.store, Envelope(b"x" * 32))
    other = Management(
        store=house.store,
        envelope=desk.envelope,
        keys=wrong,
        hashing=desk.hashing,
        guesses=desk.guesses,
        mounts=desk.mounts,
        settings=desk.settings,
        clock=desk.clock,
        forget=wrong.forget,
    )
    with pytest.raises(Unavailable) as caught:
        await other.do("client.create", "tester", name="x")
    assert caught.value.hint == "check secrets.key_encryption_key"
