"""A TOML text that has been read: its values, and the place of each."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from typing import Any

from tokenhouse.written.literals import content_offset, content_start, is_long
from tokenhouse.written.marks import Keys, Mark, mark
from tokenhouse.written.position import Position
from tokenhouse.written.problem import Problem

SYNTAX = "TH-W001"
"""The text is no TOML."""

_HINTS = {
    "Illegal character '\\n'": "a quote is not closed on this line",
    "Invalid value": "a text stands in quotes",
    "Cannot overwrite a value": "this key is there already",
    "Unclosed inline table": "an inline table stands on one line",
    "twice": "a table stands once: put its keys together",
}
"""What the parser's words mean to somebody who writes a file."""

_PLACE = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")


class Document:
    """The values of a TOML text with their positions. Keys are paths of names and array indices."""

    __slots__ = ("_lines", "_marks", "data", "path", "text")

    def __init__(self, data: dict[str, Any], path: str, text: str, marks: dict[Keys, Mark]) -> None:
        self.data = data
        self.path = path
        self.text = text
        self._marks = marks
        self._lines = _line_starts(text)

    def position(self, keys: Keys) -> Position:
        """Return where a key stands; the nearest parent's place if the key is not in the text."""
        return self._at(self._nearest(keys).key)

    def value_position(self, keys: Keys) -> Position:
        """Return where a value's text starts: its literal, for a multi-line string its first character."""
        start = self._nearest(keys).value
        return self._at(content_start(self.text, start) if is_long(self.text, start) else start)

    def problem(self, keys: Keys, message: str, *, code: str, hint: str = "", offset: int | None = None) -> Problem:
        """Return a problem that points at a key, or at character ``offset`` of the string that is its value."""
        found = self._marks.get(keys)
        if offset is None or found is None or self.text[found.value] not in "\"'":
            return Problem(code, self.path, self.position(keys), message, hint)
        return Problem(code, self.path, self._at(content_offset(self.text, found.value, offset)), message, hint)

    def _nearest(self, keys: Keys) -> Mark:
        while keys:
            if (found := self._marks.get(keys)) is not None:
                return found
            keys = keys[:-1]
        return Mark(0, 0)

    def _at(self, offset: int) -> Position:
        line = bisect_right(self._lines, offset)
        return Position(line, offset - self._lines[line - 1] + 1)


def read_toml(text: str, path: str) -> Document:
    """Read a TOML text; ``path`` is what its problems call it.

    Raises:
        Problem: the text is no TOML, at the place where that shows.

    """
    text = text.replace("\r\n", "\n")  # as tomllib does; lines and columns stay the same
    try:
        return Document(tomllib.loads(text), path, text, mark(text))
    except tomllib.TOMLDecodeError as error:
        raise _syntax_problem(str(error), text, path) from None
    except (RecursionError, ValueError):
        # A number of thousands of digits, or brackets nested as deep.
        raise Problem(SYNTAX, path, Position(1, 1), "A value is too long or nested too deep") from None


def _syntax_problem(text_of_error: str, text: str, path: str) -> Problem:
    found = _PLACE.search(text_of_error)
    if found is not None and found["line"]:
        position = Position(int(found["line"]), int(found["column"]))
    else:
        starts = _line_starts(text)
        position = Position(len(starts), len(text) - starts[-1] + 1)
    message = _PLACE.sub("", text_of_error)
    return Problem(SYNTAX, path, position, message, _hint(message))


def _hint(message: str) -> str:
    return next((hint for words, hint in _HINTS.items() if words in message), "")


def _line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in re.finditer("\n", text))]
