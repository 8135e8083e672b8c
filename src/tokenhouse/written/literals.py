"""Where TOML literals begin and end in a text that ``tomllib`` has already accepted.

Spec: TOML 1.0.0. The text is known to be valid, so nothing is checked here.
"""

from __future__ import annotations

import re

_BASIC = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_LITERAL = re.compile(r"'[^'\n]*'")
# A multi-line string may end in up to two quotes of its own before the closing three.
_LONG_BASIC = re.compile(r'"""(?:[^"\\]|\\(?:.|\n)|"{1,2}(?!"))*"{3,5}')
_LONG_LITERAL = re.compile(r"'''(?:[^']|'{1,2}(?!'))*'{3,5}")
_PLAIN = re.compile(r"[^,\]}#\n]*")
_ESCAPE = re.compile(r"\\(?:[ \t]*\n[ \t\n]*|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", re.DOTALL)

BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
BLANK = re.compile(r"(?:[ \t\n]+|#[^\n]*)*")
SPACE = re.compile(r"[ \t]*")


def end_of(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Return where ``pattern``, which matches at ``at``, ends."""
    match = pattern.match(text, at)
    return at if match is None else match.end()


def end_of_scalar(text: str, at: int) -> int:
    """Return the offset behind the string, number, date or boolean that starts at ``at``."""
    if text.startswith('"""', at):
        return end_of(_LONG_BASIC, text, at)
    if text.startswith("'''", at):
        return end_of(_LONG_LITERAL, text, at)
    return end_of({'"': _BASIC, "'": _LITERAL}.get(text[at], _PLAIN), text, at)


def is_long(text: str, at: int) -> bool:
    """Return whether a multi-line string starts at ``at``."""
    return text.startswith(('"""', "'''"), at)


def content_start(text: str, at: int) -> int:
    """Return the offset of the first character of the value of the string that starts at ``at``."""
    if not is_long(text, at):
        return at + 1
    # The newline right behind the opening quotes is no part of the value.
    return at + 4 if text.startswith("\n", at + 3) else at + 3


def content_offset(text: str, at: int, offset: int) -> int:
    """Return the place in ``text`` of character ``offset`` of the value of the string that starts at ``at``.

    An offset behind the value's end gives the place of the closing quotes.
    """
    place = content_start(text, at)
    end = end_of_scalar(text, at) - (3 if is_long(text, at) else 1)
    if text[at] == "'":
        return min(place + offset, end)
    while place < end:
        match = _ESCAPE.match(text, place)
        # A backslash at the end of a line takes the white space behind it along and makes no character.
        makes_none = match is not None and "\n" in match.group()
        if offset == 0 and not makes_none:
            return place
        place = place + 1 if match is None else match.end()
        offset -= not makes_none
    return end
