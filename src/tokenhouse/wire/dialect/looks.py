"""Looks: status, headers and bodies, inherited layer by layer, each part remembering where it was written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tokenhouse.wire.dialect.desk import Desk, Keys
from tokenhouse.wire.dialect.schema import BODY_KEYS, LOOK


@dataclass(slots=True)
class Look:
    """What an answer looks like before it is compiled; every part with the keys under which it stands."""

    status: tuple[Keys, Any] | None = None
    content_type: tuple[Keys, str] | None = None
    headers: dict[str, tuple[Keys, Any]] = field(default_factory=dict)
    bodies: dict[str, tuple[Keys, str]] = field(default_factory=dict)
    variables: dict[str, tuple[Keys, Any]] = field(default_factory=dict)

    def under(self, keys: Keys, table: Mapping[str, Any]) -> Look:
        """Return this look with a layer over it: headers are merged, a body replaces all bodies."""
        look = Look(self.status, self.content_type, dict(self.headers), dict(self.bodies), dict(self.variables))
        if "status" in table:
            look.status = ((*keys, "status"), table["status"])
        if "content_type" in table:
            look.content_type = ((*keys, "content_type"), table["content_type"])
        for name, text in table.get("headers", {}).items():
            look.headers[name.lower()] = ((*keys, "headers", name), text)
        own = {kind: ((*keys, kind), table[kind]) for kind in BODY_KEYS if kind in table}
        if own:
            look.bodies = own
        for name, value in table.items():
            if name not in LOOK and name != "when":
                look.variables[name] = ((*keys, name), value)
        return look


def layered(desk: Desk, layers: Sequence[tuple[Keys, Any]], section: str) -> Look:
    """Return the look of checked layers, the last on top."""
    look = Look()
    for keys, table in layers:
        look = look.under(keys, desk.table(keys, table, section))
    return look
