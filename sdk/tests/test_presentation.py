import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse_verify.compact import MAX_TOKEN_BYTES
from tokenhouse_verify.errors import InvalidRequest, MissingToken, Reason
from tokenhouse_verify.presentation import Presentation

STANDARD = Presentation()
BOTH = Presentation(["Authorization", "Authorize"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (b"authorization", b"Bearer abc.d-e_f~/+=="),
        (b"Authorization", b"bearer abc.d-e_f~/+=="),
        (b"authorization", b"BEARER  abc.d-e_f~/+== \t"),
        (b"authorize", b"abc.d-e_f~/+=="),
        (b"Authorize", b"Bearer abc.d-e_f~/+=="),
    ],
)
def test_the_token_and_nothing_around_it(name, value):
    assert BOTH.find([(b"host", b"x"), (name, value)]) == "abc.d-e_f~/+=="


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"cookie", b"Bearer abc")],
        [(b"authorization", b"")],
        [(b"authorization", b"Basic YTpi")],
        [(b"authorization", b"abc")],
        [(b"authorization", b"Bearerabc")],
        [(b"authorization", b"Bearer\tabc")],
        [(b"proxy-authorization", b"Bearer abc")],
    ],
)
def test_nothing_for_us(headers):
    with pytest.raises(MissingToken):
        STANDARD.find(headers)


def test_a_header_that_was_not_named_is_not_read():
    with pytest.raises(MissingToken):
        STANDARD.find([(b"authorize", b"Bearer abc")])


@pytest.mark.parametrize(
    "headers",
    [
        [(b"authorization", b"Bearer abc"), (b"authorization", b"Bearer abc")],
        [(b"authorization", b"Bearer abc"), (b"Authorization", b"Bearer def")],
        [(b"authorization", b"Bearer abc"), (b"authorize", b"abc")],
        [(b"authorization", b"Basic YTpi"), (b"authorize", b"abc")],
        [(b"authorization", b""), (b"authorize", b"abc")],
    ],
)
def test_two_presentations_are_refused(headers):
    with pytest.raises(InvalidRequest) as caught:
        BOTH.find(headers)
    assert caught.value.reason is Reason.REPEATED


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (b"authorization", b"Bearer"),
        (b"authorization", b"Bearer "),
        (b"authorization", b"Bearer Bearer abc"),
        (b"authorization", b"Bearer abc, Bearer def"),
        (b"authorization", b"Bearer abc def"),
        (b"authorization", b"Bearer =abc"),
        (b"authorization", b"Bearer a\x00b"),
        (b"authorization", b"Bearer \xc3\xa9"),
        (b"authorization", b"Bearer abc\n"),
        (b"authorize", b""),
        (b"authorize", b"Bearer Bearer abc"),
        (b"authorize", b"Basic YTpi"),
        (b"authorize", b"Bearer\tabc"),
    ],
)
def test_what_is_no_token_is_refused(name, value):
    with pytest.raises(InvalidRequest) as caught:
        BOTH.find([(name, value)])
    assert caught.value.reason is Reason.MALFORMED


def test_the_limit_of_the_size():
    assert len(STANDARD.find([(b"authorization", b"Bearer " + b"a" * MAX_TOKEN_BYTES)])) == MAX_TOKEN_BYTES
    with pytest.raises(InvalidRequest) as caught:
        STANDARD.find([(b"authorization", b"Bearer " + b"a" * (MAX_TOKEN_BYTES + 1))])
    assert caught.value.reason is Reason.TOO_LARGE


@pytest.mark.parametrize("headers", ["Authorization", [], [""], ["a b"], ["a:"], ["é"], ["a\r\n"]])
def test_names_that_are_none_are_a_mistake(headers):
    with pytest.raises(ValueError, match="header names"):
        Presentation(headers)


@given(st.from_regex(r"\A[A-Za-z0-9._~+/-]{1,40}={0,2}\Z"), st.sampled_from(["Bearer ", "bearer   ", "BeArEr "]))
def test_every_token_is_found_as_it_was_presented(token, scheme):
    assert BOTH.find([(b"authorization", f"{scheme}{token}".encode())]) == token
    assert BOTH.find([(b"authorize", f"{scheme}{token}".encode())]) == token
    assert BOTH.find([(b"authorize", token.encode())]) == token


_PART = st.sampled_from([b"Bearer", b"bearer", b" ", b"\t", b"abc", b"a.b.c", b"=", b",", b"\x00", b"\xff", b"Basic"])


@given(
    st.lists(
        st.tuples(
            st.sampled_from([b"authorization", b"AUTHORIZE", b"x"]),
            st.binary(max_size=20) | st.lists(_PART, max_size=6).map(b"".join),
        ),
        max_size=3,
    )
)
def test_any_headers_give_one_token_or_a_refusal(headers):
    try:
        token = BOTH.find(headers)
    except (MissingToken, InvalidRequest):
        return
    assert re.fullmatch(r"[A-Za-z0-9._~+/-]+=*", token)
    assert sum(name.lower() != b"x" for name, _ in headers) == 1
