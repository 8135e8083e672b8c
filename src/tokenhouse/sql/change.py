"""A change: one statement with its row, as every engine runs it.

Texts use ``:name`` parameters and nothing that SQLite and PostgreSQL do not share.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

Row = dict[str, Any]


class Change(NamedTuple):
    """One statement to run; ``decides`` says that its row count is the judgement."""

    text: str
    row: Row
    decides: bool = False


def encode_json(value: Any) -> str:
    """Return compact JSON text for a column."""
    return msgspec.json.encode(value).decode()


def insert(table: str, row: Row, *, decides: bool = False, unique: str = "") -> Change:
    """Return an INSERT of ``row``; ``unique`` names the columns on whose conflict nothing is inserted."""
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    tail = f" ON CONFLICT ({unique}) DO NOTHING" if unique else ""
    return Change(f"INSERT INTO {table} ({names}) VALUES ({values}){tail}", row, decides)  # noqa: S608 -- names are ours
