"""An answer against what an example expects: status, listed headers, key order, every literal byte.

White space outside values does not count unless the example says ``exact``.

Spec: the dialect language, section 11.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from tokenhouse.protocol.exchange import HttpAnswer
from tokenhouse.wire.dialect.complaint import Code, Complaint
from tokenhouse.wire.dialect.examples import expected_answer
from tokenhouse.wire.dialect.forms import ALPHABETS, SHAPES, Form
from tokenhouse.written import did_you_mean

_PLACEHOLDER: Final = re.compile(
    r"\{(?:([a-z][a-z0-9_]*)=)?([A-Za-z][A-Za-z0-9_]*)(?::([0-9]{1,4})(?:\.\.([0-9]{1,4}))?)?\}"
)
_JSON: Final = re.compile(
    r'(?P<form>\{[A-Za-z][A-Za-z0-9_=:.]*\})|(?P<string>"(?:[^"\\]|\\.)*")|(?P<mark>[{}\[\]:,])|(?P<word>[^\s{}\[\]:,"]+)'
)
_XML: Final = re.compile(r"<[^>]*>|[^<]+")
_AROUND: Final = 40


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of it: ``diff`` is empty if the answer is as expected."""

    diff: str = ""
    captures: Mapping[str, str] = field(default_factory=dict, repr=False)


class _Differs(Exception):
    """The answer is not as expected."""


def compare(answer: HttpAnswer, expected: str, captures: Mapping[str, str], *, exact: bool = False) -> Comparison:
    """Compare an answer with an example's text; the result has the captures of both.

    Raises:
        Complaint: the example is no answer.

    """
    wanted = expected_answer(expected)
    known = dict(captures)
    try:
        if answer.status != wanted.status:
            _differ("status", str(wanted.status), str(answer.status), answer.body.decode("utf-8", "replace"))
        for name, text in wanted.headers:
            _header(answer, name, text, known)
        body = answer.body.decode("utf-8", "replace")
        _body(wanted.body, body, known, exact=exact)
    except _Differs as difference:
        return Comparison(str(difference), known)
    return Comparison("", known)


def require_known_forms(text: str) -> None:
    """Pass if every form with a name or a length in an example is one.

    Raises:
        Complaint: it would only ever be compared letter by letter.

    """
    for found in _PLACEHOLDER.finditer(text):
        capture, name, least, _ = found.groups()
        known = SHAPES if least is None else ALPHABETS
        if name not in known and (capture is not None or least is not None):
            hint = did_you_mean(name, known) or f"one of: {', '.join(known)}"
            raise Complaint(Code.EXAMPLE, f"unknown form {found[0]}", hint=hint, offset=found.start())


def compare_decoded(token: str, part: str, expected: str, captures: Mapping[str, str]) -> Comparison:
    """Compare the ``header`` or the ``claims`` of a JWT, as they stand in it, with JSON text."""
    pieces = token.removeprefix("Bearer ").split(".")
    known = dict(captures)
    try:
        text = base64.urlsafe_b64decode(pieces[0 if part == "header" else 1] + "==").decode()
    except (ValueError, IndexError):
        return Comparison(f"the captured value is no JWT: its {part} cannot be decoded", known)
    try:
        _body(expected, text, known, exact=False)
    except _Differs as difference:
        return Comparison(f"decoded {part}: {difference}", known)
    return Comparison("", known)


def _header(answer: HttpAnswer, name: str, text: str, captures: dict[str, str]) -> None:
    values = [value.decode("latin-1") for key, value in answer.headers if key.decode("latin-1").lower() == name]
    if not values:
        raise _Differs(f"the header {name} is missing; expected {text!r}")
    if not any(_fits(text, value, captures) for value in values):
        _differ(f"header {name}", text, ", ".join(values), "")


def _body(expected: str, actual: str, captures: dict[str, str], *, exact: bool) -> None:
    if exact:
        if not _fits(expected, actual, captures):
            _differ("body", expected, actual, actual)
        return
    wanted, found = _tokens(expected), _tokens(actual)
    for (want, _), (have, at) in zip(wanted, found, strict=False):
        if not _fits(want, have, captures):
            _differ(f"body at byte {len(actual[:at].encode())}", want, have, actual, at)
    if len(wanted) > len(found):
        _differ("body ends too early", wanted[len(found)][0], "nothing", actual, len(actual))
    if len(found) > len(wanted):
        have, at = found[len(wanted)]
        _differ(f"body goes on at byte {len(actual[:at].encode())}", "nothing", have, actual, at)


def _differ(what: str, expected: str, actual: str, body: str, at: int = -1) -> None:
    lines = [f"{what}:", f"  expected {expected}", f"  answered {actual}"]
    if body and at >= 0:
        start = max(0, at - _AROUND)
        line = body[start : at + _AROUND].replace("\n", " ")
        lines += [f"  body …{line}…", " " * (8 + at - start) + "^"]
    elif body and what == "status":
        lines.append(f"  body {body}")
    raise _Differs("\n".join(lines))


def _tokens(text: str) -> list[tuple[str, int]]:
    """Return what counts in a body, with its offset: the tokens of JSON, the tags and texts of XML, else all of it."""
    start = text.lstrip()[:1]
    if start == "<":
        return [
            (re.sub(r"\s+", " ", found[0]) if found[0].startswith("<") else found[0], found.start())
            for found in _XML.finditer(text)
            if found[0].strip()
        ]
    if start and start in '{["':
        found = list(_JSON.finditer(text))
        if not _between(text, found).strip():
            return [(item[0], item.start()) for item in found]
    return [(text.strip(), len(text) - len(text.lstrip()))] if text.strip() else []


def _between(text: str, found: Sequence[re.Match[str]]) -> str:
    """Return what stands between tokens."""
    ends = [0, *(item.end() for item in found)]
    starts = [*(item.start() for item in found), len(text)]
    return "".join(text[end:start] for end, start in zip(ends, starts, strict=True))


def _fits(expected: str, actual: str, captures: dict[str, str]) -> bool:
    """Return whether ``actual`` has the form of ``expected``; remember what is captured."""
    if "{" not in expected:
        return expected == actual
    pattern: list[str] = []
    names: list[str] = []
    at = 0
    for found in _PLACEHOLDER.finditer(expected):
        piece = _pattern(found, captures, names)
        if piece is None:
            continue
        pattern += [re.escape(expected[at : found.start()]), piece]
        at = found.end()
    pattern.append(re.escape(expected[at:]))
    match = re.fullmatch("".join(pattern), actual)
    if match is None:
        return False
    captures.update(zip(names, match.groups(), strict=True))
    return True


def _pattern(found: re.Match[str], captures: Mapping[str, str], names: list[str]) -> str | None:
    capture, name, least, most = found.groups()
    if capture is None and least is None and name in captures:
        return re.escape(captures[name])
    if name in ALPHABETS and least is not None:
        form = Form(name, int(least), int(most or least))
    elif name in SHAPES and least is None:
        form = Form(name)
    else:
        return None
    if capture is None:
        return form.pattern
    names.append(capture)
    return f"({form.pattern})"
