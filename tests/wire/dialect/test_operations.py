"""What an operation makes of a request: roles, what is required, what is wrong first."""

import pytest

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.messages import Identifier
from tokenhouse.protocol.names import IdentifierKind
from tokenhouse.protocol.refusals import InvalidScope

LOGIN = """[operation.login]
route = "POST /login"
does  = "password"
read.username = ["json.user", "json.name"]
read.email    = "json.mail"
read.password = "json.password"
read.device   = "json.device"
read.scope    = "json.scope"
requires = ["device"]
check = [
  { that = "json.age >= 18", cause = "not_allowed", field = "age" },
  { that = "read.device != 'stolen'", cause = "bad_token" },
]
answer.json = "{}"
"""
GOOD = '"user":"u","password":"p","device":"d","age":20'


def read(kit, body, text=LOGIN):
    (route,) = kit.load(kit.write(operation=text)).mount(kit.SERVER)
    return route.codec.open(
        kit.request(path="/login", headers=(("content-type", "application/json"),), body=f"{{{body}}}".encode())
    ).read()


def test_a_whole_login(kit):
    message = read(kit, GOOD + ',"scope":"a b a"')

    assert message.fault is None
    assert message.identifier == Identifier(IdentifierKind.USERNAME, "u")
    assert (message.password.reveal(), message.device, message.scope) == ("p", "d", ("a", "b"))
    assert (message.id, message.source, message.now) == ("req-1", "192.0.2.1", kit.NOW)
    assert message.issues == ("access",)


@pytest.mark.parametrize(
    ("body", "cause", "field"),
    [
        (GOOD.replace('"d"', '""'), Cause.MISSING, "device"),
        (GOOD.replace('"d"', "5"), Cause.MALFORMED, "device"),
        (GOOD.replace('"p"', "null"), Cause.MISSING, "password"),
        (GOOD.replace('"p"', "12345"), Cause.MALFORMED, "password"),
        (GOOD.replace('"u"', "[]"), Cause.MALFORMED, "user"),
        (GOOD.replace('"user":"u",', ""), Cause.MISSING, "user"),
        (GOOD + ',"mail":"m"', Cause.MALFORMED, "mail"),
        (GOOD + ',"name":"other"', Cause.MALFORMED, "name"),
        (GOOD + ',"scope":"a  b"', Cause.BAD_SCOPE, "scope"),
        (GOOD + ',"scope":["a", "b c"]', None, None),
        (GOOD + ',"scope":["a", 1]', Cause.BAD_SCOPE, "scope"),
        (GOOD + ',"name":"u"', None, None),
        (GOOD.replace("20", "17"), Cause.NOT_ALLOWED, "age"),
        (GOOD.replace("20", '"20"'), Cause.NOT_ALLOWED, "age"),
        (GOOD.replace('"d"', '"stolen"'), Cause.BAD_TOKEN, None),
        (GOOD.replace('"p"', "null").replace("20", "1"), Cause.NOT_ALLOWED, "age"),
        (GOOD.replace('"p"', "null") + ',"scope":"a  b"', Cause.MISSING, "password"),
    ],
)
def test_the_first_thing_that_is_wrong_is_the_fault(kit, body, cause, field):
    fault = read(kit, body).fault

    assert (fault and fault.cause) == cause
    assert (fault and fault.field) == field


def test_a_scope_that_is_none_is_a_scope_error(kit):
    assert isinstance(read(kit, GOOD + ',"scope":" "').fault, InvalidScope)


def test_a_refresh_needs_its_token(kit):
    text = '[operation.r]\nroute = "POST /login"\ndoes = "refresh_token"\nread.token = "json.t"\nanswer.json = "{}"\n'

    assert read(kit, '"t":"x"', text).token.reveal() == "x"
    fault = read(kit, "", text).fault
    assert (fault.cause, fault.field) == (Cause.MISSING, "t")


def test_a_condition_chooses_after_the_matches(kit):
    text = """[operation.young]
route = "POST /login"
when = "json.age < 18"
does = "static"
answer.json = "{}"
[operation.old]
route = "POST /login"
does = "static"
answer.json = "{}"
"""
    assert read(kit, '"age":17', text).operation == "young"
    assert read(kit, '"age":18', text).operation == "old"
    fault = read(kit, "", text.replace('"POST /login"\ndoes', '"POST /login"\nwhen = "json.b"\ndoes')).fault
    assert (fault.cause, fault.field) == (Cause.UNSUPPORTED, None)


def test_a_static_operation_makes_no_token(kit):
    text = '[operation.s]\nroute = "POST /login"\ndoes = "static"\nanswer.json = "{}"\n'

    assert read(kit, "", text).issues == ()
    assert kit.load(kit.write(operation=text)).contract.grants == set()
