"""What commands print: aligned text for people, one JSON document for programs; hints go to standard error."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

_GAP = "  "
_NOTHING = "-"
_UNSAFE = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What JSON may hold as it is and a terminal obeys or cannot take: further controls, turns of direction, surrogates."""


class Output:
    """Prints the answer of one command. Control characters of names never reach the terminal."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def document(self, value: Any) -> None:
        """Print a value as it is, as indented JSON."""
        click.echo(encode(value, indent=2))

    def fields(self, value: Any, pairs: Iterable[tuple[str, Any]]) -> None:
        """Print ``value`` for a program, ``pairs`` of label and text for a person."""
        if self.as_json:
            self.document(value)
            return
        rows = [(label, text(item)) for label, item in pairs]
        width = max((len(label) for label, _ in rows), default=0)
        for label, item in rows:
            click.echo(f"{label:<{width}}{_GAP}{item}")

    def table(self, items: Sequence[Mapping[str, Any]], columns: Mapping[str, str], nothing: str) -> None:
        """Print a list; ``columns`` maps headings to members, ``nothing`` is said of an empty list."""
        if self.as_json:
            self.document({"items": items})
            return
        if not items:
            self.hint(nothing)
            return
        rows = [tuple(columns), *(tuple(text(item.get(key)) for key in columns.values()) for item in items)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            click.echo(_GAP.join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())

    def hint(self, line: str) -> None:
        """Tell a person something beside the data."""
        if not self.as_json:
            click.echo(line, err=True)


def encode(value: Any, indent: int | None = None) -> str:
    """Return a value as JSON that may be looked at: letters as they are, whatever moves a terminal escaped."""
    written = json.dumps(value, indent=indent, ensure_ascii=False)
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", written)


def text(value: Any) -> str:
    """Return a value as a cell shows it."""
    if value is None or value in ("", [], {}):
        return _NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(map(text, value))
    shown = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in shown)
