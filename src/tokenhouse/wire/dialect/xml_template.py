"""XML templates: literal parts go out as they stand, holes are escaped, white space between elements is dropped.

Spec: the dialect language, section 3, Bodies.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException, ElementTree

from tokenhouse.wire.dialect.complaint import Code, Complaint
from tokenhouse.wire.dialect.holes import Hole, Workshop, find_hole, merge, text_run
from tokenhouse.wire.dialect.json_template import repeated
from tokenhouse.wire.dialect.scope import Run
from tokenhouse.wire.dialect.values import OMIT, TEXT_LIMIT, text_of
from tokenhouse.wire.writing import xml_attribute, xml_text

Part = str | Run
Writer = Callable[[Any, list[str]], None]

_HOLE_NAME: Final = "x"
_TAG_END: Final = re.compile(r"[^<>\"']*(?:\"[^\"]*\"[^<>\"']*|'[^']*'[^<>\"']*)*>")
_ATTRIBUTE: Final = re.compile(r"(\s+[^\s=\"'<>]+\s*=\s*)(\"[^\"]*\"|'[^']*')")
_NAME: Final = re.compile(r"</?([^\s/>]+)")


@dataclass(slots=True)
class _Element:
    """One element of the template; ``close`` empty for a self-closing one."""

    open: str
    at: int
    statements: list[Hole]
    children: list[_Element | tuple[str, int]] = field(default_factory=list)
    close: str = ""


@dataclass(frozen=True, slots=True)
class XmlStyle:
    """How the contract writes XML: ``[xml] indent end``."""

    indent: int = 0
    end: str = ""


def compile_xml(text: str, workshop: Workshop, style: XmlStyle | None = None) -> Callable[[Any], bytes]:
    """Return the closure that writes an XML template as UTF-8; its mistakes go to the workshop."""
    used = style or XmlStyle()
    try:
        prolog, root = _parse(text)
    except Complaint as complaint:
        workshop.report(complaint)
        return lambda _: b""
    write = _Compiler(workshop, used).element(root, 0)
    end = used.end

    def run(env: Any) -> bytes:
        out: list[str] = [prolog]
        write(env, out)
        out.append(end)
        return "".join(out).encode("utf-8", "replace")

    return run


def _parse(text: str) -> tuple[str, _Element]:
    if len(text) > TEXT_LIMIT:
        raise Complaint(Code.TOO_LARGE, "a body has 64 KiB at most")
    _require_well_formed(text)
    start = len(text) - len(text.lstrip())
    prolog = ""
    if text.startswith("<?xml", start):
        end = text.index("?>", start) + 2
        prolog, start = text[start:end], end
    return prolog, _Reader(text, start).document()


def _require_well_formed(text: str) -> None:
    """Refuse what is not XML once its holes are filled; statements between elements are left out."""
    plain: list[str] = []
    at = 0
    while at < len(text):
        found = find_hole(text, at)
        if found is None:
            plain.append(text[at])
            at += 1
            continue
        hole, after = found
        filler = "" if hole.statement else _HOLE_NAME
        lines = text[at:after].count("\n")
        width = after - at - text[at:after].rfind("\n") - 1 if lines else after - at
        plain.append(
            "\n" * lines + (filler + " " * (width - len(filler)) if hole.statement else filler.ljust(width, "x"))
        )
        at = after
    try:
        ElementTree.fromstring("".join(plain).strip(), forbid_dtd=True)
    except (ParseError, DefusedXmlException) as error:
        line, column = getattr(error, "position", (1, 0))
        lead = len(text) - len(text.lstrip())
        lines_of = text[lead:].split("\n")
        offset = lead + sum(len(line_text) + 1 for line_text in lines_of[: line - 1]) + column
        raise Complaint(Code.BODY, f"this is no XML: {str(error).partition(':')[0]}", offset=offset) from error


class _Reader:
    """Reads a template that is known to be well-formed."""

    def __init__(self, text: str, at: int) -> None:
        self.text = text
        self.at = at

    def document(self) -> _Element:
        top = _Element("", 0, [])
        stack = [top]
        waiting: list[Hole] = []
        while self.at < len(self.text):
            hole = find_hole(self.text, self.at)
            if hole is not None and hole[0].statement:
                waiting.append(hole[0])
                self.at = hole[1]
            elif self.text.startswith("</", self.at):
                stack.pop().close = self._tag()
            elif self.text.startswith("<", self.at):
                element = _Element("", self.at, waiting)
                element.open, waiting = self._tag(), []
                stack[-1].children.append(element)
                if not element.open.endswith("/>"):
                    stack.append(element)
            else:
                stack[-1].children.append(self._text())
        roots = [child for child in top.children if isinstance(child, _Element)]
        if waiting or len(roots) != 1:
            raise Complaint(Code.BODY, "if and for stand before an element")
        return roots[0]

    def _tag(self) -> str:
        start = self.at
        if self.text.startswith(("<!--", "<![CDATA["), start):
            raise Complaint(Code.BODY, "no comments and CDATA sections in a template", offset=start)
        found = _TAG_END.match(self.text, start + 1)
        if found is None:
            raise Complaint(Code.BODY, "this tag does not end", offset=start)
        self.at = found.end()
        return self.text[start : self.at]

    def _text(self) -> tuple[str, int]:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] != "<":
            found = find_hole(self.text, self.at)
            if found is not None and found[0].statement:
                break
            self.at = found[1] if found is not None else self.at + 1
        return self.text[start : self.at], start


class _Compiler:
    """Turns elements into writers."""

    def __init__(self, workshop: Workshop, style: XmlStyle) -> None:
        self.workshop = workshop
        self.style = style

    def element(self, element: _Element, depth: int) -> Writer:
        return self._under(element, element.statements, depth)

    def _under(self, element: _Element, statements: list[Hole], depth: int) -> Writer:
        if not statements:
            return self._plain(element, depth)
        first, rest = statements[0], statements[1:]
        if first.statement == "if":
            condition = self.workshop.condition(first)
            with self.workshop.inside(guard=condition):
                inner = self._under(element, rest, depth)
            test = condition.run
            return lambda env, out: inner(env, out) if test(env) else None
        name, source = self.workshop.loop(first)
        with self.workshop.inside(local=name):
            inner = self._under(element, rest, depth)
        return repeated(name, source, inner)

    def _plain(self, element: _Element, depth: int) -> Writer:
        opening = text_run(self._open_tag(element))
        gap = "\n" + " " * (self.style.indent * depth) if self.style.indent and depth else ""
        texts = [child for child in element.children if not isinstance(child, _Element) and child[0].strip()]
        elements = [child for child in element.children if isinstance(child, _Element)]
        if texts and elements:
            self.workshop.report(Complaint(Code.BODY, "text and elements side by side", offset=element.at))
        if not elements:
            return self._leaf(element, gap, opening, texts)
        children = [self.element(child, depth + 1) for child in elements]
        end = ("\n" + " " * (self.style.indent * depth) if self.style.indent else "") + element.close

        def write(env: Any, out: list[str]) -> None:
            out.append(gap + opening(env))
            for child in children:
                child(env, out)
            out.append(end)

        return write

    def _leaf(self, element: _Element, gap: str, opening: Run, texts: list[tuple[str, int]]) -> Writer:
        close = element.close
        hole = find_hole(texts[0][0], 0) if len(texts) == 1 else None
        if hole is not None and hole[1] == len(texts[0][0]):
            return self._lone(Hole(hole[0].source, hole[0].offset + texts[0][1]), gap, opening, close)
        parts: list[Part] = []
        for text, at in texts:
            parts += self.workshop.parts(text, at, xml_text)
        content = text_run(parts)
        return lambda env, out: out.append(gap + opening(env) + content(env) + close)

    def _lone(self, hole: Hole, gap: str, opening: Run, close: str) -> Writer:
        """Return the writer of an element whose text is one hole; ``omit`` leaves the element out."""
        if "omit" not in hole.source:
            content = self.workshop.in_text(hole, xml_text)
            fixed = content if isinstance(content, str) else None
            run = text_run([content])
            if fixed is not None:
                return lambda env, out: out.append(gap + opening(env) + fixed + close)
            return lambda env, out: out.append(gap + opening(env) + run(env) + close)
        value_of = self.workshop.expression(hole).run

        def write(env: Any, out: list[str]) -> None:
            value = value_of(env)
            if value is not OMIT:
                out.append(gap + opening(env) + xml_text(text_of(value)) + close)

        return write

    def _open_tag(self, element: _Element) -> list[Part]:
        parts: list[Part] = []
        at = 0
        for found in _ATTRIBUTE.finditer(element.open):
            if "{{" not in found[0]:
                continue
            parts.append(element.open[at : found.start()])
            parts.append(self._attribute(found, element.at))
            at = found.end()
        rest = element.open[at:]
        if "{{" in rest:
            self.workshop.report(Complaint(Code.BODY, "a hole stands in a text or an attribute", offset=element.at))
        return merge([*parts, rest])

    def _attribute(self, found: re.Match[str], at: int) -> Part:
        name, quoted = found.groups()
        offset = at + found.start(2) + 1
        inner = quoted[1:-1]
        hole = find_hole(inner, 0)
        if hole is not None and hole[1] == len(inner) and "omit" in inner:
            run = self.workshop.expression(Hole(hole[0].source, hole[0].offset + offset)).run

            def attribute(env: Any) -> str:
                value = run(env)
                return "" if value is OMIT else f'{name}"{xml_attribute(text_of(value))}"'

            return attribute
        content = text_run(self.workshop.parts(inner, offset, xml_attribute))
        return lambda env: f'{name}"{content(env)}"'
