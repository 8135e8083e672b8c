"""Reading a JSON object in which nothing is said twice: two readers of a repeated member may take different ones.

Spec: RFC 8259 §4, RFC 7519 §4.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn


def read_object(data: bytes) -> dict[str, Any] | None:
    """Return the object, None if this is anything else, repeats a member, or nests too deep to be read."""
    try:
        value = json.loads(data.decode(), object_pairs_hook=_unique, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _unique(members: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(members)
    if len(value) != len(members):
        msg = "a member is repeated"
        raise ValueError(msg)
    return value


def _refuse(constant: str) -> NoReturn:
    msg = f"{constant} is no JSON"
    raise ValueError(msg)
