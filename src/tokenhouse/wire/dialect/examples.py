"""Examples as text: a documented request becomes bytes, a documented answer what is expected.

Spec: the dialect language, section 11.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tokenhouse.wire.dialect.complaint import Code, Complaint
from tokenhouse.wire.dialect.holes import Workshop, compile_text
from tokenhouse.wire.dialect.stages import Names, Stage

_REQUEST_LINE: Final = re.compile(r"([A-Z]+) (/\S*)(?: HTTP/1\.[01])?")
_STATUS_LINE: Final = re.compile(r"(?:HTTP/1\.[01] )?([1-5][0-9]{2})(?: [^\n]*)?")
_HEADER: Final = re.compile(r"([A-Za-z0-9!#$%&'*+.^_`|~-]+):[ \t]*(.*?)[ \t]*")
_CAPTURE: Final = re.compile(r"\{([a-z][a-z0-9_]*)\}")

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ExampleRequest:
    """A request as an example writes it, captures filled in."""

    method: str
    path: str
    query: str
    headers: Headers
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ExpectedAnswer:
    """An answer as an example writes it, forms and captures still in it."""

    status: int
    headers: Headers
    body: str


def request_line(text: str) -> tuple[str, str]:
    """Return method and target of an example's request.

    Raises:
        Complaint: it does not begin with a request line.

    """
    first = text.partition("\n")[0].strip()
    found = _REQUEST_LINE.fullmatch(first)
    if found is None:
        raise Complaint(Code.EXAMPLE, f"a request begins with METHOD /path, not {first!r}")
    return found[1], found[2]


def read_request(text: str, captures: Mapping[str, str]) -> ExampleRequest:
    """Return an example's request; ``{name}`` is what an earlier answer captured, ``{{ }}`` computes over captures.

    Raises:
        Complaint: not HTTP as text.

    """
    filled = fill(text, captures)
    method, target = request_line(filled)
    headers, body = parts(filled)
    path, _, query = target.partition("?")
    return ExampleRequest(method, path, query, headers, body.encode())


def expected_answer(text: str) -> ExpectedAnswer:
    """Return what an example expects.

    Raises:
        Complaint: it does not begin with a status, or a header is none.

    """
    first = text.partition("\n")[0].strip()
    found = _STATUS_LINE.fullmatch(first)
    if found is None:
        raise Complaint(Code.EXAMPLE, f"an answer begins with a status, not {first!r}")
    headers, body = parts(text)
    return ExpectedAnswer(int(found[1]), headers, body)


def fill(text: str, captures: Mapping[str, str]) -> str:
    """Return ``text`` with captures in the place of their names.

    Raises:
        Complaint: an expression that is none.

    """
    if "{{" in text:
        found: list[Complaint] = []
        text = str(compile_text(text, Workshop(Names(captures=captures).at(Stage.EXAMPLE), found.append)).run(None))
        if found:
            raise found[0]
    return _CAPTURE.sub(lambda name: captures.get(name[1], name[0]), text)


def parts(text: str) -> tuple[Headers, str]:
    """Return the headers and the body of HTTP as text.

    Raises:
        Complaint: a line before the empty one is no header.

    """
    head, _, body = text.partition("\n\n")
    headers: list[tuple[str, str]] = []
    at = 0
    for line in head.splitlines():
        found = _HEADER.fullmatch(line)
        if found is not None:
            headers.append((found[1].lower(), found[2]))
        elif at and line.strip():
            raise Complaint(Code.EXAMPLE, f"no header: {line!r}", hint="an empty line before the body", offset=at)
        at += len(line) + 1
    return tuple(headers), body.removesuffix("\n")
