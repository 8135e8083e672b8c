"""From an ``[operation.NAME]`` table to a compiled operation.

Spec: the dialect language, section 4; section 12 for what is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tokenhouse.wire.dialect.answers import Answer, AnswerSetting, Styles, compile_answer
from tokenhouse.wire.dialect.checks import compile_checks
from tokenhouse.wire.dialect.complaint import Code, Complaint
from tokenhouse.wire.dialect.credentials import compile_client
from tokenhouse.wire.dialect.desk import Desk, Keys
from tokenhouse.wire.dialect.errors import ErrorRows, Layer, compile_errors
from tokenhouse.wire.dialect.lets import compile_lets
from tokenhouse.wire.dialect.looks import Look, layered
from tokenhouse.wire.dialect.matching import compile_matches
from tokenhouse.wire.dialect.negotiation import Formats
from tokenhouse.wire.dialect.operations import Operation
from tokenhouse.wire.dialect.places import PLACES
from tokenhouse.wire.dialect.reading import Reading, compile_accept
from tokenhouse.wire.dialect.roles import IDENTIFIERS, SECRETS, Role, compile_roles, require_no_url_secrets, roots_of
from tokenhouse.wire.dialect.routes import RoutePath, read_route
from tokenhouse.wire.dialect.scope import Compiled
from tokenhouse.wire.dialect.stages import Names, Stage
from tokenhouse.written import did_you_mean

DOES: Final = ("password", "client_credentials", "refresh_token", "static")
_LATER: Final = (
    "authorization_code", "assertion", "named_subject", "token_exchange", "challenge", "continue", "introspect",
    "revoke", "unlock",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Common:
    """What all operations of a file share."""

    names: Names
    roles: Mapping[str, Role]
    reading: Reading
    client_by: list[Any] | None
    url_secrets: bool
    answer: Mapping[str, Any]
    error_layer: Layer
    errors: ErrorRows
    tokens: tuple[str, ...]
    styles: Styles
    formats: Formats | None
    needs: frozenset[str]


def compile_operation(desk: Desk, name: str, value: Any, common: Common) -> Operation | None:
    """Return one operation; None if it cannot stand, with the reasons at the desk."""
    keys = ("operation", name)
    told = desk.table(keys, value, "operation")
    does = desk.choice((*keys, "does"), told["does"], DOES, _LATER) if "does" in told else None
    routes = _routes(desk, keys, told.get("route", []))
    lets = compile_lets(desk, (*keys, "let"), told.get("let", {}), common.names)
    names = common.names.having(lets=lets)
    own = compile_roles(desk, (*keys, "read"), told.get("read", {}), names)
    roles = {**common.roles, **own}
    if not common.url_secrets:
        require_no_url_secrets(desk, (*keys, "read"), own, lets)
    reading = compile_accept(desk, (*keys, "accept"), told["accept"]) if "accept" in told else common.reading
    names = names.having(roles=frozenset(roles) - SECRETS)
    issues = _issues(desk, keys, told, common.tokens, does)
    _require_roles(desk, keys, does, roles)
    operation = Operation(
        name=name,
        does=does or "static",
        routes=routes,
        is_open=_transport(desk, keys, told) == "any",
        reading=reading,
        matches=compile_matches(desk, (*keys, "match"), told.get("match", {}), names),
        when=_when(desk, (*keys, "when"), told, names),
        client=compile_client(desk, keys, told.get("client_by", common.client_by), roles, lets),
        roles=tuple(role for role in roles.values() if role.name not in {"client_id", "client_secret"}),
        requires=_requires(desk, keys, told.get("requires", []), roles),
        checks=compile_checks(desk, (*keys, "check"), told.get("check", []), names),
        issues=issues,
        answers=_answers(
            desk,
            keys,
            told.get("answer"),
            common.answer,
            AnswerSetting(names, Stage.ANSWER, common.styles, common.formats, frozenset(issues)),
        ),
        errors=_errors(desk, keys, told.get("errors"), common, names),
    )
    _require_places(desk, keys, roles, lets, operation)
    return operation if does is not None and routes else None


def _routes(desk: Desk, keys: Keys, value: Any) -> tuple[RoutePath, ...]:
    routes: list[RoutePath] = []
    several = value if isinstance(value, list) else [value]
    for index, text in enumerate(several):
        here = (*keys, "route", index) if isinstance(value, list) else (*keys, "route")
        try:
            routes += [route for route in read_route(text) if route not in routes]
        except Complaint as complaint:
            desk.report(here, complaint)
    return tuple(routes)


def _transport(desk: Desk, keys: Keys, told: Mapping[str, Any]) -> str:
    return desk.choice((*keys, "transport"), told.get("transport", "https"), ("https", "any")) or "https"


def _when(desk: Desk, keys: Keys, told: Mapping[str, Any], names: Names) -> Any:
    return desk.expression(keys, told["when"], names.at(Stage.REQUEST)).run if "when" in told else None


def _requires(desk: Desk, keys: Keys, value: list[Any], roles: Mapping[str, Role]) -> tuple[str, ...]:
    names = desk.texts((*keys, "requires"), value)
    for index, name in enumerate(names):
        if name not in roles:
            message = f"the role {name} is required but not read"
            desk.refuse((*keys, "requires", index), Code.NO_ROLE, message, hint=did_you_mean(name, roles))
    return names


def _issues(
    desk: Desk, keys: Keys, told: Mapping[str, Any], known: tuple[str, ...], does: str | None
) -> tuple[str, ...]:
    if "issues" not in told:
        return () if does == "static" else known
    names = desk.texts((*keys, "issues"), told["issues"])
    for index, name in enumerate(names):
        desk.choice((*keys, "issues", index), name, known)
    return names


def _require_roles(desk: Desk, keys: Keys, does: str | None, roles: Mapping[str, Role]) -> None:
    if does is None:
        return
    missing: list[str] = []
    if does == "password":
        missing += [] if any(name in roles for name in IDENTIFIERS) else [f"one of the roles {', '.join(IDENTIFIERS)}"]
        missing += [] if "password" in roles else ["the role password"]
    if does == "refresh_token" and "token" not in roles:
        missing.append("the role token")
    for name in missing:
        desk.refuse((*keys, "does"), Code.NO_ROLE, f"{does} needs {name}", hint=f"read.{name.split()[-1]}")
    wanted = {"password": {*IDENTIFIERS, "password"}, "refresh_token": {"token"}}.get(does, set())
    for name in sorted({*IDENTIFIERS, "password", "token"} & roles.keys() - wanted):
        desk.refuse((*keys, "read", name), Code.ROLE, f"{does} does not use the role {name}")


def _answers(
    desk: Desk, keys: Keys, value: Any, common: Mapping[str, Any], setting: AnswerSetting
) -> tuple[Answer, ...]:
    base = layered(desk, [(("answer",), common)], "answer")
    several = value if isinstance(value, list) else [value or {}]
    answers: list[Answer] = []
    for index, told in enumerate(several):
        here: Keys = (*keys, "answer", index) if isinstance(value, list) else (*keys, "answer")
        answers.append(_answer(desk, here, told, base, setting))
    if answers and answers[-1].when is not None:
        desk.refuse((*keys, "answer"), Code.NO_BRANCH, "the last answer has no `when`, so that one always applies")
    if any(answer.when is None for answer in answers[:-1]):
        desk.refuse((*keys, "answer"), Code.NO_BRANCH, "an answer behind one without `when` is never said")
    return tuple(answers)


def _answer(desk: Desk, keys: Keys, told: Mapping[str, Any], base: Look, setting: AnswerSetting) -> Answer:
    good = desk.table(keys, told, "answer")
    when = (
        desk.expression((*keys, "when"), good["when"], setting.names.at(Stage.ANSWER)).run if "when" in good else None
    )
    return compile_answer(desk, keys, base.under(keys, good), setting, when)[0]


def _errors(desk: Desk, keys: Keys, value: Any, common: Common, names: Names) -> ErrorRows:
    if value is None and names.roles == common.names.roles and names.lets == common.names.lets:
        return common.errors
    setting = AnswerSetting(names, Stage.ERROR, common.styles, common.formats)
    layers = [common.error_layer] + ([((*keys, "errors"), value)] if value is not None else [])
    return compile_errors(desk, layers, setting, common.needs)


def _require_places(
    desk: Desk, keys: Keys, roles: Mapping[str, Role], lets: Mapping[str, Compiled], operation: Operation
) -> None:
    """Report roles that read what this operation never has: an unaccepted body, a variable not in its routes."""
    readers = operation.reading.names
    for match in operation.matches:
        if match.present is not False:  # what must be absent may well be what is never there
            _require_reader(desk, (*keys, "match", *match.path), str(match.path[0]), readers)
    for name, role in roles.items():
        for source in role.sources:
            for root in roots_of(source, lets):
                _require_reader(desk, (*keys, "read", name), root, readers)
            for used in source.names:
                root, _, variable = used.partition(".")
                if root == "path" and any(variable not in route.variables for route in operation.routes):
                    desk.refuse((*keys, "read", name), Code.ROUTE, f"the route has no variable {variable!r}")


def _require_reader(desk: Desk, keys: Keys, root: str, readers: frozenset[str]) -> None:
    reader = PLACES[root].reader if root in PLACES else None
    if (reader == "any" and not readers) or (reader not in {None, "any"} and reader not in readers):
        desk.refuse(keys, Code.READER, f"{root}.… is read, but `accept` has no {reader}")
