"""The dialect ``rfc6749`` beside the hand-written standard codec: the same message, the same bytes.

Two differences are known and kept: a call with a query, or with a client field twice, is refused by the standard codec
before anything else; and where several things are wrong at once, the two may name another one first.
"""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.protocol.refusals import Refusal
from tokenhouse.wire.standard import StandardCodec

FORM = ("content-type", "application/x-www-form-urlencoded")


def outcome(codec, request):
    talk = codec.open(request)
    try:
        message = talk.read()
    except Refusal as refusal:
        return talk.refuse(refusal)
    if credentials(message) == "nobody":
        return "nobody"  # is refused before any fault
    if message.fault is not None:
        return talk.refuse(message.fault), credentials(message)
    asked = (message.grant_type, message.scope, message.identifier, message.password and message.password.reveal())
    return (*asked, message.token and message.token.reveal(), credentials(message))


def credentials(message):
    found = message.credentials
    if found.malformed or found.client_id is None:
        return "nobody"
    return (found.method, found.client_id, found.secret and found.secret.reveal())


def basic(user, password):
    return ("authorization", "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode())


@pytest.fixture(scope="session")
def twins(kit):
    (route,) = kit.shipped("rfc6749").mount(kit.SERVER)
    return route.codec, StandardCodec()


VALUES = st.sampled_from(["", "x", "a b", "é", "%2B+", "read write", "read  write", '"'])
HEADERS = st.sampled_from([
    (), (basic("id", "secret"),), (basic("id", ""),), (basic("i%20d", "s+t"),), (basic("%zz", "x"),),
    (("authorization", "Basic !"),), (("authorization", "Bearer x"),), (basic("id", "a"), basic("id", "a")),
])  # fmt: skip
GRANTS = st.sampled_from(["client_credentials", "password", "refresh_token"])
FIELDS = st.dictionaries(
    st.sampled_from(["username", "password", "refresh_token", "scope", "client_id", "client_secret", "other"]), VALUES
)


@given(GRANTS, FIELDS, HEADERS)
def test_the_same_message_and_the_same_bytes(kit, twins, grant, fields, headers):
    from urllib.parse import urlencode

    body = urlencode({"grant_type": grant, **fields}).encode()
    request = kit.request(path="/oauth2/token", headers=(FORM, *headers), body=body)

    dialect, standard = (outcome(codec, request) for codec in twins)
    assert dialect == standard


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", b"grant_type=magic"),
        ("application/x-www-form-urlencoded", b"grant_type="),
        ("application/x-www-form-urlencoded", b""),
        ("application/x-www-form-urlencoded", b"a=%zz"),
        ("application/x-www-form-urlencoded", b"a=\xff"),
        ("application/x-www-form-urlencoded", b"grant_type=client_credentials&other=1&other=2"),
        ("application/json", b"{}"),
        ("a b", b"grant_type=password"),
    ],
)
def test_what_is_wrong_is_said_alike(kit, twins, kind, body):
    request = kit.request(path="/oauth2/token", headers=(("content-type", kind), basic("id", "secret")), body=body)
    dialect, standard = (outcome(codec, request) for codec in twins)

    if b"magic" in body:  # the standard codec leaves the judgement to the corridor, with the same words
        from tokenhouse.protocol.causes import Cause
        from tokenhouse.protocol.refusals import UnsupportedGrantType

        talk = twins[1].open(request)
        standard = (talk.refuse(UnsupportedGrantType(Cause.UNSUPPORTED)), standard[-1])
    assert dialect == standard


def test_every_refusal_looks_alike(kit, twins):
    from tokenhouse.protocol import refusals
    from tokenhouse.protocol.causes import Cause

    pairs = [
        (refusals.InvalidRequest, Cause.MALFORMED), (refusals.WrongMethod, Cause.WRONG_METHOD),
        (refusals.UnsupportedMediaType, Cause.UNSUPPORTED_MEDIA), (refusals.TooLarge, Cause.TOO_LARGE),
        (refusals.InvalidClient, Cause.UNKNOWN_CLIENT), (refusals.InvalidGrant, Cause.WRONG_PASSWORD),
        (refusals.InvalidGrant, Cause.REVOKED_TOKEN), (refusals.UnauthorizedClient, Cause.NOT_ALLOWED),
        (refusals.UnsupportedGrantType, Cause.UNSUPPORTED), (refusals.InvalidScope, Cause.BAD_SCOPE),
        (refusals.Insecure, Cause.INSECURE), (refusals.Limited, Cause.LIMITED), (refusals.Busy, Cause.BUSY),
        (refusals.ServerFault, Cause.SERVER_ERROR),
    ]  # fmt: skip
    for kind, cause in pairs:
        refusal = kind(cause, retry_after=3 if kind in {refusals.Limited, refusals.Busy} else None)
        dialect, standard = (codec.open(kit.request(path="/oauth2/token")).refuse(refusal) for codec in twins)
        assert (dialect.status, dialect.body) == (standard.status, standard.body), kind
        assert sorted(dialect.headers) == sorted(standard.headers), kind
