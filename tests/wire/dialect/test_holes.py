import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.wire.dialect.complaint import Code, Complaint
from tokenhouse.wire.dialect.holes import Hole, Workshop, compile_text, find_hole, merge, split_holes, text_run
from tokenhouse.wire.dialect.stages import Names, Stage
from tokenhouse.wire.dialect.values import OMIT, Fault

SCOPE = Names(captures={"a": "1", "b": "x"}).at(Stage.EXAMPLE)


def compiled(text, **options):
    complaints = []
    return compile_text(text, Workshop(SCOPE, complaints.append, **options)), complaints


@pytest.mark.parametrize(
    ("text", "source", "end"),
    [
        ("{{ a }}", " a ", 7),
        ("{{ {'k': {'l': 1}} }} b", " {'k': {'l': 1}} ", 21),
        ("{{ '}}' }}", " '}}' ", 10),
        ("{{ 'it\\'s' }}", " 'it\\'s' ", 13),
        ('{{ "}}" }}', ' "}}" ', 10),
    ],
)
def test_a_hole_ends_where_its_expression_does(text, source, end):
    assert find_hole(text, 0) == (Hole(source, 2), end)


def test_no_hole_opens_here():
    assert find_hole("a{{ b }}", 0) is None


@pytest.mark.parametrize(("text", "offset"), [("ab{{ c", 2), ("a }} b", 2), ("{{ 'a }}", 0)])
def test_braces_that_do_not_match(text, offset):
    with pytest.raises(Complaint) as found:
        list(split_holes(text))

    assert (found.value.code, found.value.offset) == (Code.BRACES, offset)


@given(
    st.lists(st.text("ab {}'", max_size=5).filter(lambda t: "{{" not in t and "}}" not in t), min_size=2, max_size=5)
)
def test_text_is_split_at_its_holes(pieces):
    pieces = [piece.strip("{}") for piece in pieces]
    parts = list(split_holes("{{ a }}".join(pieces)))

    assert "".join("#" if isinstance(part, Hole) else part for part in parts) == "#".join(pieces)


def test_constants_are_written_at_load():
    found, complaints = compiled("v{{ 1 }}.{{ 'x' }}")

    assert found.constant
    assert found.run(None) == "v1.x"
    assert complaints == []


def test_a_lone_hole_may_leave_the_text_out():
    assert compiled("{{ omit }}")[0].run(None) is OMIT
    assert compiled("{{ a or omit }}")[0].run(None) == "1"
    assert compiled("")[0].run(None) == ""


def test_a_strict_text_has_no_gaps():
    found, _ = compiled("{{ a | after(':') }}", strict=True)

    with pytest.raises(Fault):
        found.run(None)
    assert compiled("{{ a | after(':') }}")[0].run(None) == ""


@pytest.mark.parametrize("text", ["{{ c }}", "{{ a", "{{ }}", "{{ if a }}", "{{ [a] }}", "x" * 70000, "x {{ a }} }}"])
def test_a_mistake_is_reported_once(text):
    _, complaints = compiled(text)

    assert len(complaints) == 1


def test_a_token_that_is_not_carried_is_reported_unless_guarded():
    scope = Names(tokens={"access": {}}).at(Stage.ANSWER)
    complaints = []
    workshop = Workshop(scope, complaints.append, carried=frozenset())
    workshop.expression(Hole("tokens.access or omit", 0))
    with workshop.inside(guard=workshop.condition(Hole("if tokens.access", 0))):
        workshop.expression(Hole("tokens.access", 0))
    assert complaints == []
    workshop.expression(Hole("tokens.access.expires_in", 0))
    assert [complaint.code for complaint in complaints] == [Code.TOKEN_NOT_CARRIED]


def test_a_condition_that_is_none_is_reported():
    complaints = []
    workshop = Workshop(SCOPE, complaints.append)
    assert workshop.condition(Hole(" if zz", 10)).run(None) is not None
    assert [complaint.offset for complaint in complaints] == [14]


def test_parts_are_merged():
    assert merge(["a", "b", "", len, "c"]) == ["ab", len, "c"]
    assert text_run([])(None) == ""
    assert text_run(["a", str, "b"])(1) == "a1b"
