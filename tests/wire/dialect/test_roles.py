import pytest

from tokenhouse.protocol.names import IdentifierKind
from tokenhouse.protocol.refusals import InvalidRequest, InvalidScope, Refusal
from tokenhouse.wire.dialect.roles import COMMON, LATER, ROLES, SECRETS, Role, roots_of
from tokenhouse.wire.dialect.scope import Compiled
from tokenhouse.wire.dialect.values import ABSENT, OMIT, Kind
from tokenhouse.wire.dialect.view import View


def read(kit, name, *values):
    sources = tuple(Compiled(lambda _, value=value: value, Kind.ANY, place=f"p{i}") for i, value in enumerate(values))
    view = View(kit.request(), {})
    return Role(name, sources).read(view), view.read


@pytest.mark.parametrize("value", [ABSENT, OMIT, None, ""])
def test_what_counts_as_absent(kit, value):
    assert read(kit, "device", value) == (ABSENT, {})
    assert read(kit, "device", value, "x") == ("x", {"device": "x"})


@pytest.mark.parametrize("value", [1, 1.5, True, [], {}, ["x"], b"x", "a\x00", "\ud800", "x" * 9000])
def test_what_is_no_text(kit, value):
    with pytest.raises(Refusal) as found:
        read(kit, "device", value)
    assert found.value.field == "p0"


def test_aliases(kit):
    assert read(kit, "device", "x", "x")[0] == "x"
    with pytest.raises(InvalidRequest) as found:
        read(kit, "device", "x", "y")
    assert found.value.field == "p1"


@pytest.mark.parametrize(("value", "scope"), [("a b", ["a", "b"]), ("a a", ["a"]), (["a", "b"], ["a", "b"]), ([], [])])
def test_a_scope_is_a_list(kit, value, scope):
    assert read(kit, "scope", value)[0] == scope


@pytest.mark.parametrize("value", [" a", "a  b", 'a"', "é", 5, {}, [1], [" "]])
def test_what_is_no_scope(kit, value):
    with pytest.raises(InvalidScope):
        read(kit, "scope", value)


def test_roots_are_found_through_names_of_the_file():
    lets = {
        "a": Compiled(len, Kind.ANY, frozenset({"query.x"})),
        "b": Compiled(len, Kind.ANY, frozenset({"a", "json.y"})),
    }

    assert roots_of(Compiled(len, Kind.ANY, frozenset({"b.c", "header.z"})), lets) == {"query", "json", "header"}


def test_the_tables_of_roles():
    assert {kind.value for kind in IdentifierKind} <= ROLES
    assert COMMON < ROLES
    assert SECRETS < ROLES
    assert not LATER & ROLES


def test_a_role_without_a_place_is_called_by_its_name():
    assert Role("device", (Compiled(len, Kind.ANY),)).field == "device"


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("md5(json.d)", "bytes in text: write `| hex`"),
        ("json.d | int", "device takes text, not integer: write `| text`"),
        ("now", "a time in text"),
        ("json.d | split(' ')", "a list in text"),
    ],
)
def test_what_can_never_be_text_is_refused_at_load(kit, expression, words):
    [said] = kit.problems(kit.write(operation=f'{kit.OPERATION}read.device = "{expression}"\n{kit.ANSWER}'))
    assert "TH-D014" in said
    assert words in said


def test_scopes_may_be_a_list(kit):
    assert kit.problems(kit.write(operation=f"{kit.OPERATION}read.scope = \"json.s | split(',')\"\n{kit.ANSWER}")) == []
