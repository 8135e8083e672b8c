import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse_verify.compact import MAX_TOKEN_BYTES
from tokenhouse_verify.credential import Credential
from tokenhouse_verify.errors import InvalidRequest, Reason
from tokenhouse_verify.ways import MAX_PARAMETERS, MAX_VALUE_BYTES, Place, Source, Way, header, read_places

TOKEN = header("x-token")
QUERY = Place("query", "token")
COOKIE = Place("cookie", "sid")


@pytest.mark.parametrize(
    ("source", "value", "read"),
    [
        (Source(TOKEN), "Bearer a", "Bearer a"),
        (Source(TOKEN, scheme="bearer"), "Bearer a", "a"),
        (Source(TOKEN, scheme="bearer"), "bEARER   a", "a"),
        (Source(TOKEN, scheme="bearer"), "Bearer", ""),
        (Source(TOKEN, scheme="bearer"), "Basic a", None),
        (Source(TOKEN, scheme="bearer"), "a", None),
        (Source(TOKEN, strip="Bearer "), "Bearer Bearer a", "Bearer a"),
        (Source(TOKEN, strip="Bearer "), "a", "a"),
        (Source(TOKEN, strip="Bearer "), "bearer a", "bearer a"),
    ],
)
def test_how_a_value_is_spelled(source, value, read):
    assert source.read(value) == read


def test_only_what_is_wanted_is_read():
    headers = [(b"X_Token", b" \tt "), (b"other", b"\xff"), (b"cookie", b"a=1; sid=c=d ;sid2=x"), (b"Cookie", b"b")]
    query = b"a=%zz&&token=%41+b&x"
    assert read_places(frozenset({TOKEN, QUERY, COOKIE}), headers, query) == {
        TOKEN: "t",
        COOKIE: "c=d",
        QUERY: "A b",
    }
    assert read_places(frozenset({TOKEN}), headers, query) == {TOKEN: "t"}


@pytest.mark.parametrize(
    ("headers", "query", "reason"),
    [
        ([(b"x-token", b"a"), (b"x_token", b"a")], b"", Reason.REPEATED),
        ([(b"cookie", b"sid=a; sid=b")], b"", Reason.REPEATED),
        ([(b"cookie", b"sid=a"), (b"cookie", b"sid=b")], b"", Reason.REPEATED),
        ([], b"token=a&%74oken=a", Reason.REPEATED),
        ([(b"x-token", b"a" * (MAX_TOKEN_BYTES + 65))], b"", Reason.TOO_LARGE),
        ([], b"&" * MAX_PARAMETERS, Reason.TOO_LARGE),
        ([(b"cookie", b";" * MAX_PARAMETERS)], b"", Reason.TOO_LARGE),
    ],
)
def test_what_is_repeated_or_too_much_is_refused(headers, query, reason):
    with pytest.raises(InvalidRequest) as caught:
        read_places(frozenset({TOKEN, QUERY, COOKIE}), headers, query)
    assert caught.value.reason is reason


def test_nobody_counts_fields_that_nobody_wants():
    assert read_places(frozenset({TOKEN}), [(b"cookie", b";" * 999)], b"&" * 999) == {}


def test_alternatives_may_say_the_same():
    way = Way({"token": (Source(TOKEN, scheme="bearer"), Source(TOKEN), Source(QUERY))}, "acme")
    assert way.find({TOKEN: "Bearer a"}).credential == Credential("token", "a", None, "acme")
    assert way.find({TOKEN: "a"}).places == {TOKEN}
    assert way.find({TOKEN: "a", QUERY: "a"}).places == {TOKEN, QUERY}
    assert way.find({QUERY: ""}) is None
    with pytest.raises(InvalidRequest) as caught:
        way.find({TOKEN: "a", QUERY: "b"})
    assert caught.value.reason is Reason.REPEATED


@pytest.mark.parametrize(
    ("role", "value", "reason"),
    [
        ("token", "a b", Reason.MALFORMED),
        ("token", "é", Reason.MALFORMED),
        ("token", "a" * (MAX_TOKEN_BYTES + 1), Reason.TOO_LARGE),
        ("device_key", "a\x7f", Reason.MALFORMED),
        ("device_key", "a\r\n", Reason.MALFORMED),
        ("device_key", "a" * (MAX_VALUE_BYTES + 1), Reason.TOO_LARGE),
    ],
)
def test_a_value_that_cannot_be_one(role, value, reason):
    with pytest.raises(InvalidRequest) as caught:
        Way({role: (Source(TOKEN),)}, "acme").find({TOKEN: value})
    assert caught.value.reason is reason


def test_a_way_knows_its_kind_and_its_places():
    way = Way({"device": (Source(QUERY),), "device_key": (Source(TOKEN),)}, "acme")
    assert (way.kind, way.places) == ("device_key", {QUERY, TOKEN})
    assert way.find({TOKEN: "k"}) is None
    assert way.find({TOKEN: "k", QUERY: "d"}).credential == Credential("device_key", "k", "d", "acme")


_NAME = st.sampled_from([b"x-token", b"cookie", b"x"])
_VALUE = st.binary(max_size=30) | st.sampled_from([b"sid=a", b"sid", b"a; sid=b"])


@given(st.lists(st.tuples(_NAME, _VALUE), max_size=4), st.binary(max_size=30) | st.sampled_from([b"token=a"]))
def test_any_request_is_read_or_refused(headers, query):
    wanted = frozenset({TOKEN, QUERY, COOKIE})
    try:
        found = read_places(wanted, headers, query)
    except InvalidRequest:
        return
    assert found.keys() <= wanted
