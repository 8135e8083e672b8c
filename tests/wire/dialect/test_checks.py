import pytest

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import InvalidRequest, InvalidScope, Unacceptable
from tokenhouse.wire.dialect.checks import Check


def refusing(_):
    raise InvalidRequest(Cause.MALFORMED, field="twice")


def test_a_condition_that_holds_is_nothing():
    assert Check(lambda _: "yes", Cause.MALFORMED, None).fault(None) is None


@pytest.mark.parametrize("value", [False, "", 0, None])
def test_a_condition_that_does_not_hold_is_its_cause(value):
    fault = Check(lambda _: value, Cause.BAD_SCOPE, "f").fault(None)

    assert isinstance(fault, InvalidScope)
    assert (fault.cause, fault.field) == (Cause.BAD_SCOPE, "f")


def test_a_condition_that_cannot_be_read_says_so():
    assert Check(refusing, Cause.BAD_SCOPE, "f").fault(None).field == "twice"


def test_the_place_of_a_condition_is_its_field(kit):
    operation = kit.OPERATION + "check = [{ that = 'json.a == 1' }]\n" + kit.ANSWER
    (route,) = kit.load(kit.write(operation=operation)).mount(kit.SERVER)
    headers = (("content-type", "application/json"),)

    assert route.codec.open(kit.request(headers=headers, body=b'{"a":1}')).read().fault is None
    assert route.codec.open(kit.request(headers=headers, body=b'{"a":2}')).read().fault.field == "a"


def test_a_value_that_cannot_be_taken():
    fault = Check(lambda _: False, Cause.UNACCEPTABLE, "f").fault(None)

    assert isinstance(fault, Unacceptable)
    assert fault.status == 422
