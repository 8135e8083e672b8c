"""The settings as ``config show`` prints them: dotted name, value as the file would have it, origin."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.structs import fields

from tokenhouse.config.kinds import kind_of
from tokenhouse.config.loading import Loaded
from tokenhouse.config.shape import item_type, table_type
from tokenhouse.config.sources import DEFAULT
from tokenhouse.protocol.secret import Secret

MASK = "(hidden)"
UNSET = "(not set)"


class Row(NamedTuple):
    """One setting."""

    name: str
    value: str
    origin: str


def render(loaded: Loaded, *, origin: bool = False) -> tuple[Row, ...]:
    """Return every effective setting; secrets are masked, ``origin`` fills the third column."""
    return tuple(
        Row(name, written(value, annotation), loaded.origins.get(name, DEFAULT) if origin else "")
        for name, value, annotation in _settings(loaded.config, "")
    )


def _settings(table: Struct, above: str) -> Iterator[tuple[str, Any, Any]]:
    for field in fields(table):
        name, value = f"{above}{field.name}", getattr(table, field.name)
        if table_type(field.type):
            yield from _settings(value, f"{name}.")
        elif value and table_type(item_type(field.type)):
            for index, row in enumerate(value):
                yield from _settings(row, f"{name}.{index}.")
        else:
            yield name, value, field.type


def written(value: Any, annotation: Any) -> str:
    """Return a value as TOML writes it."""
    kind = kind_of(annotation)
    if isinstance(value, Secret):
        return MASK
    text = kind.write(value) if kind and (value is not None or kind.writes_none) else value
    if text is None:
        return UNSET
    if isinstance(text, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {written(item, None)}" for key, item in text.items()) + "}"
    if isinstance(text, tuple | list):
        return "[" + ", ".join(written(item, item_type(annotation)) for item in text) + "]"
    return json.dumps(text, ensure_ascii=False, default=str)
