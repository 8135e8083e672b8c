"""Stages: which names are visible where.

Spec: the dialect language, section 3, "Who sees what".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from tokenhouse.wire.dialect import facts
from tokenhouse.wire.dialect.complaint import Code, Complaint
from tokenhouse.wire.dialect.places import LATER, PLACES, every_place, resolve_place
from tokenhouse.wire.dialect.scope import Compiled, Path, Resolved, Run
from tokenhouse.wire.dialect.values import ABSENT, Kind
from tokenhouse.written import did_you_mean


class Stage(StrEnum):
    """When an expression is evaluated."""

    REQUEST = "while the request is read"
    CHECK = "in a check"
    ANSWER = "in an answer"
    ERROR = "in an error row"
    TOKEN = "in a token"
    EXAMPLE = "in an example"


_PLACES: Final = frozenset({*PLACES, "request", "now"})
_VISIBLE: Final[dict[Stage, frozenset[str]]] = {
    Stage.REQUEST: _PLACES | {"server"},
    Stage.CHECK: _PLACES | {"server", "read"},
    Stage.ANSWER: _PLACES | {"server", "read", "client", "user", "session", "granted", "tokens"},
    Stage.ERROR: _PLACES | {"server", "read", "error"},
    Stage.TOKEN: frozenset({"server", "client", "user", "session", "granted", "now", "token", "key"}),
    Stage.EXAMPLE: frozenset(),
}
_LETS: Final = frozenset({Stage.REQUEST, Stage.CHECK, Stage.ANSWER, Stage.ERROR})
_ALL: Final = frozenset().union(*_VISIBLE.values())

_ANSWER_OWNERS: Final[dict[str, facts.Owner]] = {
    "client": lambda view: view.response.client,
    "user": lambda view: view.response.user,
    "session": lambda view: view.response.session,
    "granted": lambda view: {"scope": view.response.scope, "audience": view.response.audience},
    "server": lambda view: view.server,
}


def _token_owner(name: str) -> facts.Owner:
    def owner(env: facts.FactView) -> Mapping[str, Any] | None:
        found: Mapping[str, Any] | None = env.facts.get(name)
        return found

    return owner


@dataclass(frozen=True, slots=True)
class Names:
    """What the file declares that an expression may name."""

    attributes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    lets: Mapping[str, Compiled] = field(default_factory=dict)
    roles: frozenset[str] = frozenset()
    tokens: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Compiled] = field(default_factory=dict)
    captures: Mapping[str, str] = field(default_factory=dict)
    row: str = ""

    def at(self, stage: Stage) -> StageScope:
        """Return the scope of a stage."""
        return StageScope(stage, self)

    def schema(self, owner: str) -> dict[str, Any]:
        """Return the facts of an owner: those of every contract, and what this one declares."""
        return {**facts.BUILT_IN[owner], **self.attributes.get(owner, {})}

    def having(self, **changes: Any) -> Names:
        """Return these names with some replaced."""
        return replace(self, **changes)


@dataclass(frozen=True, slots=True)
class StageScope:
    """The names of a file as they are visible at one stage."""

    stage: Stage
    names: Names

    def resolve(self, path: Path) -> Resolved:
        """Return what ``path`` begins with.

        Raises:
            Complaint: unknown, not visible at this stage, or not built yet.

        """
        root = str(path[0])
        if self.stage in _LETS and root in self.names.lets:
            found = self.names.lets[root]
            return Resolved(found.run, found.kind, 1, found.place)
        if root in self.names.captures:
            text = self.names.captures[root]
            return Resolved(lambda _: text, Kind.TEXT, 1)
        self._require_visible(root)
        special = _SPECIAL.get(root)
        if special is not None and self.stage is not Stage.TOKEN:
            return special(self, path)
        if self.stage is Stage.TOKEN:
            if root == "now":
                return Resolved(lambda env: env.facts["now"], Kind.TIME, 1)
            return facts.resolve_fact(path, _token_owner(root), self.names.schema(root))
        place = resolve_place(path)
        return place or facts.resolve_fact(path, _ANSWER_OWNERS[root], self.names.schema(root))

    def every(self, path: Path) -> Run | None:
        """Return the closure that gives all values of a place that may be repeated."""
        return every_place(path) if str(path[0]) in _VISIBLE[self.stage] else None

    def _require_visible(self, root: str) -> None:
        visible = _VISIBLE[self.stage]
        if root in visible:
            return
        if root in _ALL:
            raise Complaint(Code.UNKNOWN_NAME, f"{root} cannot be seen {self.stage}")
        if root in LATER:
            raise Complaint(Code.NOT_YET, f"{root} is not supported by this version yet")
        known = [*visible, *(self.names.lets if self.stage in _LETS else ()), *self.names.captures]
        hint = did_you_mean(root, known) or f"known: {', '.join(sorted(known))}"
        raise Complaint(Code.UNKNOWN_NAME, f"unknown name {root!r}", hint=hint)

    def _tokens(self, path: Path) -> Resolved:
        return facts.resolve_token(path, self.names.tokens)

    def _read(self, path: Path) -> Resolved:
        role = str(path[1]) if len(path) > 1 else ""
        if role not in self.names.roles:
            hint = did_you_mean(role, self.names.roles) or f"read: {', '.join(sorted(self.names.roles)) or 'nothing'}"
            raise Complaint(Code.UNKNOWN_NAME, f"no role {role!r} is read here", hint=hint)
        return Resolved(lambda view: view.read.get(role, ABSENT), Kind.LIST if role == "scope" else Kind.TEXT, 2)

    def _error(self, path: Path) -> Resolved:
        name = str(path[1]) if len(path) > 1 else ""
        if name in self.names.variables:
            own = self.names.variables[name]
            return Resolved(own.run, own.kind, 2)
        if name not in facts.ERROR_FACTS:
            known = [*self.names.variables, *facts.ERROR_FACTS]
            hint = did_you_mean(name, known) or f"known: {', '.join(known)}"
            raise Complaint(
                Code.ROW_VARIABLE, f"the row {self.names.row or 'itself'} has no variable {name!r}", hint=hint
            )
        run, kind = facts.ERROR_FACTS[name]
        return Resolved(run, kind, 2)


_SPECIAL: Final[dict[str, Callable[[StageScope, Path], Resolved]]] = {
    "tokens": StageScope._tokens,  # noqa: SLF001 - the table stands behind the class that it completes
    "read": StageScope._read,  # noqa: SLF001
    "error": StageScope._error,  # noqa: SLF001
}
