"""Attributes: typed facts of people and clients, as the contracts that show them declare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from tokenhouse.console.errors import Unusable
from tokenhouse.protocol.contract import Contract
from tokenhouse.written import did_you_mean

Owner = Literal["user", "client"]

_TYPES: dict[str, tuple[type, str]] = {
    "text": (str, "a text"),
    "int": (int, "a whole number"),
    "bool": (bool, "true or false"),
    "time": (str, "a time such as 2026-01-31T12:00:00Z"),
    "list": (list, "a list"),
    "object": (dict, "an object"),
}
_LARGEST = 2**63


def require_declared(owner: Owner, given: Mapping[str, Any], contracts: Sequence[Contract]) -> None:
    """Pass if every attribute has a declared name and its type; where nobody declares any, everything passes.

    Raises:
        Unusable: an unknown name, or a value of another type.

    """
    declared: dict[str, Any] = {}
    for contract in contracts:
        declared |= contract.attributes.get(owner, {})
    if declared:
        _require_members(given, declared, "")


def _require_members(given: Mapping[str, Any], declared: Mapping[str, Any], above: str) -> None:
    for name, value in given.items():
        if name not in declared:
            hint = did_you_mean(name, declared) or f"known: {', '.join(declared)}"
            raise Unusable(f'there is no attribute "{above}{name}"', hint)
        _require_type(value, declared[name], above + name)


def _require_type(value: Any, declared: Any, name: str) -> None:
    if value is None:
        return
    if isinstance(declared, Mapping):
        if not isinstance(value, Mapping):
            raise Unusable(
                f'the attribute "{name}" is an object', f"--attribute-json '{name}={{...}}' with {', '.join(declared)}"
            )
        _require_members(value, declared, f"{name}.")
        return
    wanted, words = _TYPES[str(declared)]
    right = isinstance(value, wanted) and (declared == "bool" or not isinstance(value, bool))
    if not right or (declared == "time" and not _is_time(value)) or (declared == "int" and abs(value) >= _LARGEST):
        raise Unusable(
            f'the attribute "{name}" must be {words}', "" if wanted is str else f"--attribute-json {name}=..."
        )


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
