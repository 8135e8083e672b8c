from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.wire.dialect import collection_functions as many
from tokenhouse.wire.dialect.values import ABSENT

OBJECTS = st.dictionaries(st.text(max_size=5), st.integers(), max_size=6)


@given(OBJECTS, st.lists(st.text(max_size=5), max_size=4))
def test_pick_and_without_part_an_object(members, names):
    assert {**many.pick(members, names), **many.without(members, names)} == members
    assert list(many.without(members, [])) == list(members)


@given(
    st.lists(st.integers(0, 5) | st.text("ab", max_size=1) | st.booleans() | st.lists(st.integers(0, 1), max_size=1))
)
def test_unique_keeps_the_first_of_each(items):
    kept = many.unique(items)

    spelled = [(type(item).__name__, repr(item)) for item in items]
    assert [(type(item).__name__, repr(item)) for item in kept] == list(dict.fromkeys(spelled))


@given(OBJECTS)
def test_an_object_is_put_in_order(members):
    assert list(many.in_order(members).items()) == sorted(members.items())
    assert many.values(members) == list(members.values())


def test_lists_are_put_in_order_if_they_are_of_one_kind():
    assert many.in_order([3, 1]) == [1, 3]
    assert many.in_order(("b", "a")) == ["a", "b"]
    assert many.in_order([]) == []
    assert many.in_order([1, "a"]) is ABSENT
    assert many.in_order([True, 1]) is ABSENT
    assert many.in_order("ba") is ABSENT


def test_ends_and_tables():
    assert many.first([]) is ABSENT
    assert many.last([]) is ABSENT
    assert many.lookup("a", {"a": 1}) == 1
    assert many.lookup("b", {"a": 1}) is ABSENT
    assert many.lookup(["a"], {"a": 1}, 2) == 2
    assert many.make_object(["a", 1, "b"], 0) == {"a": 0, "b": 0}
    assert many.pairs({"a": 1, "b": None}, "=", "&") == "a=1&b="
