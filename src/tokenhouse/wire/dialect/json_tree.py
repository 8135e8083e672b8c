"""The tree of a JSON template: JSON as on the wire, with holes for values, inside strings and before members.

Spec: the dialect language, section 3, Bodies.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final

from tokenhouse.wire.dialect.complaint import Code, Complaint
from tokenhouse.wire.dialect.holes import Hole, find_hole
from tokenhouse.wire.dialect.values import TEXT_LIMIT

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_ATOM: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null")
_DEPTH: Final = 32


@dataclass(frozen=True, slots=True)
class Text:
    """A string: literal parts, unescaped, and holes."""

    parts: tuple[str | Hole, ...]

    @property
    def literal(self) -> str | None:
        """The whole string if it has no hole."""
        return None if any(isinstance(part, Hole) for part in self.parts) else "".join(map(str, self.parts))


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, true, false or null as it stands."""

    text: str


@dataclass(frozen=True, slots=True)
class Value:
    """A hole without quotes: the value itself."""

    hole: Hole


@dataclass(frozen=True, slots=True)
class Item:
    """A member or element; ``statements`` are the ``if`` and ``for`` before it."""

    node: Node
    statements: tuple[Hole, ...] = ()
    key: Text | None = None


@dataclass(frozen=True, slots=True)
class Container:
    """An object or an array."""

    items: tuple[Item, ...]
    is_object: bool


Node = Text | Literal | Value | Container


def parse_json_template(text: str) -> Node:
    """Return the tree of a JSON template.

    Raises:
        Complaint: not JSON, a duplicate key, or a hole that is not closed, at its place.

    """
    if len(text) > TEXT_LIMIT:
        raise Complaint(Code.TOO_LARGE, "a body has 64 KiB at most")
    parser = _Parser(text)
    node = parser.value(0)
    parser.space()
    if parser.at < len(text):
        raise parser.wrong("the end")
    return node


class _Parser:
    """Reads from left to right, once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def wrong(self, expected: str) -> Complaint:
        found = self.text[self.at : self.at + 12].split("\n", maxsplit=1)[0] or "the end"
        return Complaint(Code.BODY, f"this is no JSON: expected {expected}, found {found!r}", offset=self.at)

    def space(self) -> None:
        found = _SPACE.match(self.text, self.at)
        assert found is not None
        self.at = found.end()

    def peek(self) -> str:
        self.space()
        return self.text[self.at : self.at + 1]

    def hole(self) -> Hole | None:
        found = find_hole(self.text, self.at)
        if found is None:
            return None
        hole, self.at = found
        return hole

    def value(self, depth: int) -> Node:
        if depth > _DEPTH:
            raise Complaint(Code.TOO_LARGE, f"JSON is nested {_DEPTH} deep at most", offset=self.at)
        first = self.peek()
        hole = self.hole()
        if hole is not None:
            return Value(hole)
        if first == '"':
            return self.string()
        if first == "{":
            return self.container("}", depth)
        if first == "[":
            return self.container("]", depth)
        atom = _ATOM.match(self.text, self.at)
        if atom is None:
            raise self.wrong("a value")
        self.at = atom.end()
        return Literal(atom[0])

    def string(self) -> Text:
        start = self.at
        self.at += 1
        parts: list[str | Hole] = []
        literal = self.at
        while self.at < len(self.text):
            character = self.text[self.at]
            before = self.at
            if character == '"' or self.text.startswith("{{", self.at):
                parts.extend(self._literal(literal, before))
                if character == '"':
                    self.at += 1
                    return Text(tuple(parts))
                hole = self.hole()
                assert hole is not None
                parts.append(hole)
                literal = self.at
            else:
                self.at += 2 if character == "\\" else 1
        raise Complaint(Code.BODY, "this string does not end", offset=start)

    def _literal(self, start: int, end: int) -> list[str]:
        if start == end:
            return []
        try:
            text: str = json.loads(f'"{self.text[start:end]}"')
        except ValueError as error:
            raise Complaint(Code.BODY, "this is no JSON: a broken escape or a bare line end", offset=start) from error
        return [text]

    def container(self, close: str, depth: int) -> Container:
        self.at += 1
        items: list[Item] = []
        keys: set[str] = set()
        while self.peek() != close:
            if items:
                self.expect(",")
            items.append(self.item(close == "}", keys, depth))
        self.at += 1
        return Container(tuple(items), close == "}")

    def item(self, is_member: bool, keys: set[str], depth: int) -> Item:  # noqa: FBT001
        statements = self.statements()
        if not is_member:
            return Item(self.value(depth + 1), statements)
        if self.peek() != '"':
            raise self.wrong("a key in double quotes")
        start = self.at
        key = self.string()
        if key.literal is not None and not statements:
            if key.literal in keys:
                raise Complaint(Code.DUPLICATE_KEY, f"the key {key.literal!r} occurs twice", offset=start)
            keys.add(key.literal)
        self.expect(":")
        return Item(self.value(depth + 1), statements, key)

    def statements(self) -> tuple[Hole, ...]:
        found: list[Hole] = []
        while True:
            self.space()
            start = self.at
            hole = self.hole()
            if hole is None:
                return tuple(found)
            if not hole.statement:
                self.at = start
                return tuple(found)
            found.append(hole)

    def expect(self, character: str) -> None:
        if self.peek() != character:
            raise self.wrong(f"{character!r}")
        self.at += 1
