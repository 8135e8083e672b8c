import pytest

from tokenhouse.wire.dialect import facts
from tokenhouse.wire.dialect.complaint import Complaint
from tokenhouse.wire.dialect.values import ABSENT, Kind

SCHEMA = {"id": Kind.TEXT, "plan": {"name": Kind.TEXT, "list": Kind.LIST}}


def resolve(*path):
    return facts.resolve_fact(("user", *path), lambda env: env, SCHEMA)


@pytest.mark.parametrize(
    ("path", "env", "expected"),
    [
        (("id",), {"id": "1"}, "1"),
        (("id",), {"id": None}, ABSENT),
        (("id",), {}, ABSENT),
        (("id",), None, ABSENT),
        (("plan", "name"), {"plan": {"name": "n"}}, "n"),
        (("plan", "name"), {"plan": {"name": None}}, ABSENT),
        (("plan", "name"), {"plan": "odd"}, ABSENT),
        (("plan", "name"), None, ABSENT),
        (("plan",), {"plan": {"name": "n"}}, {"name": "n"}),
    ],
)
def test_a_fact_is_there_or_absent(path, env, expected):
    assert resolve(*path).run(env) == expected


def test_kinds_and_what_is_left_of_a_path():
    assert resolve("id").kind is Kind.TEXT
    assert resolve("plan").kind is Kind.OBJECT
    assert (resolve("plan", "list", 0).used, resolve("plan", "list", 0).kind) == (3, Kind.LIST)


@pytest.mark.parametrize("path", [(), ("idd",), ("plan", "nme")])
def test_what_is_no_fact(path):
    with pytest.raises(Complaint):
        resolve(*path)


def test_a_token_needs_a_name():
    with pytest.raises(Complaint):
        facts.resolve_token(("tokens",), {"access": {}})


def test_nothing_of_an_account_is_built_into_errors():
    assert set(facts.ERROR_FACTS) == {
        "cause",
        "status",
        "reason",
        "field",
        "fields",
        "description",
        "retry_after",
        "id",
    }


def test_no_secret_is_a_fact():
    named = {name for owner in facts.BUILT_IN.values() for name in owner}

    assert not named & {"secret", "password", "key_secret", "password_hash"}
