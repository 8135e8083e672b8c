"""A place in a text."""

from __future__ import annotations

from typing import NamedTuple


class Position(NamedTuple):
    """A line and a column, both counted from 1."""

    line: int
    column: int
