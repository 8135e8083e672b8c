"""JSON templates: the tree becomes text fragments with closures between them.

An object whose members are always all there is one flat list of fragments; only one that may leave members out joins
them at run time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from tokenhouse.wire.dialect.complaint import Code, Complaint
from tokenhouse.wire.dialect.holes import Hole, Workshop, merge, text_run
from tokenhouse.wire.dialect.json_tree import Container, Item, Literal, Node, Text, Value, parse_json_template
from tokenhouse.wire.dialect.scope import Run
from tokenhouse.wire.dialect.values import CURES, OMIT, Fault, Kind, Marker
from tokenhouse.wire.writing import json_string

Part = str | Run
_ASCII_ONLY: Final = re.compile(r"[^\x00-\x7f]")


@dataclass(frozen=True, slots=True)
class JsonStyle:
    """How the contract writes JSON: ``[json] spaces indent ascii escape end``."""

    spaces: bool = False
    indent: int = 0
    ascii: bool = False
    escape: str = ""
    end: str = ""

    @property
    def colon(self) -> str:
        """What stands between key and value."""
        return ": " if self.spaces or self.indent else ":"

    def gap(self, depth: int) -> str:
        """Return what stands before an item at that depth."""
        return "\n" + " " * (self.indent * depth) if self.indent else ""

    def comma(self, depth: int) -> str:
        """Return what stands between two items at that depth."""
        return "," + (self.gap(depth) or (" " if self.spaces else ""))

    def string(self, text: str) -> str:
        """Return ``text`` as a JSON string with its quotes."""
        written = json_string(text)
        if self.ascii and not written.isascii():
            written = _ASCII_ONLY.sub(lambda found: json.dumps(found[0])[1:-1], written)
        for character in self.escape:
            written = written.replace(character, f"\\{character}")
        return written

    def inner(self, text: str) -> str:
        """Return ``text`` escaped, without quotes."""
        return self.string(text)[1:-1]

    def value(self, value: Any, depth: int = 0) -> str:
        """Return any value of the language as JSON.

        Raises:
            Fault: bytes, times and durations have no form in JSON.

        """
        if isinstance(value, str):
            return self.string(value)
        if value is True or value is False or value is None or isinstance(value, Marker):
            return "true" if value is True else "false" if value is False else "null"
        if isinstance(value, int | float):
            return json.dumps(value)
        if isinstance(value, list | tuple):
            return self.joined_items([self.value(item, depth + 1) for item in value if item is not OMIT], "[]", depth)
        if isinstance(value, dict):
            members = [
                self.string(str(key)) + self.colon + self.value(item, depth + 1)
                for key, item in value.items()
                if item is not OMIT
            ]
            return self.joined_items(members, "{}", depth)
        msg = "a value has no form in JSON"
        raise Fault(msg)

    def joined_items(self, items: list[str], brackets: str, depth: int) -> str:
        """Return items between brackets."""
        if not items:
            return brackets
        inside = self.gap(depth + 1) + self.comma(depth + 1).join(items) + self.gap(depth)
        return brackets[0] + inside + brackets[1]


def compile_json(text: str, workshop: Workshop, style: JsonStyle | None = None) -> Callable[[Any], bytes]:
    """Return the closure that writes a JSON template as UTF-8; its mistakes go to the workshop."""
    try:
        tree = parse_json_template(text)
    except Complaint as complaint:
        workshop.report(complaint)
        return lambda _: b""
    return compile_tree(tree, workshop, style)


def compile_tree(tree: Node, workshop: Workshop, style: JsonStyle | None = None) -> Callable[[Any], bytes]:
    """Return the closure that writes a JSON tree as UTF-8."""
    used = style or JsonStyle()
    parts = merge([*_Compiler(workshop, used).node(tree, 0), used.end])
    run = text_run(parts)
    if all(isinstance(part, str) for part in parts):
        constant = "".join(map(str, parts)).encode()
        return lambda _: constant
    return lambda env: run(env).encode("utf-8", "replace")


class _Compiler:
    """Turns nodes into parts."""

    def __init__(self, workshop: Workshop, style: JsonStyle) -> None:
        self.workshop = workshop
        self.style = style

    def node(self, node: Node, depth: int) -> list[Part]:
        if isinstance(node, Literal):
            return [node.text]
        if isinstance(node, Text):
            return self.text(node)
        if isinstance(node, Value):
            return [self.value(node.hole, depth)]
        if any(self._may_vanish(item) for item in node.items):
            return [self._varying(node, depth)]
        return self._flat(node, depth)

    def text(self, node: Text) -> list[Part]:
        parts: list[Part] = ['"']
        for part in node.parts:
            if isinstance(part, Hole):
                parts.append(self.workshop.in_text(part, self.style.inner))
            else:
                parts.append(self.style.inner(part))
        return [*parts, '"']

    def value(self, hole: Hole, depth: int) -> Part:
        found = self.workshop.expression(hole)
        if found.kind in {Kind.BYTES, Kind.TIME, Kind.DURATION}:
            message = CURES[found.kind].replace("in text", "in JSON")
            self.workshop.report(Complaint(Code.TYPE, message, offset=hole.offset))
            return "null"
        run, write = found.run, self.style.value
        if found.kind is Kind.INT:
            return lambda env: str(number) if type(number := run(env)) is int else write(number)
        return lambda env: write(run(env), depth)

    def _flat(self, node: Container, depth: int) -> list[Part]:
        brackets = "{}" if node.is_object else "[]"
        if not node.items:
            return [brackets]
        parts: list[Part] = [brackets[0], self.style.gap(depth + 1)]
        for index, item in enumerate(node.items):
            if index:
                parts.append(self.style.comma(depth + 1))
            parts += self._item(item, depth)
        return [*parts, self.style.gap(depth), brackets[1]]

    def _item(self, item: Item, depth: int) -> list[Part]:
        key: list[Part] = [*self.text(item.key), self.style.colon] if item.key is not None else []
        return [*key, *self.node(item.node, depth + 1)]

    def _may_vanish(self, item: Item) -> bool:
        return bool(item.statements) or (isinstance(item.node, Value) and "omit" in item.node.hole.source)

    def _varying(self, node: Container, depth: int) -> Run:
        writers = [self._writer(item, item.statements, depth) for item in node.items]
        joined = self.style.joined_items
        brackets = "{}" if node.is_object else "[]"

        def run(env: Any) -> str:
            items: list[str] = []
            for write in writers:
                write(env, items)
            return joined(items, brackets, depth)

        return run

    def _writer(self, item: Item, statements: tuple[Hole, ...], depth: int) -> Callable[[Any, list[str]], None]:
        if not statements:
            return self._plain_writer(item, depth)
        first, rest = statements[0], statements[1:]
        if first.statement == "if":
            condition = self.workshop.condition(first)
            with self.workshop.inside(guard=condition):
                inner = self._writer(item, rest, depth)
            test = condition.run
            return lambda env, out: inner(env, out) if test(env) else None
        name, source = self.workshop.loop(first)
        with self.workshop.inside(local=name):
            inner = self._writer(item, rest, depth)
        return repeated(name, source, inner)

    def _plain_writer(self, item: Item, depth: int) -> Callable[[Any, list[str]], None]:
        if isinstance(item.node, Value):
            key = text_run([*self.text(item.key), self.style.colon]) if item.key is not None else None
            found = self.workshop.expression(item.node.hole)
            run, write = found.run, self.style.value

            def lone(env: Any, out: list[str]) -> None:
                value = run(env)
                if value is not OMIT:
                    out.append((key(env) if key is not None else "") + write(value, depth + 1))

            return lone
        whole = text_run(self._item(item, depth))
        return lambda env, out: out.append(whole(env))


def repeated(name: str, source: Run, inner: Callable[[Any, list[str]], None]) -> Callable[[Any, list[str]], None]:
    """Return a writer that runs ``inner`` once for each item of a list, bound to ``name``."""

    def loop(env: Any, out: list[str]) -> None:
        items = source(env)
        if not isinstance(items, list | tuple):
            return
        outer = env.locals.get(name)
        for item in items:
            env.budget -= 1
            if env.budget < 0:
                msg = "a template repeats too often"
                raise Fault(msg)
            env.locals[name] = item
            inner(env, out)
        env.locals[name] = outer

    return loop
