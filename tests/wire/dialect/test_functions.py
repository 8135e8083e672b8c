"""Every function by its own example; every function given what it does not take."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokenhouse.wire.dialect.calls import compile_call
from tokenhouse.wire.dialect.complaint import Code, Complaint
from tokenhouse.wire.dialect.expressions import compile_expression
from tokenhouse.wire.dialect.functions import FUNCTIONS, LATER, SPECIAL
from tokenhouse.wire.dialect.scope import Compiled
from tokenhouse.wire.dialect.stages import Names, Stage
from tokenhouse.wire.dialect.values import ABSENT, Fault, Kind, Marker

SCOPE = Names().at(Stage.EXAMPLE)

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=20)
    | st.binary(max_size=20)
    | st.datetimes()
    | st.just(ABSENT),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=6,
)


@pytest.mark.parametrize("row", FUNCTIONS.values(), ids=FUNCTIONS)
def test_the_example_of_a_function_holds(row):
    expression, expected = row.example

    assert row.name in expression or row.name == "from_iso8601"
    assert compile_expression(expression, SCOPE).run(None) == expected
    assert row.doc


@pytest.mark.parametrize("row", FUNCTIONS.values(), ids=FUNCTIONS)
@settings(max_examples=20)
@given(data=st.data())
def test_a_function_gives_its_kind_or_nothing_whatever_it_is_given(row, data):
    given_values = [data.draw(VALUES) for _ in row.takes]
    call = compile_call(row.name, [Compiled(lambda _, value=value: value, Kind.ANY) for value in given_values])

    try:
        result = call.run(None)
    except Fault:
        return
    expected = {Kind.TEXT: str, Kind.BYTES: bytes, Kind.INT: int, Kind.BOOL: bool, Kind.LIST: list, Kind.OBJECT: dict}
    assert isinstance(result, (Marker, expected.get(row.gives, object)))


def test_names_are_in_one_table_only():
    assert not LATER & FUNCTIONS.keys()
    assert not set(SPECIAL) & FUNCTIONS.keys()


@pytest.mark.parametrize("name", sorted(LATER))
def test_a_function_of_a_later_version_says_so(name):
    with pytest.raises(Complaint) as found:
        compile_expression(f"{name}('a')", SCOPE)

    assert found.value.code is Code.NOT_YET
