"""Custom claims: a closed list of sources, reserved names, bounds.

Spec: RFC 9068 §2.2.
"""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.model.records import Account, Client, Resource
from tokenhouse.tokens.mapping import MOST_BYTES, MOST_CLAIMS, RESERVED, SOURCES, combined, fault_of, mapped

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
ANN = Account(
    "t",
    "us_1",
    "ann",
    "ann@example.com",
    None,
    "Ann",
    "$argon2id$secret",
    AT,
    attributes={"plan": {"name": "free", "calls": 3}, "tags": ["a"], "none": None, "password": "an attribute"},
    roles=("ops", "admin"),
    email_verified_at=AT,
)
APP = Client("t", "app", "App", (), (), (), (), AT, attributes={"owner": "Bob"}, claims={"tier": "= gold"})


def resource(name, **claims):
    return Resource("t", f"https://{name}.example", name, AT, claims=claims)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("user.id", "us_1"),
        ("user.username", "ann"),
        ("user.email", "ann@example.com"),
        ("user.email_verified", True),
        ("user.name", "Ann"),
        ("user.roles", ["ops", "admin"]),
        ("user.attributes.plan.name", "free"),
        ("user.attributes.plan", {"name": "free", "calls": 3}),
        ("user.attributes.tags", ["a"]),
        ("client.id", "app"),
        ("client.name", "App"),
        ("client.attributes.owner", "Bob"),
        ("= gold", "gold"),
        ("=gold = silver", "gold = silver"),
    ],
)
def test_a_source_is_a_fact_or_a_text(source, expected):
    assert fault_of({"x": source}) is None
    assert mapped({"x": source}, APP, ANN) == {"x": expected}


@pytest.mark.parametrize(
    "source",
    ["user.phone", "user.groups", "user.attributes.none", "user.attributes.plan.name.x", "client.attributes.x"],
)
def test_what_is_absent_is_left_out(source):
    assert fault_of({"x": source}) is None
    assert mapped({"x": source}, APP, ANN) == {}


def test_without_a_person_only_the_client_and_texts_are_said():
    sources = {"a": "user.id", "b": "client.id", "c": "= c", "d": "user.attributes.plan"}
    assert mapped(sources, APP, None) == {"b": "app", "c": "c"}


def test_an_address_that_was_not_proven_is_said_to_be_so():
    unproven = msgspec.structs.replace(ANN, email_verified_at=None)
    nobody = msgspec.structs.replace(ANN, email=None)
    assert mapped({"x": "user.email_verified"}, APP, unproven) == {"x": False}
    assert mapped({"x": "user.email_verified"}, APP, nobody) == {}


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        *(({name: "user.id"}, f'the claim "{name}" is reserved') for name in sorted(RESERVED)),
        ({"": "user.id"}, "no name of a claim"),
        ({"1a": "user.id"}, "no name of a claim"),
        ({"a b": "user.id"}, "no name of a claim"),
        ({"a" * 101: "user.id"}, "no name of a claim"),
        ({"x": "user.password"}, "no source"),
        ({"x": "user"}, "no source"),
        ({"x": "user.attributes."}, "no source"),
        ({"x": "user.attributes"}, "no source"),
        ({"x": "user.attributes.a..b"}, "no source"),
        ({"x": "user.attributes" + ".a" * 9}, "no source"),
        ({"x": "tenant.name"}, "no source"),
        ({"x": "client.roles"}, "no source"),
        ({"x": "gold"}, "no source"),
        ({"x": "="}, "no source"),
        ({"x": "= a\nb"}, "no source"),
        ({"x": "=" + "a" * 200}, "no source"),
        ({f"x{n}": "user.id" for n in range(MOST_CLAIMS + 1)}, f"more than {MOST_CLAIMS}"),
    ],
)
def test_what_cannot_be_mapped_is_refused_with_its_reason(claims, words):
    assert words in fault_of(claims)


def test_every_source_that_is_listed_is_one():
    assert all(fault_of({"x": source}) is None for source in SOURCES)
    assert "user.password" not in SOURCES


def test_a_reserved_name_is_never_said_even_if_it_was_stored():
    assert mapped({"sub": "= forged", "x": "= y"}, APP, ANN) == {"x": "y"}


def test_a_source_of_a_later_version_says_nothing():
    assert mapped({"x": "user.shoe_size"}, APP, ANN) == {}


def test_a_resource_speaks_over_the_client_and_two_that_disagree_say_nothing():
    assert combined(APP, ()) == {"tier": "= gold"}
    free = resource("a", tier="= free", org="client.name")
    assert combined(APP, [free]) == {"tier": "= free", "org": "client.name"}
    assert combined(APP, [free, resource("b", tier="= paid", org="client.name")]) == {"org": "client.name"}
    assert combined(APP, [free, resource("b")]) == {"tier": "= free", "org": "client.name"}


def test_too_much_is_left_out():
    big = msgspec.structs.replace(ANN, attributes={"big": "x" * MOST_BYTES, "half": "y" * (MOST_BYTES // 2)})
    sources = {"big": "user.attributes.big", "a": "user.attributes.half", "b": "user.attributes.half", "c": "= c"}
    assert list(mapped(sources, APP, big)) == ["a", "c"]


_Facts = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(
    st.dictionaries(st.text(max_size=20), st.sampled_from(SOURCES) | st.text(max_size=30), max_size=8),
    st.dictionaries(st.sampled_from(["NAME", "a", "b"]), _Facts, max_size=3),
)
def test_whatever_is_stored_a_token_stays_bounded_json_without_a_secret(sources, attributes):
    claims = mapped(sources, APP, msgspec.structs.replace(ANN, attributes=attributes))
    text = msgspec.json.encode(claims)
    assert len(text) <= 2 * MOST_BYTES
    assert b"argon2id" not in text
    assert not RESERVED & claims.keys()
