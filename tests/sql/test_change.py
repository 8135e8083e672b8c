from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.sql.change import Change, encode_json, insert


def test_an_insert_names_its_columns_and_parameters():
    change = insert("tenant", {"name": "a", "enabled": 1})
    assert change == Change("INSERT INTO tenant (name, enabled) VALUES (:name, :enabled)", {"name": "a", "enabled": 1})
    assert not change.decides


def test_an_insert_that_may_lose_says_on_which_columns():
    change = insert("client", {"tenant": "a"}, decides=True, unique="tenant, client_id")
    assert change.text.endswith(" ON CONFLICT (tenant, client_id) DO NOTHING")
    assert change.decides


json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
)


@given(json)
def test_json_of_a_column_comes_back(value):
    text = encode_json(value)
    assert isinstance(text, str)
    assert msgspec.json.decode(text) == value
