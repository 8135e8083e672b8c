"""A conversation: the order of judgement, and an answer to everything."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.exchange import HttpAnswer
from tokenhouse.protocol.messages import TokenResponse
from tokenhouse.protocol.names import AuthMethod
from tokenhouse.protocol.refusals import (
    Busy,
    Insecure,
    InvalidClient,
    InvalidRequest,
    Limited,
    Refusal,
    ServerFault,
    Unacceptable,
    UnsupportedGrantType,
    UnsupportedMediaType,
    WrongMethod,
)

TWO = """[operation.a]
route = "POST /token"
match.json.kind = ["a", "A"]
match.json.extra = false
does  = "client_credentials"
answer.json = "{}"
[operation.b]
route = "POST /token"
match.json.kind = "b"
does  = "static"
answer.json = '{ "b": "{{ read.device }}" }'
read.device = "json.device"
"""
READ = '[read]\nclient_id = "basic.user"\nclient_secret = "basic.password"\n'
JSON = ("content-type", "application/json")
BASIC = ("authorization", "Basic YTpi")


def talk(kit, text, body=b"{}", headers=(JSON, BASIC), **options):
    (route,) = {route.path: route for route in kit.load(text).mount(kit.SERVER)}.values()
    return route.codec.open(kit.request(headers=headers, body=body, **options))


@pytest.mark.parametrize(
    ("body", "operation", "cause", "field"),
    [
        (b'{"kind":"a"}', "a", None, None),
        (b'{"kind":"A"}', "a", None, None),
        (b'{"kind":"b","extra":1}', "b", None, None),
        (b'{"kind":"a","extra":"x"}', "", Cause.UNSUPPORTED, "extra"),
        (b'{"kind":"c"}', "", Cause.UNSUPPORTED, "kind"),
        (b"{}", "", Cause.MISSING, "kind"),
        (b'{"kind":null}', "", Cause.MISSING, "kind"),
        (b'{"kind":""}', "", Cause.MISSING, "kind"),
        (b'{"kind":1}', "", Cause.MALFORMED, "kind"),
        (b'{"kind":["a"]}', "", Cause.MALFORMED, "kind"),
    ],
)
def test_the_operation_is_chosen_and_the_client_is_read_all_the_same(kit, body, operation, cause, field):
    message = talk(kit, kit.write(head=head_with_client(kit), operation=TWO), body).read()

    assert message.operation == operation
    assert (message.credentials.method, message.credentials.client_id) == (AuthMethod.BASIC, "a")
    assert (message.fault and message.fault.cause) == cause
    assert (message.fault and message.fault.field) == field


def head_with_client(kit):
    return kit.HEAD.replace("[tokens.access]", READ + "[tokens.access]")


def test_unsupported_and_missing_are_refusals_of_their_own_class(kit):
    text = kit.write(operation=TWO)

    assert isinstance(talk(kit, text, b'{"kind":"c"}').read().fault, UnsupportedGrantType)
    assert isinstance(talk(kit, text).read().fault, InvalidRequest)


@pytest.mark.parametrize(
    ("headers", "body", "refusal"),
    [
        ((), b"{}", UnsupportedMediaType),
        ((("content-type", "text/plain"),), b"{}", UnsupportedMediaType),
        ((JSON, JSON), b"{}", InvalidRequest),
        ((("content-type", "application/json; charset=latin-1"),), b"{}", InvalidRequest),
        ((JSON,), b"", InvalidRequest),
        ((JSON,), b"[]", InvalidRequest),
        ((JSON,), b'{"a":1,"a":2}', InvalidRequest),
        ((JSON,), b'{"a":"\xff"}', InvalidRequest),
        ((("content-type", "application/x-www-form-urlencoded"),), b"a=%zz", InvalidRequest),
    ],
)
def test_what_cannot_be_read_is_refused_at_once(kit, headers, body, refusal):
    conversation = talk(kit, kit.write(), body, headers)

    with pytest.raises(refusal) as found:
        conversation.read()
    assert conversation.refuse(found.value).body == b'{"error":"no"}'


def test_nothing_is_looked_at_in_the_clear(kit):
    with pytest.raises(Insecure):
        talk(kit, kit.write(), b"no JSON", secure=False).read()


def test_an_open_operation_is_open_only_itself(kit):
    text = kit.write(operation=TWO.replace('does  = "static"', 'does = "static"\ntransport = "any"'))

    assert talk(kit, text, b'{"kind":"b"}', secure=False).read().operation == "b"
    with pytest.raises(Insecure):
        talk(kit, text, b'{"kind":"a"}', secure=False).read()


def test_an_operation_may_accept_less(kit):
    text = kit.write(
        operation=TWO.replace('does  = "static"', 'does = "static"\naccept = ["form"]\nmatch.form.x = "1"')
    )
    text = text.replace('read.device = "json.device"', 'read.device = "form.device"').replace(
        'match.json.kind = "b"\n', ""
    )
    form = (("content-type", "application/x-www-form-urlencoded"),)

    assert talk(kit, text, b"x=1&device=d", form).read().device == "d"
    assert talk(kit, text, b'{"kind":"a"}').read().operation == "a"
    assert talk(kit, text, b'{"x":"1"}').read().fault.cause is Cause.MISSING


def test_a_repeated_field_that_decides_is_malformed(kit):
    text = kit.write(operation=TWO.replace("json.kind", "form.kind").replace("json.", "form."))
    message = talk(kit, text, b"kind=a&kind=a", (("content-type", "application/x-www-form-urlencoded"),)).read()

    assert (message.fault.cause, message.fault.field) == (Cause.MALFORMED, "kind")


def test_a_refusal_is_answered_before_anything_was_read(kit):
    errors = kit.ERRORS.replace('"{{ error.code }}"', '"{{ error.code }} {{ error.status }}", "id": "{{ error.id }}"')
    answer = talk(kit, kit.write(errors=errors)).refuse(WrongMethod(Cause.WRONG_METHOD))

    assert answer == HttpAnswer(405, ((b"content-type", b"application/json"),), b'{"error":"no 405","id":"req-1"}')


def test_what_was_read_can_be_echoed_and_what_was_not_is_null(kit):
    errors = kit.ERRORS.replace('"{{ error.code }}"', '"{{ error.code }}", "who": {{ read.client_id }}')
    text = kit.write(head=head_with_client(kit), errors=errors)
    conversation = talk(kit, text)
    assert json.loads(conversation.refuse(InvalidClient(Cause.BAD_CLIENT)).body)["who"] is None
    conversation.read()
    assert json.loads(conversation.refuse(InvalidClient(Cause.BAD_CLIENT)).body)["who"] == "a"


@pytest.mark.parametrize("refusal", [Limited(Cause.LIMITED, retry_after=30), Busy(Cause.BUSY, retry_after=1)])
def test_a_refusal_says_when_to_come_back(kit, refusal):
    headers = dict(talk(kit, kit.write()).refuse(refusal).headers)

    assert headers[b"retry-after"] == b"%d" % refusal.retry_after


@pytest.mark.parametrize("cause", list(Cause))
def test_every_cause_has_an_answer(kit, cause):
    for name in ("mcs", "yindo", "rfc6749"):
        route = kit.shipped(name).mount(kit.SERVER)[0]
        answer = route.codec.open(kit.request(path=route.path)).refuse(Refusal(cause))
        assert answer.status >= 400
        assert answer.body


def test_a_template_that_cannot_be_finished_is_a_server_fault(kit):
    operation = kit.OPERATION + "answer.headers.X-A = '{{ read.device }}'\nread.device = 'json.d'\n"
    conversation = talk(kit, kit.write(operation=operation), b'{"d":"a\\nb"}')
    message = conversation.read()
    with pytest.raises(ServerFault):
        conversation.say(TokenResponse({}, (), message.now))
    assert conversation.refuse(ServerFault(Cause.SERVER_ERROR)).status == 500


def test_an_error_row_that_cannot_be_finished_ends_in_silence(kit):
    errors = kit.ERRORS.replace("[errors]", "[errors]\nstatus = 'length(request.path)'")

    assert talk(kit, kit.write(errors=errors)).refuse(InvalidRequest(Cause.MALFORMED)) == HttpAnswer(500, (), b"")


def test_an_expression_that_cannot_be_finished_is_a_server_fault(kit):
    operation = (
        kit.OPERATION + "read.device = \"json.d | pad_left(1000, 'x') | hex | hex | hex | hex | hex | hex | hex\"\n"
    )
    with pytest.raises(ServerFault):
        talk(kit, kit.write(operation=operation + kit.ANSWER), b'{"d":"a"}').read()


@given(
    st.binary(max_size=300),
    st.sampled_from(["application/json", "text/xml", "application/x-www-form-urlencoded", "", "a b"]),
)
def test_any_bytes_are_read_or_refused_in_the_contracts_shape(kit, body, kind):
    (route,) = kit.shipped("yindo").mount(kit.SERVER)
    conversation = route.codec.open(kit.request(headers=(("content-type", kind),), body=body))
    try:
        refusal = conversation.read().fault
    except Refusal as raised:
        refusal = raised
    if refusal is not None:
        assert set(json.loads(conversation.refuse(refusal).body)) == {"error", "error_description"}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
        max_leaves=4,
    ),
    st.sampled_from(["app_id", "app_secret", "app_key"]),
)
def test_a_role_is_text_or_it_is_refused(kit, value, field):
    (route,) = kit.shipped("blsct").mount(kit.SERVER)
    sent = {"app_id": "coupang", "app_secret": "s", field: value}
    conversation = route.codec.open(kit.request(headers=(JSON,), body=json.dumps(sent).encode()))
    try:
        message = conversation.read()
    except InvalidRequest as refusal:
        assert refusal.cause in {Cause.MALFORMED, Cause.TOO_LARGE}  # noqa: PT017 - either is fine
        return
    assert value is None or isinstance(value, str)
    assert message.credentials.client_id in {"coupang", value, None}


CALLS = """[operation.me]
route = "PUT /me"
does = "update"
match.header.x_version = "2"
read.new_email = "json.user.mail"
read.new_password = "json.user.secret"
check = [{ that = "json.user is defined", cause = "missing", field = "email" }]
answer.text = "ok"
"""
FIELD = "[errors]\njson = '\"{{ error.field }}\"'\ndefault = { status = 400 }\n"
VERSION = ("x-version", "2")


def say_field(kit, body, headers, refusal=None):
    (route,) = kit.load(kit.write(operation=CALLS, errors=FIELD)).mount(kit.SERVER)
    conversation = route.codec.open(kit.request("PUT", "/me", headers=(JSON, *headers), body=body))
    try:
        message = conversation.read()
    except Refusal as raised:
        return json.loads(conversation.refuse(raised).body)
    return json.loads(conversation.refuse(refusal or message.fault).body)


@pytest.mark.parametrize(
    ("said", "expected"), [("email", "user.mail"), ("password", "user.secret"), ("username", "username"), (None, "")]
)
def test_what_the_rooms_refuse_is_called_as_the_caller_calls_it(kit, said, expected):
    refusal = Unacceptable(Cause.UNACCEPTABLE, field=said)

    assert say_field(kit, b'{"user":{}}', (VERSION,), refusal) == expected


def test_what_the_wire_refuses_is_called_so_already(kit):
    assert say_field(kit, b"{}", (VERSION,)) == "email"
    assert say_field(kit, b'{"user":{"mail":5}}', (VERSION,)) == "user.mail"


def test_where_all_are_protected_calls_what_fits_none_is_refused_at_once(kit):
    assert say_field(kit, b"{}", ()) == "x-version"
    assert say_field(kit, b"{}", (("x-version", "3"),)) == "x-version"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["user", "username", "email_address", "password"]), inner, max_size=4)
        ),
        max_leaves=6,
    ),
    st.sampled_from([("PUT", "/v2/marketing/login/user"), ("POST", "/v2/marketing/login/users")]),
)
def test_any_profile_is_read_or_refused_in_the_contracts_shape(kit, value, place):
    (codec,) = [
        route.codec for route in kit.shipped("socialid").mount(kit.SERVER) if (route.method, route.path) == place
    ]
    headers = (JSON, ("authorization", "Bearer t"))
    conversation = codec.open(kit.request(*place, headers=headers, body=json.dumps({"user": value}).encode()))
    try:
        message = conversation.read()
        refusal, profile = message.fault, message.profile
    except InvalidRequest as raised:
        refusal, profile = raised, None
    if refusal is None:
        said = [profile.username, profile.email, profile.password and profile.password.reveal()]
        assert all(text in value.values() for text in said if text is not None)
    else:
        answer = json.loads(conversation.refuse(refusal).body)
        assert answer["error"] in {"bad_request", "missing_parameters", "unprocessable_entity"}
        assert all(set(error) == {"attribute", "message", "code"} for error in answer.get("errors", []))
