"""Holes: ``{{ expression }}`` inside texts and bodies, and the collecting of what is wrong with them.

A ``Workshop`` compiles the expressions of one value of the file; a mistake is reported and loading goes on, so that a
person sees all of them at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from tokenhouse.wire.dialect.complaint import Code, Complaint
from tokenhouse.wire.dialect.expressions import compile_expression
from tokenhouse.wire.dialect.operators import require_text
from tokenhouse.wire.dialect.scope import NOTHING, Compiled, Run, Scope
from tokenhouse.wire.dialect.values import ABSENT, OMIT, TEXT_LIMIT, Fault, Kind, bounded, text_of

_STATEMENT: Final = re.compile(r"\s*(if|for)\s")
_LOOP: Final = re.compile(r"\s*for\s+([A-Za-z_][A-Za-z0-9_]*)\s+in\s")


class Hole(NamedTuple):
    """The inside of one ``{{ }}`` and where it begins."""

    source: str
    offset: int

    @property
    def statement(self) -> str:
        """``if`` or ``for`` if it is one of these, else empty."""
        found = _STATEMENT.match(self.source)
        return found[1] if found else ""


def find_hole(text: str, start: int) -> tuple[Hole, int] | None:
    """Return the hole that opens at ``start`` and where it ends, None if none opens there.

    Raises:
        Complaint: it is not closed.

    """
    if not text.startswith("{{", start):
        return None
    quote = ""
    depth = 0
    at = start + 2
    while at < len(text):
        character = text[at]
        if quote:
            at += character == "\\"
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == "{":
            depth += 1
        elif character == "}" and depth:
            depth -= 1
        elif text.startswith("}}", at):
            return Hole(text[start + 2 : at], start + 2), at + 2
        at += 1
    raise Complaint(Code.BRACES, "{{ is not closed", hint="}}", offset=start)


def split_holes(text: str) -> Iterator[str | Hole]:
    """Yield the literal parts and the holes of ``text`` in order.

    Raises:
        Complaint: a hole that is not closed, or a close without a hole.

    """
    at = 0
    while (start := text.find("{{", at)) >= 0:
        if start > at:
            yield _literal(text, at, start)
        found = find_hole(text, start)
        assert found is not None
        hole, at = found
        yield hole
    if at < len(text):
        yield _literal(text, at, len(text))


def _literal(text: str, start: int, end: int) -> str:
    part = text[start:end]
    if "}}" in part and "{{" not in part:
        raise Complaint(Code.BRACES, "}} closes nothing", offset=start + part.index("}}"))
    return part


class Workshop:
    """Compiles the holes of one value.

    Args:
        scope: the names that are visible.
        report: told of every mistake.
        strict: an absent value inside text is a fault (tokens have no holes).
        carried: the tokens that are there; None if that is of no concern.

    """

    def __init__(
        self,
        scope: Scope,
        report: Callable[[Complaint], None],
        *,
        strict: bool = False,
        carried: frozenset[str] | None = None,
    ) -> None:
        self.scope = scope
        self.report = report
        self.strict = strict
        self.used: set[str] = set()
        self._carried = carried
        self._guards: list[frozenset[str]] = []
        self._locals: list[str] = []

    def expression(self, hole: Hole) -> Compiled:
        """Return the closure of a hole; a mistake is reported and stands as absent."""
        try:
            _require_expression(hole)
            found = self._compile(hole.source)
            self._require_carried(found)
        except Complaint as complaint:
            self.report(complaint.moved(hole.offset))
            return NOTHING
        return found

    def _compile(self, source: str) -> Compiled:
        margin = len(source) - len(source.lstrip())
        try:
            found = compile_expression(source.strip(), self.scope, frozenset(self._locals))
        except Complaint as complaint:
            raise complaint.moved(margin) from None
        self.used |= found.names
        return found

    def _require_carried(self, found: Compiled) -> None:
        if self._carried is None or found.omits:
            return
        guarded = frozenset().union(*self._guards)
        for name in found.names:
            root, _, rest = name.partition(".")
            token = rest.partition(".")[0]
            if root == "tokens" and token not in self._carried and f"tokens.{token}" not in guarded:
                raise Complaint(
                    Code.TOKEN_NOT_CARRIED,
                    f"this answer carries no token {token!r}",
                    hint=f"issues, or {{{{ if tokens.{token} }}}} before it, or `or omit`",
                )

    def condition(self, hole: Hole) -> Compiled:
        """Return the closure of the condition of an ``if``."""
        source = _STATEMENT.sub("", hole.source, count=1)
        try:
            return self._compile(source)
        except Complaint as complaint:
            self.report(complaint.moved(hole.offset + len(hole.source) - len(source)))
            return NOTHING

    def loop(self, hole: Hole) -> tuple[str, Run]:
        """Return the name and the list of a ``for``."""
        found = _LOOP.match(hole.source)
        if found is None:
            message = "a loop is written {{ for x in list }}"
            self.report(Complaint(Code.NOT_A_LIST, message, offset=hole.offset))
            return "", lambda _: ()
        try:
            items = _require_list(self._compile(hole.source[found.end() :]))
        except Complaint as complaint:
            self.report(complaint.moved(hole.offset + found.end()))
            items = NOTHING
        return found[1], items.run

    @contextmanager
    def inside(self, *, guard: Compiled | None = None, local: str = "") -> Iterator[None]:
        """Compile what is within under a condition or with a loop's name bound."""
        if guard is not None:
            self._guards.append(frozenset(".".join(name.split(".")[:2]) for name in guard.names))
        if local:
            self._locals.append(local)
        yield
        if guard is not None:
            self._guards.pop()
        if local:
            self._locals.pop()

    def in_text(self, hole: Hole, escape: Callable[[str], str] = str) -> str | Run:
        """Return a hole inside text: a constant at once, else a closure that answers escaped text."""
        return self.written(self.expression(hole), hole, escape)

    def written(self, found: Compiled, hole: Hole, escape: Callable[[str], str] = str) -> str | Run:
        """Return a compiled hole as text: a constant at once, else a closure that answers escaped text."""
        try:
            require_text(found.kind)
        except Complaint as complaint:
            self.report(complaint.moved(hole.offset))
            return ""
        run, strict = found.run, self.strict
        if found.constant:
            return escape(text_of(found.run(None)))

        def written(env: Any) -> str:
            value = run(env)
            if isinstance(value, str):
                return escape(bounded(value))
            if strict and (value is None or value is ABSENT):
                msg = "a value is absent where a token needs it"
                raise Fault(msg)
            return escape(text_of(value))

        return written

    def parts(self, text: str, offset: int = 0, escape: Callable[[str], str] = str) -> list[str | Run]:
        """Return literal parts and closures of a text with holes; the literal parts are not escaped."""
        found: list[str | Run] = []
        try:
            for part in split_holes(text):
                if isinstance(part, str):
                    found.append(part)
                else:
                    found.append(self.in_text(Hole(part.source, part.offset + offset), escape))
        except Complaint as complaint:
            self.report(complaint.moved(offset))
        return found


def _require_expression(hole: Hole) -> None:
    if not hole.source.strip():
        raise Complaint(Code.SYNTAX, "the braces are empty")
    if hole.statement:
        raise Complaint(Code.BRACES, f"{hole.statement} stands before a member, element or item only")


def _require_list(items: Compiled) -> Compiled:
    if items.kind not in {Kind.LIST, Kind.ANY}:
        raise Complaint(Code.NOT_A_LIST, f"for needs a list, not {items.kind}")
    return items


def text_run(parts: list[str | Run]) -> Run:
    """Return the closure that joins the parts; one that is a lone ``omit`` is handed on."""
    merged = merge(parts)
    if not merged:
        return lambda _: ""
    if len(merged) == 1:
        (only,) = merged
        if isinstance(only, str):
            return lambda _: only
        return only

    def run(env: Any) -> str:
        return "".join([part if part.__class__ is str else part(env) for part in merged])  # type: ignore[operator]

    return run


def merge(parts: list[str | Run]) -> list[str | Run]:
    """Join neighbouring literal parts."""
    merged: list[str | Run] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part != "":
            merged.append(part)
    return merged


def compile_text(text: str, workshop: Workshop) -> Compiled:
    """Return a text with holes as one value; a lone hole that answers ``omit`` leaves the text out."""
    if len(text) > TEXT_LIMIT:
        workshop.report(Complaint(Code.TOO_LARGE, "a text has 64 KiB at most"))
        return NOTHING
    try:
        pieces = list(split_holes(text))
    except Complaint as complaint:
        workshop.report(complaint)
        return NOTHING

    if len(pieces) == 1 and isinstance(pieces[0], Hole):
        found = workshop.expression(pieces[0])
        if found.omits:
            run = found.run

            def lone(env: Any) -> Any:
                value = run(env)
                return OMIT if value is OMIT else text_of(value)

            return Compiled(lone, Kind.TEXT, found.names, omits=True)
        parts = merge([workshop.written(found, pieces[0])])
    else:
        parts = merge([piece if isinstance(piece, str) else workshop.in_text(piece) for piece in pieces])
    constant = all(isinstance(part, str) for part in parts)
    return Compiled(text_run(parts), Kind.TEXT, frozenset(workshop.used), constant=constant)
