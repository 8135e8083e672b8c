"""Error rows: for every cause that may be told, how it looks; a row inherits from the row above it.

Spec: the dialect language, section 9.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tokenhouse.protocol.causes import TREE, Cause, ancestry
from tokenhouse.protocol.names import CallKind, GrantType
from tokenhouse.wire.dialect.answers import Answer, AnswerSetting, compile_answer
from tokenhouse.wire.dialect.complaint import Code
from tokenhouse.wire.dialect.desk import Desk, Keys
from tokenhouse.wire.dialect.facts import ERROR_FACTS
from tokenhouse.wire.dialect.holes import compile_text
from tokenhouse.wire.dialect.looks import Look
from tokenhouse.wire.dialect.schema import LOOK, Shape, fits
from tokenhouse.wire.dialect.scope import Compiled
from tokenhouse.wire.dialect.values import Kind, kind_of
from tokenhouse.written import did_you_mean

LATER: Final = frozenset({
    "bad_lifetime", "bad_signature", "stale", "replayed", "bad_address", "bad_tenant", "password_expired", "bad_otp",
    "bad_challenge", "bad_code", "bad_step", "step_needed", "otp_needed", "enroll_needed", "too_many_sessions",
    "too_many_refreshes", "too_early",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class ErrorRows:
    """The compiled rows; a cause without one is said by the nearest above it."""

    rows: Mapping[Cause, Answer]

    def row(self, cause: Cause) -> Answer:
        """Return the row that speaks for ``cause``."""
        return next(self.rows[above] for above in ancestry(cause) if above in self.rows)


Layer = tuple[Keys, Mapping[str, Any]]


def compile_errors(desk: Desk, layers: Sequence[Layer], setting: AnswerSetting, needs: frozenset[str]) -> ErrorRows:
    """Return the rows of an ``errors`` table, with those of an operation over it.

    ``needs`` are what the operations do; a row whose cause none of them can reach is refused.
    """
    cleaned = [(keys, _clean(desk, keys, table, needs)) for keys, table in layers]
    base = Look()
    for keys, table in cleaned:
        base = base.under(keys, {key: value for key, value in table.items() if key in LOOK})
    if not any("default" in table for _, table in cleaned):
        desk.refuse(layers[0][0], Code.NO_DEFAULT, "a row `default` is missing", hint="default = { status = 400 }")
    rows: dict[Cause, Answer] = {}
    used: dict[Cause, frozenset[str]] = {}
    for cause in Cause:
        if any(cause.value in table for _, table in cleaned):
            rows[cause], used[cause] = _row(desk, cause, base, cleaned, setting)
    for keys, table in cleaned:
        _require_used(desk, keys, table, used)
    return ErrorRows(rows)


def _clean(desk: Desk, keys: Keys, table: Mapping[str, Any], needs: frozenset[str]) -> dict[str, Any]:
    good: dict[str, Any] = {}
    for key, value in table.items():
        here = (*keys, key)
        if key in LOOK:
            if LOOK[key] is Shape.LATER:
                desk.refuse(here, Code.NOT_YET, f"{key} is not supported by this version yet")
            elif not fits(value, LOOK[key]):
                desk.refuse(here, Code.WRONG_KIND, f"{key} takes {LOOK[key].value}")
            else:
                good[key] = value
        elif _is_cause(desk, here, key, needs):
            good[key] = desk.table(here, value, "answer", extra=_own_keys(value))
    return good


def _own_keys(value: Any) -> list[str]:
    return [key for key in value if key not in LOOK] if isinstance(value, dict) else []


_CALLS: Final = frozenset(kind.value for kind in CallKind)
_PERSON: Final = frozenset({GrantType.PASSWORD.value, GrantType.NAMED_SUBJECT.value, GrantType.ASSERTION.value})
_PROVIDER: Final = frozenset({GrantType.ASSERTION.value})
_PROFILE: Final = frozenset({CallKind.REGISTER.value, CallKind.UPDATE.value})
_REACHED_BY: Final[dict[Cause, frozenset[str]]] = {
    Cause.BAD_CREDENTIALS: _PERSON,
    Cause.BAD_ASSERTION: _PROVIDER,
    Cause.UNKNOWN_PROVIDER: _PROVIDER,
    Cause.PROVIDER_FAILED: _PROVIDER,
    Cause.BAD_TOKEN: _CALLS | {GrantType.REFRESH_TOKEN.value, "present"},
    Cause.WRONG_BEARER: _CALLS | {"present"},
    Cause.BAD_LINK: frozenset(),
    Cause.NOT_FOUND: _CALLS | {GrantType.NAMED_SUBJECT.value},
    Cause.UNACCEPTABLE: _PROFILE,
}
"""What must be in a contract so that a cause, or one below it, can come up."""


def _is_cause(desk: Desk, keys: Keys, key: str, needs: frozenset[str]) -> bool:
    if key in LATER or key.startswith("x_"):
        desk.refuse(keys, Code.NOT_YET, f"the cause {key} is not supported by this version yet")
        return False
    if key not in set(Cause):
        desk.refuse(keys, Code.UNKNOWN_KEY, f"unknown cause {key!r}", hint=did_you_mean(key, [*Cause, *LOOK]))
        return False
    cause = Cause(key)
    if TREE[cause].merged:
        desk.refuse(keys, Code.UNREACHABLE, f"{key} is never told; {TREE[cause].parent} speaks for it")
        return False
    for above in ancestry(cause):
        if above in _REACHED_BY and not _REACHED_BY[above] & needs:
            desk.refuse(keys, Code.UNREACHABLE, f"no operation here can end with {key}")
            return False
    return True


def _row(
    desk: Desk, cause: Cause, base: Look, layers: Sequence[Layer], setting: AnswerSetting
) -> tuple[Answer, frozenset[str]]:
    look, home = base, layers[0][0]
    for above in reversed(ancestry(cause)):
        for keys, table in layers:
            if above.value in table:
                look, home = look.under((*keys, above.value), table[above.value]), (*keys, above.value)
    variables = {name: _variable(desk, keys, value, setting) for name, (keys, value) in look.variables.items()}
    names = setting.names.having(variables=variables, row=cause.value)
    inner = AnswerSetting(names, setting.stage, setting.styles, setting.formats)
    return compile_answer(desk, home, look, inner)


def _variable(desk: Desk, keys: Keys, value: Any, setting: AnswerSetting) -> Compiled:
    if keys[-1] in ERROR_FACTS:
        desk.refuse(keys, Code.BAD_VALUE, f"{keys[-1]} is built in: choose another name")
    if isinstance(value, str):
        return compile_text(value, desk.workshop(keys, setting.names.at(setting.stage)))
    if not isinstance(value, int | list):
        desk.refuse(keys, Code.WRONG_KIND, "a variable is a text, an integer, true, false or a list")
        value = ""
    return Compiled(lambda _: value, kind_of(value) if value != "" else Kind.TEXT, constant=True)


def _require_used(desk: Desk, keys: Keys, table: Mapping[str, Any], used: Mapping[Cause, frozenset[str]]) -> None:
    """Report variables that neither their own row's body uses nor that of a row below it."""
    for key, row in table.items():
        if key in LOOK:
            continue
        below = [names for cause, names in used.items() if Cause(key) in ancestry(cause)]
        for name in row:
            if name not in LOOK and not any(f"error.{name}" in names for names in below):
                desk.refuse((*keys, key, name), Code.ROW_VARIABLE, f"no body uses error.{name}")
