"""Who calls: which aliases win, what is two ways at once, what names nobody."""

import base64

import pytest

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.names import AuthMethod
from tokenhouse.protocol.refusals import InvalidRequest

BOTH = """read.client_id = ["basic.user | form_decode", "form.client_id"]
read.client_secret = ["basic.password | form_decode", "form.client_secret"]
"""


def basic(text):
    return ("Authorization", "Basic " + base64.b64encode(text.encode()).decode())


def read(kit, lines, *headers, body=b"", **options):
    dialect = kit.load(kit.write(operation=kit.OPERATION + lines + kit.ANSWER))
    (route,) = dialect.mount(kit.SERVER)
    form = ("content-type", options.pop("kind", "application/x-www-form-urlencoded"))
    return route.codec.open(kit.request(headers=(form, *headers), body=body)).read()


def seen(message):
    found = message.credentials
    return (found.method, found.client_id, found.secret and found.secret.reveal(), found.malformed)


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        ([basic("a:b")], b"", (AuthMethod.BASIC, "a", "b", False)),
        ([basic("a%20c:b+d")], b"", (AuthMethod.BASIC, "a c", "b d", False)),
        ([basic("a:")], b"", (AuthMethod.BASIC, "a", "", False)),
        ([("Authorization", "bAsIc YTpi")], b"", (AuthMethod.BASIC, "a", "b", False)),
        ([], b"client_id=a&client_secret=b", (AuthMethod.POST, "a", "b", False)),
        ([], b"client_id=a", (AuthMethod.BASIC, None, None, True)),
        ([], b"client_id=a&client_secret=", (AuthMethod.BASIC, None, None, True)),
        ([], b"", (AuthMethod.BASIC, None, None, True)),
        ([("Authorization", "Basic")], b"", (AuthMethod.BASIC, None, None, True)),
        ([("Authorization", "Basic !!!")], b"client_id=a&client_secret=b", (AuthMethod.BASIC, None, None, True)),
        ([("Authorization", "Basic YQ==")], b"", (AuthMethod.BASIC, None, None, True)),
        ([("Authorization", "Bearer x")], b"client_id=a&client_secret=b", (AuthMethod.BASIC, None, None, True)),
        ([basic("%zz:b")], b"", (AuthMethod.BASIC, None, None, True)),
        ([basic(":b")], b"", (AuthMethod.BASIC, None, None, True)),
        ([basic("a:b"), basic("a:b")], b"", (AuthMethod.BASIC, None, None, True)),
        ([basic("a:b")], b"client_id=a", (AuthMethod.BASIC, "a", "b", False)),
    ],
)
def test_what_a_request_says(kit, headers, body, expected):
    message = read(kit, BOTH, *headers, body=body)

    assert seen(message) == expected
    assert message.fault is None


@pytest.mark.parametrize(
    ("body", "field"), [(b"client_id=other", "client_id"), (b"client_id=a&client_secret=b", "client_secret")]
)
def test_a_second_way_is_a_fault_that_waits_for_the_client(kit, body, field):
    message = read(kit, BOTH, basic("a:b"), body=body)

    assert seen(message) == (AuthMethod.BASIC, "a", "b", False)
    assert (message.fault.cause, message.fault.field) == (Cause.MALFORMED, field)


def test_the_same_secret_under_two_names_of_one_body_is_one(kit):
    lines = 'read.client_id = "json.id"\nread.client_secret = ["json.key", "json.secret"]\n'
    same = read(kit, lines, body=b'{"id":"a","key":"b","secret":"b"}', kind="application/json")
    other = read(kit, lines, body=b'{"id":"a","key":"b","secret":"c"}', kind="application/json")

    assert seen(same) == (AuthMethod.POST, "a", "b", False)
    assert same.fault is None
    assert other.fault.cause is Cause.MALFORMED


@pytest.mark.parametrize("body", [b'{"id":1,"key":"b"}', b'{"id":"a","key":["b"]}', b'{"id":"a","key":{}}'])
def test_a_client_field_that_is_no_text_is_malformed_at_once(kit, body):
    lines = 'read.client_id = "json.id"\nread.client_secret = "json.key"\n'

    with pytest.raises(InvalidRequest) as found:
        read(kit, lines, body=body, kind="application/json")
    assert found.value.cause is Cause.MALFORMED


def test_a_client_that_only_names_itself(kit):
    lines = 'read.client_id = "form.client_id"\n'

    assert seen(read(kit, lines, body=b"client_id=a")) == (AuthMethod.NONE, "a", None, False)
    assert seen(read(kit, lines)) == (AuthMethod.BASIC, None, None, True)


def test_where_the_wire_carries_no_client(kit):
    assert seen(read(kit, "")) == (AuthMethod.NONE, None, None, False)
    optional = BOTH + 'client_by = ["client_secret", "public", "none"]\n'
    assert seen(read(kit, optional)) == (AuthMethod.NONE, None, None, False)
    assert seen(read(kit, optional, body=b"client_id=a")) == (AuthMethod.NONE, "a", None, False)


def test_old_headers_leave_the_scheme_out(kit):
    lines = """let.bare = "header.authorization | basic"
read.client_id = ["basic.user", "bare.user"]
read.client_secret = ["basic.password", "bare.password"]
"""
    assert seen(read(kit, lines, ("Authorization", "YTpi"))) == (AuthMethod.BASIC, "a", "b", False)
    assert seen(read(kit, lines, basic("a:b"))) == (AuthMethod.BASIC, "a", "b", False)
    assert seen(read(kit, lines, ("Authorization", "Basic YTpi="))) == (AuthMethod.BASIC, None, None, True)


def test_secrets_are_not_shown(kit):
    message = read(kit, BOTH, basic("a:hidden"))

    assert "hidden" not in repr(message)


API = BOTH + 'client_by = ["client_secret.api"]\n'


@pytest.mark.parametrize("body", [b"", b"client_id=a&client_secret=b", b"client_id=a"])
def test_a_secret_of_another_kind_says_so_also_where_it_is_missing(kit, body):
    assert read(kit, API, body=body).credentials.slot == "api"
    assert read(kit, BOTH, body=body).credentials.slot == ""


def test_a_secret_of_another_kind_is_read_as_the_plain_one_is(kit):
    assert seen(read(kit, API, basic("a:b"))) == (AuthMethod.BASIC, "a", "b", False)
    assert read(kit, API.replace('api"]', 'api", "public"]'), body=b"client_id=a").credentials.slot == ""


@pytest.mark.parametrize(
    ("ways", "words"),
    [
        ('["client_secret.API"]', "TH-D007 unknown way 'client_secret.API' (one of: client_secret, public, none, "),
        ('["client_secret."]', "TH-D007 unknown way 'client_secret.'"),
        ('["client_secret", "client_secret.api"]', "TH-D005 a choice between secrets is not supported"),
        ("[5]", "TH-D007 unknown way 5"),
    ],
)
def test_ways_that_are_none(kit, ways, words):
    [said] = kit.problems(kit.write(operation=kit.OPERATION + BOTH + f"client_by = {ways}\n" + kit.ANSWER))

    assert words in said


def test_a_slot_needs_its_secret(kit):
    lines = 'read.client_id = "form.client_id"\nclient_by = ["client_secret.api"]\n'
    [said] = kit.problems(kit.write(operation=kit.OPERATION + lines + kit.ANSWER))

    assert "TH-D032 the way client_secret needs the role client_secret" in said
