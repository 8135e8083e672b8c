"""Ways to call an API: which are there, how a token is found, and what is refused at load and at a call."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import InvalidRequest
from tokenhouse.wire.dialect import load
from tokenhouse.wire.dialect.values import ABSENT
from tokenhouse.wire.dialect.view import View

EITHER = """[present]
ways = [
  { token = "auth.bearer" },
  { token = "header.authorize | strip_prefix('Bearer ') | default(header.authorize)" },
  { client_id = "header.appid", client_secret = "header.appsecret" },
  { device = "header.device", device_key = "header.devicekey" },
]
"""


@pytest.fixture(scope="module")
def either(kit):
    return kit.load(kit.write(more=EITHER)).presentation


@pytest.fixture(scope="module")
def view(kit):
    return lambda *headers, **more: View(kit.request(headers=headers, **more), kit.SERVER)


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ([], ABSENT),
        ([("Authorization", "Bearer t1")], "t1"),
        ([("AUTHORIZATION", "bEARER t1")], "t1"),
        ([("Authorization", "Bearer Bearer t1")], "Bearer t1"),
        ([("Authorization", "Basic dDE6")], ABSENT),
        ([("Authorization", "Bearer ")], ABSENT),
        ([("Authorize", "Bearer t1")], "t1"),
        ([("Authorize", "t1")], "t1"),
        ([("Authorize", "bearer t1")], "bearer t1"),
        ([("Authorize", "")], ABSENT),
        ([("AppId", "a"), ("AppSecret", "s")], ABSENT),
        ([("Authorization", "Bearer t1"), ("AppId", "a")], "t1"),
        ([("Authorization", "Bearer t1"), ("Device", "d")], "t1"),
    ],
)
def test_the_token_of_a_call_is_found(either, view, headers, found):
    assert either.find(view(*headers)) == found


@pytest.mark.parametrize(
    "headers",
    [
        [("Authorization", "Bearer t1"), ("Authorize", "t1")],
        [("Authorization", "Bearer t1"), ("Authorize", "Bearer t2")],
        [("Authorization", "Bearer t1"), ("Authorization", "Bearer t1")],
        [("Authorization", "Bearer t1"), ("Authorization", "Basic dDE6")],
        [("Authorize", "t1"), ("Authorize", "t1")],
        [("Authorization", "Bearer t1"), ("AppId", "a"), ("AppSecret", "s")],
        [("Authorization", "Bearer t1"), ("Device", "d"), ("DeviceKey", "k")],
        [("AppId", "a"), ("AppSecret", "s"), ("Device", "d"), ("DeviceKey", "k")],
        [("Authorization", "Bearer t1"), ("AppId", "a"), ("AppId", "a")],
        [("Authorize", "t\x01")],
        [("Authorize", "t" * 9000)],
    ],
)
def test_two_ways_at_once_or_one_repeated_is_malformed(either, view, headers):
    with pytest.raises(InvalidRequest) as refused:
        either.find(view(*headers))
    assert refused.value.public_cause in {Cause.MALFORMED, Cause.TOO_LARGE}


def test_nothing_of_a_call_is_left_where_an_error_row_could_say_it(either, view):
    seen = view(("AppId", "a"), ("AppSecret", "s"))
    either.find(seen)
    assert seen.read == {}


def test_what_a_contract_is_called_with(kit, either):
    assert either.presents == {"token", "client_secret", "device_key"}
    assert either.has_token
    plain = kit.load(kit.write())
    assert plain.presentation.presents == plain.contract.presents == {"token"}
    assert not plain.presentation.has_token
    assert kit.shipped("mcs").contract.presents == {"token", "client_secret", "device_key"}


def test_a_file_without_ways_finds_nothing(kit, view):
    assert kit.load(kit.write()).presentation.find(view(("Authorization", "Bearer t1"))) is ABSENT


def test_several_sources_of_a_role_are_aliases(kit, view):
    more = "[present]\nways = [{ token = ['header.a', 'header.b'] }]\n"
    find = kit.load(kit.write(more=more)).presentation.find
    assert find(view(("a", "t"))) == find(view(("b", "t"))) == find(view(("a", "t"), ("b", "t"))) == "t"
    with pytest.raises(InvalidRequest):
        find(view(("a", "t"), ("b", "u")))


def test_a_place_that_is_no_text_is_malformed(kit):
    more = "[present]\nways = [{ token = 'json.token' }]\n"
    dialect = kit.load(kit.write(more=more))
    seen = View(kit.request(headers=(("content-type", "application/json"),), body=b'{"token": 17}'), kit.SERVER)
    dialect.operations[0].reading.read(seen)
    with pytest.raises(InvalidRequest) as refused:
        dialect.presentation.find(seen)
    assert refused.value.field == "token"


@pytest.mark.parametrize(
    "way", ["header | pick(['authorization'])", "bare", "basic.user", "header['Authorization'] | lower"]
)
def test_a_repeated_authorization_header_is_seen_through_everything(kit, view, way):
    more = f'[let]\nbare = "header.authorization"\n[present]\nways = [{{ token = "{way}" }}]\n'
    if "pick" in way:
        more = more.replace(way, way + " | json")
    find = kit.load(kit.write(more=more)).presentation.find
    with pytest.raises(InvalidRequest):
        find(view(("Authorization", "a"), ("Authorization", "b")))


@pytest.mark.parametrize(
    ("ways", "said"),
    [
        ("[]", "16:1: TH-D004 a contract has one way at least"),
        ("[{}]", "16:9: TH-D032 a way needs one of the roles token, client_secret, device_key"),
        ("[{ client_id = 'header.a' }]", "16:9: TH-D032 a way needs one of the roles"),
        ("[{ client_secret = 'header.a' }]", "16:11: TH-D032 client_secret needs client_id beside it"),
        ("[{ token = 'header.a', client_id = 'header.b' }]", "16:31: TH-D005 client_id beside token is not supported"),
        ("[{ token = 'header.a', device_key = 'header.b' }]", "16:31: TH-D005 device_key beside token"),
        ("['token']", "16:9: TH-D003 a way is a table from roles to expressions"),
        ("[{ token = 'header.a', otp = 'header.b' }]", "16:31: TH-D005 otp is not supported by this version yet"),
        ("[{ token = 'header.a', client_by = ['sign'] }]", "16:31: TH-D005 client_by is not supported"),
        ("[{ device_kee = 'header.a' }]", "16:11: TH-D033 unknown role 'device_kee' (did you mean \"device_key\"?)"),
        ("[{ password = 'header.a' }]", "16:11: TH-D033 unknown role 'password'"),
        ("[{ token = 'heder.a' }]", "TH-D012 unknown name 'heder' (did you mean \"header\"?)"),
        ("[{ token = [] }]", "16:11: TH-D003 a role needs an expression or a list of them"),
        ("[{ token = 17 }]", "16:11: TH-D003 an expression is a text"),
        ("[{ token = 'now' }]", "TH-D014 a time in text"),
        ("[{ device_key = 'query.key' }]", "16:11: TH-D034 device_key in the address needs"),
        ("[{ token = 'query.token' }]", "16:11: TH-D034 token in the address needs `url_secrets = true`"),
    ],
)
def test_what_is_no_way_is_pointed_at(kit, ways, said):
    problems = kit.problems(kit.write(more=f"[present]\nways = {ways}\n"))
    assert any(said in problem for problem in problems), problems


def test_a_secret_in_the_address_is_said_on_purpose(kit, view):
    more = "[present]\nways = [{ token = 'query.token' }]\n"
    dialect = kit.load(kit.write(head=kit.HEAD.replace("accept", "url_secrets = true\naccept"), more=more))
    assert dialect.presentation.find(view(query="token=t")) == "t"


_NAME = st.sampled_from(["Authorization", "Authorize", "AppId", "AppSecret", "Device", "DeviceKey", "Other"])
_VALUE = st.one_of(st.sampled_from(["Bearer t", "bearer  t", "Bearer", "Basic YTpi", "t", ""]), st.text(max_size=12))


@given(headers=st.lists(st.tuples(_NAME, _VALUE), max_size=5))
def test_whatever_a_caller_sends_ends_with_a_token_nothing_or_a_refusal(headers):
    _whatever(headers)


def _whatever(headers):
    from datetime import UTC, datetime

    from tokenhouse.protocol.exchange import HttpRequest
    from tokenhouse.protocol.refusals import Refusal

    raw = tuple((name.lower().encode(), value.encode()) for name, value in headers)
    request = HttpRequest("GET", "/", "", raw, b"", "r", datetime(2020, 1, 1, tzinfo=UTC), "", "h", True, {})
    try:
        found = ANY.find(View(request, {}))
    except Refusal:
        return
    assert found is ABSENT or (isinstance(found, str) and found)


ANY = load(
    'dialect = "1"\nname = "x"\ntitle = "X"\n[tokens.access]\nform = "{hex:64}"\nttl = "1h"\n'
    '[operation.a]\nroute = "POST /a"\ndoes = "static"\nanswer.text = "a"\n'
    '[errors]\ntext = "no"\ndefault = {}\n' + EITHER,
    "x.toml",
).presentation
