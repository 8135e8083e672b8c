"""Which settings there are: the tree of ``settings.Config`` as names and types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args, get_origin

from msgspec import Struct
from msgspec.structs import FieldInfo, fields

from tokenhouse.written.marks import Keys


def table_type(annotation: Any) -> type[Struct] | None:
    """Return the settings class if the annotation is a table."""
    return annotation if isinstance(annotation, type) and issubclass(annotation, Struct) else None


def item_type(annotation: Any) -> Any:
    """Return what a list holds; None if the annotation is no list."""
    return get_args(annotation)[0] if get_origin(annotation) is tuple else None


def leaves(table: type[Struct], above: Keys = ()) -> Iterator[tuple[Keys, FieldInfo]]:
    """Yield every setting that has a value of its own, with its keys; a list of tables is one of them."""
    for field in fields(table):
        keys = (*above, field.name)
        below = table_type(field.type)
        if below is None:
            yield keys, field
        else:
            yield from leaves(below, keys)
