from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.wire.dialect.scope import NOTHING, member, walk
from tokenhouse.wire.dialect.values import ABSENT

VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=1), inner, max_size=3),
    max_leaves=6,
)


@given(VALUES, st.lists(st.sampled_from(["a", "b", "", 0, 1, -1, 99]), max_size=4).map(tuple))
def test_a_path_leads_somewhere_or_nowhere(value, path):
    found = walk(value, path)
    step = value
    for key in path:
        step = member(step, key)
    assert found is step or found == step


def test_members():
    assert member({"a": 1}, "a") == 1
    assert member({"a": 1}, 0) is ABSENT
    assert member([1, 2], -2) == 1
    assert member([1, 2], -3) is ABSENT
    assert member("ab", 0) is ABSENT
    assert walk({}, ()) == {}
    assert NOTHING.run(None) is ABSENT
