"""Who sees what: the table of the language, name by name."""

import pytest

from tokenhouse.wire.dialect.complaint import Code, Complaint
from tokenhouse.wire.dialect.scope import Compiled
from tokenhouse.wire.dialect.stages import Names, Stage
from tokenhouse.wire.dialect.values import Kind

NAMES = Names(
    attributes={"user": {"plan": {"name": Kind.TEXT}}},
    lets={"mine": Compiled(lambda _: "m", Kind.TEXT)},
    roles=frozenset({"device", "scope"}),
    tokens={"access": {}},
    variables={"code": Compiled(lambda _: 7, Kind.INT)},
    captures={"cap": "c"},
    row="bad_client",
)
R, C, A, E, T, X = Stage
SEEN = [
    ("json.a", {R, C, A, E}),
    ("request.path", {R, C, A, E}),
    ("now", {R, C, A, E, T}),
    ("mine", {R, C, A, E}),
    ("server.issuer", {R, C, A, E, T}),
    ("read.device", {C, A, E}),
    ("client.id", {A, T}),
    ("user.plan.name", {A, T}),
    ("session.key", {A, T}),
    ("granted.scope", {A, T}),
    ("granted.audience", {A, T}),
    ("user.roles", {A, T}),
    ("user.locked", {A, T}),
    ("tokens.access", {A}),
    ("token.id", {T}),
    ("key.kid", {T}),
    ("error.code", {E}),
    ("error.status", {E}),
    ("client.secret", set()),
    ("user.password", set()),
    ("read.password", set()),
    ("tenant.id", set()),
]


@pytest.mark.parametrize(("name", "stages"), SEEN, ids=[name for name, _ in SEEN])
@pytest.mark.parametrize("stage", list(Stage))
def test_a_name_is_seen_where_the_table_says(name, stages, stage):
    scope = NAMES.at(stage)
    if stage in stages:
        assert scope.resolve(tuple(name.split("."))).used >= 1
    else:
        with pytest.raises(Complaint):
            scope.resolve(tuple(name.split(".")))


def test_captures_are_seen():
    assert NAMES.at(Stage.EXAMPLE).resolve(("cap",)).run(None) == "c"


def test_what_is_said_of_a_name_that_is_not_seen():
    def complaint(stage, *path):
        with pytest.raises(Complaint) as found:
            NAMES.at(stage).resolve(path)
        return found.value

    assert complaint(Stage.REQUEST, "user", "id").message == "user cannot be seen while the request is read"
    assert complaint(Stage.ANSWER, "tenant", "id").code is Code.NOT_YET
    assert "mine" in complaint(Stage.ANSWER, "mina").hint
    assert complaint(Stage.ERROR, "error", "cod").hint == 'did you mean "code"?'
    assert "the row bad_client" in complaint(Stage.ERROR, "error").message
    assert complaint(Stage.CHECK, "read").code is Code.UNKNOWN_NAME


def test_a_scope_is_a_list_and_variables_keep_their_kind():
    assert NAMES.at(Stage.CHECK).resolve(("read", "scope")).kind is Kind.LIST
    assert NAMES.at(Stage.ERROR).resolve(("error", "code")).kind is Kind.INT
    assert NAMES.at(Stage.ERROR).every(("query", "a")) is not None
    assert NAMES.at(Stage.TOKEN).every(("query", "a")) is None
