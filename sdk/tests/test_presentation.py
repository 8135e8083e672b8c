import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse_verify.compact import MAX_TOKEN_BYTES
from tokenhouse_verify.credential import Credential
from tokenhouse_verify.errors import InvalidRequest, MissingToken, Reason
from tokenhouse_verify.presentation import Presentation

STANDARD = Presentation()
BOTH = Presentation.standard(["Authorization", "Authorize"])


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
    assert BOTH.find([(b"host", b"x"), (name, value)]) == Credential("token", "abc.d-e_f~/+==")


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"cookie", b"Bearer abc")],
        [(b"authorization", b"")],
        [(b"authorize", b"")],
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
        [(b"authorization", b"Basic YTpi"), (b"authorization", b"Bearer abc")],
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
    assert len(STANDARD.find([(b"authorization", b"Bearer " + b"a" * MAX_TOKEN_BYTES)]).value) == MAX_TOKEN_BYTES
    with pytest.raises(InvalidRequest) as caught:
        STANDARD.find([(b"authorization", b"Bearer " + b"a" * (MAX_TOKEN_BYTES + 1))])
    assert caught.value.reason is Reason.TOO_LARGE


@pytest.mark.parametrize("headers", ["Authorization", [], [""], ["a b"], ["a:"], ["é"], ["a\r\n"]])
def test_names_that_are_none_are_a_mistake(headers):
    with pytest.raises(ValueError, match="header names"):
        Presentation.standard(headers)


@given(st.from_regex(r"\A[A-Za-z0-9._~+/-]{1,40}={0,2}\Z"), st.sampled_from(["Bearer ", "bearer   ", "BeArEr "]))
def test_every_token_is_found_as_it_was_presented(token, scheme):
    assert BOTH.find([(b"authorization", f"{scheme}{token}".encode())]).value == token
    assert BOTH.find([(b"authorize", f"{scheme}{token}".encode())]).value == token
    assert BOTH.find([(b"authorize", token.encode())]).value == token


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
        token = BOTH.find(headers).value
    except (MissingToken, InvalidRequest):
        return
    assert re.fullmatch(r"[A-Za-z0-9._~+/-]+=*", token)
    assert all(sum(name.lower() == one for name, _ in headers) <= 1 for one in (b"authorization", b"authorize"))
    assert sum(name.lower() != b"x" and token.encode() in value for name, value in headers) >= 1


CONTRACT = {
    "contract": "acme",
    "ways": [
        {"token": [{"header": "authorization", "scheme": "bearer"}]},
        {"client_id": [{"header": "app_id"}], "client_secret": [{"header": "app-secret"}]},
        {"device_key": [{"header": "devicekey"}], "device": [{"query": "device"}]},
        {"token": [{"query": "access_token"}]},
    ],
    "errors": {"default": {"status": 418, "headers": {"content-type": "text/plain"}, "body": "no"}},
}
ACME = Presentation.load(CONTRACT)
OTHER = Presentation.load(
    {"contract": "other", "ways": [{"token": [{"header": "x-token"}]}, {"token": [{"header": "x-key"}]}]}
)


@pytest.mark.parametrize(
    ("headers", "query", "credential"),
    [
        ([(b"authorization", b"Bearer {a}")], b"", Credential("token", "{a}", None, "acme")),
        ([(b"App-Id", b"x y"), (b"app_secret", b"s")], b"", Credential("client_secret", "s", "x y", "acme")),
        ([(b"devicekey", b"k")], b"a=b&device=d%201", Credential("device_key", "k", "d 1", "acme")),
        ([], b"access_token=t", Credential("token", "t", None, "acme")),
        (
            [(b"devicekey", b"k"), (b"app-id", b"x"), (b"authorization", b"Basic YTpi")],
            b"device=d",
            Credential("device_key", "k", "d", "acme"),
        ),
        (
            [(b"authorization", b"Bearer t"), (b"app-id", b"x"), (b"devicekey", b"k")],
            b"",
            Credential("token", "t", None, "acme"),
        ),
    ],
)
def test_each_way_of_a_contract(headers, query, credential):
    assert ACME.find(headers, query) == credential


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ([(b"app-id", b"x")], b""),
        ([(b"app-secret", b"s")], b""),
        ([(b"app-id", b"x"), (b"app-secret", b"")], b""),
        ([(b"devicekey", b"k")], b""),
        ([], b"device=d"),
        ([], b"access_token="),
        ([], b"Access_Token=t"),
    ],
)
def test_half_a_way_is_none(headers, query):
    with pytest.raises(MissingToken):
        ACME.find(headers, query)


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ([(b"authorization", b"Bearer t")], b"access_token=t"),
        ([(b"authorization", b"Bearer t"), (b"app-id", b"x"), (b"app-secret", b"s")], b""),
        ([(b"app-id", b"x"), (b"app_id", b"x"), (b"app-secret", b"s")], b""),
        ([(b"app-id", b"x"), (b"app-secret", b"s"), (b"devicekey", b"k")], b"device=d"),
        ([], b"access_token=t&access_token=t"),
    ],
)
def test_two_ways_of_a_contract_are_refused(headers, query):
    with pytest.raises(InvalidRequest) as caught:
        ACME.find(headers, query)
    assert caught.value.reason is Reason.REPEATED


def test_several_contracts_beside_each_other():
    both = STANDARD.beside(ACME, OTHER)
    assert both.contracts == ("standard", "acme", "other")
    assert both.kinds == {"token", "client_secret", "device_key"}
    assert (both.has_words, STANDARD.has_words, OTHER.has_words) == (True, False, False)
    assert both.find([(b"authorization", b"Bearer t")]).contract == "standard"
    assert ACME.beside(STANDARD).find([(b"authorization", b"Bearer t")]).contract == "acme"
    assert both.find([(b"x-token", b"t")]).contract == "other"
    for headers, query in [
        ([(b"x-token", b"t"), (b"authorization", b"Bearer t")], b""),
        ([(b"x-token", b"t"), (b"x-key", b"t")], b""),
        ([(b"x-token", b"t")], b"access_token=t"),
    ]:
        with pytest.raises(InvalidRequest):
            both.find(headers, query)
    with pytest.raises(ValueError, match="named once"):
        both.beside(OTHER)


def test_a_header_that_is_named_twice_is_one():
    twice = Presentation.standard(["Authorization", "authorization", "X-Key", "x_key"])
    assert twice.find([(b"x-key", b"t")]).value == "t"


def test_who_is_refused_in_whose_words():
    both = STANDARD.beside(ACME)
    refusal = MissingToken()
    answer = both.answer(refusal, realm="r", request_id="1")
    assert (answer.status, dict(answer.headers)["WWW-Authenticate"]) == (401, 'Bearer realm="r"')
    assert ACME.answer(refusal, request_id="1").body == b"no"
    answer = both.answer(refusal, contract="acme")
    assert (answer.status, answer.body) == (418, b"no")
    assert both.answer(refusal, contract="nobody's").status == 401
    assert OTHER.answer(MissingToken()).status == 401
