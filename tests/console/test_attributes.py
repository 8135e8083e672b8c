from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.console.attributes import require_declared
from tokenhouse.console.errors import Unusable
from tokenhouse.protocol.contract import Contract

KINDS = {
    "nickname": "text",
    "age": "int",
    "vip": "bool",
    "since": "time",
    "tags": "list",
    "extra": "object",
    "plan": {"name": "text", "quota": "int"},
}
CONTRACT = Contract(name="acme", title="", tokens=(), attributes={"user": KINDS})

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@pytest.mark.parametrize(
    "given_",
    [
        {},
        {"nickname": "A", "age": 1, "vip": True, "since": "2026-01-31T12:00:00Z", "tags": ["a"], "extra": {"x": 1}},
        {"plan": {"name": "free", "quota": 10}},
        {"plan": {}},
        {"nickname": None, "plan": None},
    ],
)
def test_declared_attributes_pass(given_):
    require_declared("user", given_, [CONTRACT])


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        ({"nickame": "A"}, 'no attribute "nickame"'),
        ({"plan": {"qota": 1}}, 'no attribute "plan.qota"'),
        ({"plan": {"quota": "1"}}, '"plan.quota" must be a whole number'),
        ({"plan": "free"}, '"plan" is an object'),
        ({"nickname": 1}, "must be a text"),
        ({"age": True}, "must be a whole number"),
        ({"age": 2**63}, "must be a whole number"),
        ({"age": 1.0}, "must be a whole number"),
        ({"vip": 1}, "must be true or false"),
        ({"since": "yesterday"}, "must be a time"),
        ({"since": "2026-01-31T12:00:00"}, "must be a time"),
        ({"tags": "a"}, "must be a list"),
        ({"extra": []}, "must be an object"),
    ],
)
def test_others_are_refused(given_, message):
    with pytest.raises(Unusable) as caught:
        require_declared("user", given_, [CONTRACT])
    assert message in caught.value.message


def test_the_nearest_name_is_told():
    with pytest.raises(Unusable) as caught:
        require_declared("user", {"nickame": "A"}, [CONTRACT])
    assert caught.value.hint == 'did you mean "nickname"?'
    with pytest.raises(Unusable) as caught:
        require_declared("user", {"zzzz": "A"}, [CONTRACT])
    assert caught.value.hint.startswith("known: nickname")


@given(st.dictionaries(st.text(), JSON))
def test_where_nothing_is_declared_everything_passes(given_):
    require_declared("user", given_, [])
    require_declared("client", given_, [CONTRACT])


@given(st.dictionaries(st.sampled_from(sorted(KINDS)), JSON))
def test_any_value_passes_or_is_refused(given_):
    plain = {"nickname": str, "age": int, "vip": bool, "since": str, "tags": list, "extra": dict, "plan": dict}
    outright_wrong = any(value is not None and not isinstance(value, plain[name]) for name, value in given_.items())
    with pytest.raises(Unusable) if outright_wrong else suppress(Unusable):
        require_declared("user", given_, [CONTRACT])
