from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.codec import Codec, Conversation
from tokenhouse.protocol.exchange import HttpRequest
from tokenhouse.protocol.messages import Identifier, IssuedToken, TokenResponse
from tokenhouse.protocol.names import AuthMethod, IdentifierKind, TokenUse
from tokenhouse.protocol.refusals import (
    InvalidClient,
    InvalidRequest,
    InvalidScope,
    InvalidTarget,
    Refusal,
    UnsupportedMediaType,
)
from tokenhouse.wire.standard import StandardCodec

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HEADERS = (
    (b"content-type", b"application/x-www-form-urlencoded"),
    (b"authorization", b"Basic " + b64encode(b"app:s3cret")),
)


def conversation(body, headers=HEADERS) -> Conversation:
    codec: Codec = StandardCodec()
    return codec.open(
        HttpRequest("POST", "/oauth2/token", "", headers, body, "req-1", NOW, source="192.0.2.7", secure=True)
    )


def read(body):
    return conversation(body).read()


def say(*tokens, scope=()):
    return conversation(b"").say(TokenResponse({token.name: token for token in tokens}, scope, NOW))


def token(name, use, value, lifetime):
    return IssuedToken(name, use, value, NOW, None if lifetime is None else NOW + timedelta(seconds=lifetime))


ACCESS = token("access_token", TokenUse.ACCESS, "at-1", 3600)
REFRESH = token("refresh_token", TokenUse.REFRESH, "rt-1", None)


def test_client_credentials_are_read():
    message = read(b"grant_type=client_credentials&scope=read+write+read&username=ignored")

    assert message.grant_type == "client_credentials"
    assert (message.credentials.method, message.credentials.client_id) == (AuthMethod.BASIC, "app")
    assert (message.id, message.now, message.source) == ("req-1", NOW, "192.0.2.7")
    assert message.scope == ("read", "write")
    assert message.fault is message.identifier is message.password is message.token is None


def test_a_password_login_is_read():
    message = read(b"grant_type=password&username=John+D%C3%B6&password=+p%26w+")

    assert message.identifier == Identifier(IdentifierKind.LOGIN, "John Dö")
    assert message.password.reveal() == " p&w "
    assert message.fault is message.scope is message.token is None


def test_a_refresh_is_read():
    message = read(b"grant_type=refresh_token&refresh_token=rt-1&password=ignored")

    assert message.token.reveal() == "rt-1"
    assert message.fault is message.password is message.identifier is None


def test_an_unknown_grant_type_is_judged_elsewhere():
    message = read(b"grant_type=urn%3Aexample%3Aunknown&password=x")

    assert message.grant_type == "urn:example:unknown"
    assert message.fault is message.password is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "grant_type"),
        (b"grant_type=", "grant_type"),
        (b"scope=%22", "grant_type"),
        (b"grant_type=password&password=x", "username"),
        (b"grant_type=password&username=x", "password"),
        (b"grant_type=password&username=x&password=", "password"),
        (b"grant_type=refresh_token", "refresh_token"),
        (b"grant_type=refresh_token&refresh_token=", "refresh_token"),
    ],
)
def test_what_is_missing_is_said_after_the_client_has_proven_itself(body, field):
    message = read(body)

    assert message.credentials.client_id == "app"
    assert isinstance(message.fault, InvalidRequest)
    assert (message.fault.cause, message.fault.field) == (Cause.MISSING, field)


@pytest.mark.parametrize("scope", [b"%22", b"a++b", b"+a", b"%C3%A9", b"a%0Ab", b"a%5C"])
def test_a_malformed_scope_is_a_fault(scope):
    message = read(b"grant_type=client_credentials&scope=" + scope)

    assert isinstance(message.fault, InvalidScope)
    assert (message.fault.cause, message.fault.field, message.scope) == (Cause.BAD_SCOPE, "scope", None)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", ()),
        (b"&resource=", ()),
        (b"&resource=https%3A%2F%2Fa", ("https://a",)),
        (b"&resource=https%3A%2F%2Fa&resource=urn:b&resource=&resource=https://a", ("https://a", "urn:b")),
    ],
)
def test_resources_are_read_each_once(body, expected):
    message = read(b"grant_type=client_credentials" + body)

    assert message.resources == expected
    assert message.fault is None


@pytest.mark.parametrize("body", [b"&resource=a", b"&resource=https://a%23b", b"&resource=urn:a&resource=/b"])
def test_a_resource_that_is_none_is_a_fault(body):
    message = read(b"grant_type=client_credentials" + body)

    assert isinstance(message.fault, InvalidTarget)
    assert (message.fault.cause, message.fault.field) == (Cause.BAD_AUDIENCE, "resource")


def test_more_resources_than_can_be_meant_are_a_fault():
    body = b"grant_type=client_credentials" + b"".join(b"&resource=urn:%d" % number for number in range(9))

    assert isinstance(read(body).fault, InvalidTarget)
    assert read(body.removesuffix(b"&resource=urn:8")).fault is None


def test_what_else_is_wrong_is_said_first():
    assert read(b"grant_type=refresh_token&resource=a").fault.field == "refresh_token"


def test_a_repeated_parameter_is_a_fault_even_if_nobody_reads_it():
    assert read(b"grant_type=client_credentials&x=1&x=2").fault.field == "x"
    assert read(b"grant_type=client_credentials&grant_type=client_credentials").fault.field == "grant_type"


def test_what_cannot_be_read_at_all_is_raised():
    with pytest.raises(UnsupportedMediaType):
        conversation(b"{}", ((b"content-type", b"application/json"),)).read()
    with pytest.raises(InvalidRequest):
        read(b"grant_type=%zz")


def test_the_smallest_answer():
    answer = say(ACCESS)

    assert (answer.status, answer.headers) == (200, ((b"content-type", b"application/json"),))
    assert answer.body == b'{"access_token":"at-1","token_type":"Bearer","expires_in":3600}'


def test_the_largest_answer():
    assert say(REFRESH, ACCESS, scope=("read", "write")).body == (
        b'{"access_token":"at-1","token_type":"Bearer","expires_in":3600,"refresh_token":"rt-1","scope":"read write"}'
    )


def test_a_token_that_does_not_expire_has_no_lifetime():
    assert say(token("t", TokenUse.ACCESS, "at", None)).body == b'{"access_token":"at","token_type":"Bearer"}'


def test_a_contract_without_an_access_token_is_a_mistake_of_ours():
    with pytest.raises(AssertionError):
        say(REFRESH)


def test_a_refusal_is_said_before_anything_was_read():
    answer = conversation(b"").refuse(InvalidClient(Cause.WRONG_SECRET))

    assert (answer.status, answer.headers[-1][0]) == (401, b"www-authenticate")


def test_no_secret_is_seen_in_a_message():
    message = read(b"grant_type=password&username=john&password=pa55word")

    assert "pa55word" not in repr(message)
    assert "s3cret" not in repr(message)


@given(
    st.binary(max_size=80)
    | st.lists(
        st.tuples(
            st.sampled_from(
                [
                    "grant_type",
                    "username",
                    "password",
                    "refresh_token",
                    "scope",
                    "client_id",
                    "client_secret",
                    "resource",
                ]
            ),
            st.sampled_from(["password", "refresh_token", "client_credentials", "", "%22", "a+b", "%zz", "app"]),
        )
    ).map(lambda pairs: "&".join(map("=".join, pairs)).encode()),
    st.booleans(),
)
def test_any_body_is_read_or_refused(body, with_client):
    talk = conversation(body, HEADERS if with_client else HEADERS[:1])
    try:
        fault = talk.read().fault
    except Refusal as refusal:
        fault = refusal
    assert fault is None or talk.refuse(fault).status == 400
