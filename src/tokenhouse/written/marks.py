"""Where each key path of a TOML text stands: what ``tomllib`` knows while it reads and does not tell.

Spec: TOML 1.0.0. A second pass over a text that ``tomllib`` has accepted; it checks nothing.
"""

from __future__ import annotations

import re
import tomllib
from typing import NamedTuple

from tokenhouse.written.literals import BARE_KEY, BLANK, SPACE, end_of, end_of_scalar

Keys = tuple[str | int, ...]


class Mark(NamedTuple):
    """Offsets of a key (its own segment) and of its value's literal."""

    key: int
    value: int


def mark(text: str) -> dict[Keys, Mark]:
    """Return the offsets of all key paths of a valid TOML text whose lines end in a bare newline."""
    return _Scanner(text).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.marks: dict[Keys, Mark] = {}
        self.sizes: dict[Keys, int] = {}  # arrays of tables: how many tables so far

    def scan(self) -> dict[Keys, Mark]:
        table: Keys = ()
        while self.skip(BLANK) < len(self.text):
            if self.text[self.at] == "[":
                table = self.header()
            else:
                self.pair(table)
        return self.marks

    def skip(self, pattern: re.Pattern[str]) -> int:
        self.at = end_of(pattern, self.text, self.at)
        return self.at

    def header(self) -> Keys:
        """Read ``[table]`` or ``[[array of tables]]``; return the table's own path, with indices."""
        is_array = self.text.startswith("[[", self.at)
        self.at += 2 if is_array else 1
        *parents, (name, place) = self.key()
        self.at += 2 if is_array else 1
        path: Keys = ()
        for parent, parent_place in parents:
            path = self.last((*path, parent))
            self.marks.setdefault(path, Mark(parent_place, parent_place))
        path = (*path, name)
        if not is_array:
            self.marks[path] = Mark(place, place)
            return path
        self.marks.setdefault(path, Mark(place, place))
        self.sizes[path] = self.sizes.get(path, 0) + 1
        path = self.last(path)
        self.marks[path] = Mark(place, place)
        return path

    def last(self, path: Keys) -> Keys:
        """Return the path of the newest table if ``path`` is an array of tables."""
        return (*path, self.sizes[path] - 1) if path in self.sizes else path

    def key(self) -> list[tuple[str, int]]:
        """Read a dotted key; return its segments with their offsets."""
        segments: list[tuple[str, int]] = []
        while True:
            start = self.skip(SPACE)
            if self.text[start] in "\"'":
                self.at = end_of_scalar(self.text, start)
                name = tomllib.loads(f"name = {self.text[start : self.at]}")["name"]
            else:
                name = self.text[start : self.skip(BARE_KEY)]
            segments.append((name, start))
            if self.text[self.skip(SPACE)] != ".":
                return segments
            self.at += 1

    def pair(self, table: Keys) -> None:
        """Read ``key = value``."""
        *parents, (name, place) = self.key()
        for parent, parent_place in parents:
            table = (*table, parent)
            self.marks.setdefault(table, Mark(parent_place, parent_place))
        self.at += 1  # the equals sign
        self.value((*table, name), place)

    def value(self, path: Keys, key: int | None) -> None:
        start = self.skip(SPACE)
        self.marks[path] = Mark(start if key is None else key, start)
        opening = self.text[start]
        if opening == "[":
            self.array(path)
        elif opening == "{":
            self.inline_table(path)
        else:
            self.at = end_of_scalar(self.text, start)

    def array(self, path: Keys) -> None:
        self.at += 1
        index = 0
        while self.text[self.skip(BLANK)] != "]":
            self.value((*path, index), None)
            index += 1
            if self.text[self.skip(BLANK)] == ",":
                self.at += 1
        self.at += 1

    def inline_table(self, path: Keys) -> None:
        self.at += 1
        while self.text[self.skip(BLANK)] != "}":
            self.pair(path)
            if self.text[self.skip(BLANK)] == ",":
                self.at += 1
        self.at += 1
