"""Functions on lists and objects; results are bounded by their inputs."""

from __future__ import annotations

from typing import Any

from tokenhouse.wire.dialect.values import ABSENT, LIST_LIMIT, bounded, same, text_of


def first(items: list[Any]) -> Any:
    """Return the first item."""
    return items[0] if items else ABSENT


def last(items: list[Any]) -> Any:
    """Return the last item."""
    return items[-1] if items else ABSENT


def pick(members: dict[str, Any], names: list[Any]) -> dict[str, Any]:
    """Return the named members, in the order of the names."""
    return {name: members[name] for name in names[:LIST_LIMIT] if isinstance(name, str) and name in members}


def without(members: dict[str, Any], names: list[Any]) -> dict[str, Any]:
    """Return all but the named members."""
    return {name: value for name, value in members.items() if name not in names}


def in_order(value: Any) -> Any:
    """Return a list of texts or integers in order, or an object with its members in the order of their names."""
    if isinstance(value, dict):
        return dict(sorted(value.items()))
    if not isinstance(value, list | tuple):
        return ABSENT
    return sorted(value) if {type(item) for item in value} in (set(), {str}, {int}) else ABSENT


def pairs(members: dict[str, Any], between: str, separator: str) -> str:
    """Return ``name between value`` for each member, separated."""
    return bounded(separator.join(f"{name}{between}{text_of(value)}" for name, value in members.items()))


def values(members: dict[str, Any]) -> list[Any]:
    """Return the values of an object."""
    return list(members.values())


def make_object(keys: list[Any], value: Any) -> Any:
    """Return an object with ``value`` under each key."""
    return {key: value for key in keys[:LIST_LIMIT] if isinstance(key, str)}


def lookup(key: Any, table: dict[str, Any], otherwise: Any = ABSENT) -> Any:
    """Return the member of ``table`` that ``key`` names."""
    return table.get(key, otherwise) if isinstance(key, str) else otherwise


def unique(items: list[Any]) -> list[Any]:
    """Return the items without repetitions, in order."""
    kept: list[Any] = []
    seen: set[tuple[type, Any]] = set()
    for item in items[:LIST_LIMIT]:
        if isinstance(item, str | int):
            if (type(item), item) not in seen:
                seen.add((type(item), item))
                kept.append(item)
        elif not any(same(item, other) for other in kept):
            kept.append(item)
    return kept
