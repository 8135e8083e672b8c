"""From an ``[operation.NAME]`` table to a compiled operation.

Spec: the dialect language, section 4; section 12 for what is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tokenhouse.wire.dialect.answers import Answer, AnswerSetting, Styles, compile_answer
from tokenhouse.wire.dialect.checks import compile_checks
from tokenhouse.wire.dialect.complaint import Code, Complaint
from tokenhouse.wire.dialect.credentials import compile_client
from tokenhouse.wire.dialect.deeds import CALLS, DEEDS, LATER
from tokenhouse.wire.dialect.desk import Desk, Keys
from tokenhouse.wire.dialect.errors import ErrorRows, Layer, compile_errors
from tokenhouse.wire.dialect.lets import compile_lets
from tokenhouse.wire.dialect.looks import Look, layered
from tokenhouse.wire.dialect.matching import compile_matches
from tokenhouse.wire.dialect.negotiation import Formats
from tokenhouse.wire.dialect.operations import Operation
from tokenhouse.wire.dialect.places import PLACES
from tokenhouse.wire.dialect.planning import Draft, compile_plan
from tokenhouse.wire.dialect.presentation import Presentation
from tokenhouse.wire.dialect.reading import Reading, compile_accept
from tokenhouse.wire.dialect.roles import CLIENT_ROLES, SECRETS, Role, compile_roles, require_no_url_secrets, roots_of
from tokenhouse.wire.dialect.routes import RoutePath, read_route
from tokenhouse.wire.dialect.scope import Compiled
from tokenhouse.wire.dialect.stages import Names, Stage
from tokenhouse.written import did_you_mean


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


def compile_operation(
    desk: Desk, name: str, value: Any, common: Common, presentation: Presentation
) -> Operation | None:
    """Return one operation; None if it cannot stand, with the reasons at the desk."""
    keys = ("operation", name)
    told = desk.table(keys, value, "operation")
    does = desk.choice((*keys, "does"), told["does"], DEEDS, LATER) if "does" in told else None
    routes = _routes(desk, keys, told.get("route", []))
    lets = compile_lets(desk, (*keys, "let"), told.get("let", {}), common.names)
    names = common.names.having(lets=lets)
    own = compile_roles(desk, (*keys, "read"), told.get("read", {}), names)
    roles = {**_inherited(does, told, own, common), **own}
    if not (common.url_secrets or told.get("url_secrets", False)):
        require_no_url_secrets(desk, (*keys, "read"), own, lets)
    reading = compile_accept(desk, (*keys, "accept"), told["accept"]) if "accept" in told else common.reading
    names = names.having(roles=(frozenset(roles) | common.names.roles) - SECRETS)
    issues = _issues(desk, keys, told, common.tokens, does)
    draft = Draft(keys, told, does, roles)
    ways = told.get("client_by", None if draft.is_call else common.client_by)
    operation = Operation(
        name=name,
        does=does or "static",
        routes=routes,
        is_open=_transport(desk, keys, told) == "any",
        reading=reading,
        matches=compile_matches(desk, (*keys, "match"), told.get("match", {}), names),
        when=_when(desk, (*keys, "when"), told, names),
        client=compile_client(desk, keys, ways, roles, lets, has_token=draft.is_call),
        **compile_plan(desk, draft, issues, presentation)._asdict(),
        requires=_requires(desk, keys, told.get("requires", []), roles),
        checks=compile_checks(desk, (*keys, "check"), told.get("check", []), names),
        answers=_answers(
            desk,
            draft,
            common.answer,
            AnswerSetting(names, Stage.ANSWER, common.styles, common.formats, frozenset(issues)),
        ),
        errors=_errors(desk, keys, told.get("errors"), common, names),
    )
    _require_places(desk, keys, roles, lets, operation)
    return operation if does is not None and routes else None


def _inherited(
    does: str | None, told: Mapping[str, Any], own: Mapping[str, Role], common: Common
) -> Mapping[str, Role]:
    """Return the common roles that an operation has too.

    The token alone proves a protected call, unless it says by what the client proves itself and not where that stands.
    """
    if does not in CALLS:
        return common.roles
    proves_client = "client_by" in told and own.keys().isdisjoint(CLIENT_ROLES)
    return {name: common.roles[name] for name in CLIENT_ROLES if proves_client and name in common.roles}


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
    if does in CALLS and "issues" in told:
        desk.refuse((*keys, "issues"), Code.NOT_YET, "tokens of protected calls are not supported by this version yet")
        return ()
    if "issues" not in told:
        return () if does == "static" or does in CALLS else known
    names = desk.texts((*keys, "issues"), told["issues"])
    for index, name in enumerate(names):
        desk.choice((*keys, "issues", index), name, known)
    return names


def _answers(desk: Desk, draft: Draft, common: Mapping[str, Any], setting: AnswerSetting) -> tuple[Answer, ...]:
    """Return the answers; of the common look, which shows tokens, a protected call has the headers only."""
    keys, value = draft.keys, draft.told.get("answer")
    shared = {"headers": common.get("headers", {})} if draft.is_call else common
    base = layered(desk, [(("answer",), shared)], "answer")
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
    if value is None and names.lets == common.names.lets:
        return common.errors  # a common row can name nothing that only this operation reads
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
