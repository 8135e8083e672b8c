"""The shipped dialects: they load, read the documented requests and say the documented bytes."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.protocol.contract import LockoutPolicy, OpaqueForm, SignedForm
from tokenhouse.protocol.messages import Identifier
from tokenhouse.protocol.names import AuthMethod, IdentifierKind, TokenUse

NAMES = ["blsct", "mcs", "rfc6749", "socialid", "yindo"]


@pytest.mark.parametrize("name", NAMES)
def test_every_example_of_a_shipped_dialect_holds(kit, name):
    diffs = kit.replay(kit.shipped(name))

    assert {example: diff for example, diff in diffs.items() if diff} == {}
    assert len(diffs) >= 8


def test_every_shipped_file_is_tested(kit):
    assert sorted(path.stem for path in kit.DIALECTS.glob("*.toml")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_dialect_warns_of_nothing(kit, name):
    assert kit.shipped(name).warnings == ()


def test_the_documented_login_is_read_as_it_was_meant(kit):
    core = kit.Core(kit.shipped("mcs"))
    example = core.dialect.examples[0]
    from tokenhouse.wire.dialect.examples import read_request

    message = core.routes["POST", "/oauth/login/thirdparty"].open(kit.as_http(read_request(example.request, {}))).read()

    assert message.fault is None
    assert message.grant_type == "password"
    assert message.operation == "login"
    assert message.identifier == Identifier(IdentifierKind.EMAIL, "MCSuser@mediatek.com")
    assert message.password.reveal() == "123456789"
    assert message.credentials.method is AuthMethod.BASIC
    assert message.credentials.client_id == "BuMgS2MPK5Z6nqWhVsyV"
    assert message.credentials.secret.reveal() == "o1uBjWTzuqbaMnQzSmDp5UhR6M33NOhb3YL0b1YK"
    assert message.issues == ("user", "access")


def test_the_documented_token_has_header_and_claims_in_order(kit):
    dialect = kit.shipped("blsct")
    (plan,) = dialect.contract.tokens
    assert isinstance(plan.form, SignedForm)
    core = kit.Core(dialect)
    answer = core.exchange(
        kit.request(
            path="/oauth/token/get",
            headers=(("Content-Type", "application/json"),),
            body=b'{"app_id":"coupang","app_secret":"coupangTest"}',
        )
    )

    body = json.loads(answer.body)
    assert list(body) == ["appId", "accessToken", "expiresIn", "statusCode", "errMsg"]
    assert body["accessToken"].startswith("Bearer eyJ")
    assert body["expiresIn"] == 3600
    assert answer.headers == ((b"content-type", b"application/json"),)


def test_the_contract_is_what_the_file_says(kit):
    contract = kit.shipped("socialid").contract

    assert contract.grants == {"password", "refresh_token", "client_credentials", "named_subject", "assertion"}
    assert contract.lockout == LockoutPolicy(5, timedelta(minutes=15))
    assert set(contract.credentials) == {"client_id", "client_secret", "api_secret", "user_id"}
    assert [plan.name for plan in contract.tokens] == ["access", "refresh"]
    assert contract.plan(TokenUse.REFRESH).ttl is None
    assert contract.plan(TokenUse.ACCESS).form == OpaqueForm("0123456789abcdef", 64)
    assert contract.session.refresh == "rotate"


def test_a_session_policy_is_handed_on(kit):
    session = kit.shipped("yindo").contract.session

    assert (session.per, session.limit) == (("user",), 10)


def test_guesses_are_listed_with_their_lines(kit):
    dialect = kit.shipped("yindo")
    lines = (kit.DIALECTS / "yindo.toml").read_text().splitlines()

    assert dialect.guesses
    assert all("# guess" in lines[line - 1] for line, _ in dialect.guesses)
    assert "the document shows no number" in [text for _, text in dialect.guesses]


def test_samples_do_not_show_their_secrets(kit):
    assert "coupangTest" not in repr(kit.shipped("blsct"))


def test_one_route_for_each_method_and_path(kit):
    routes = kit.shipped("mcs").mount(kit.SERVER)

    assert {(route.method, route.path) for route in routes} == {
        ("POST", "/oauth/login/thirdparty"),
        ("POST", "/oauth/login/thirdpart"),
        ("POST", "/oauth/login/thirdparty/refresh"),
        ("POST", "/oauth/login/thirdpart/refresh"),
    }


def say_user(kit, user_id):
    core = kit.Core(kit.shipped("socialid"))
    core.access["t"] = (core.dialect.samples.clients[0], {"id": user_id, "username": "u"})
    request = kit.request("GET", "/v2/marketing/login/user", headers=(("Authorization", "Bearer t"),))
    return core.exchange(request)


@given(st.text(max_size=70) | st.integers(0, 10**70).map(str))
def test_a_person_of_any_id_can_be_shown_and_is_told_apart(kit, user_id):
    answer = say_user(kit, user_id)

    assert answer.status == 200
    said = json.loads(answer.body)["id"]
    assert str(said) == user_id.encode("utf-8", "replace").decode() if isinstance(said, str) else str(said) == user_id


@pytest.mark.parametrize(("user_id", "said"), [("123", 123), ("0", 0), ("007", "007"), ("-1", -1), ("us_1", "us_1")])
def test_an_id_of_digits_is_a_number_unless_that_would_be_another_id(kit, user_id, said):
    assert json.loads(say_user(kit, user_id).body)["id"] == said


def test_what_protected_calls_answer_has_no_body_where_none_is_documented(kit):
    core = kit.Core(kit.shipped("socialid"))
    core.access["t"] = (core.dialect.samples.clients[0], core.users[0])
    answer = core.exchange(
        kit.request("PUT", "/v2/marketing/login/user/unlock", headers=(("Authorization", "Bearer t"),))
    )

    assert (answer.status, answer.headers, answer.body) == (200, ((b"status", b"200"),), b"")
