"""Names for values: computed at most once per request, when first used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tokenhouse.wire.dialect.complaint import Code
from tokenhouse.wire.dialect.desk import Desk, Keys
from tokenhouse.wire.dialect.places import LATER, PLACES
from tokenhouse.wire.dialect.scope import Compiled, Run
from tokenhouse.wire.dialect.stages import Names, Stage
from tokenhouse.wire.dialect.view import View

_TAKEN = frozenset({*PLACES, *LATER, "request", "now", "read", "server", "client", "user", "session", "granted"})
_TAKEN |= {"tokens", "token", "key", "error", "omit", "null"}


def compile_lets(desk: Desk, keys: Keys, table: Mapping[str, Any], names: Names) -> dict[str, Compiled]:
    """Return the names of a ``let`` table added to those of ``names``; each sees those above it."""
    lets = dict(names.lets)
    for name, text in table.items():
        here = (*keys, name)
        if name in _TAKEN or not name.isidentifier():
            desk.refuse(here, Code.BAD_VALUE, f"{name!r} cannot be a name of your own")
            continue
        found = desk.expression(here, text, names.having(lets=lets).at(Stage.REQUEST))
        lets[name] = replace(found, run=_once(".".join(map(str, here)), found.run))
    return lets


def _once(key: str, run: Run) -> Run:
    def value(view: View) -> Any:
        if key not in view.lets:
            view.lets[key] = run(view)
        return view.lets[key]

    return value
