"""Answers: a look becomes closures over fragments, one writer per body kind.

Spec: the dialect language, sections 4 and 6.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tokenhouse.protocol.exchange import HttpAnswer
from tokenhouse.wire.dialect.complaint import Code, Complaint
from tokenhouse.wire.dialect.desk import Desk, Keys
from tokenhouse.wire.dialect.form_template import compile_form
from tokenhouse.wire.dialect.holes import Workshop, compile_text
from tokenhouse.wire.dialect.json_template import JsonStyle, compile_json
from tokenhouse.wire.dialect.looks import Look
from tokenhouse.wire.dialect.negotiation import CONTENT_TYPES, Formats
from tokenhouse.wire.dialect.scope import Run
from tokenhouse.wire.dialect.stages import Names, Stage
from tokenhouse.wire.dialect.values import ABSENT, OMIT, Fault, Kind
from tokenhouse.wire.dialect.view import View
from tokenhouse.wire.dialect.xml_template import XmlStyle, compile_xml

_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")
_HEADER_VALUE: Final = re.compile(r"[\x20-\x7e\x80-\xff\t]*")
_OURS: Final = frozenset({
    "content-type", "content-length", "transfer-encoding", "connection", "set-cookie", "cache-control", "pragma",
    "x-content-type-options", "content-security-policy", "date", "server", "vary", "retry-after",
})  # fmt: skip
"""Headers that the door or the engine writes, or that this version does not let a file write."""

_NO_BODY: Final = 204
_STATUSES: Final = range(200, 600)


@dataclass(frozen=True, slots=True)
class Styles:
    """How the contract writes its bodies."""

    json: JsonStyle = field(default_factory=JsonStyle)
    xml: XmlStyle = field(default_factory=XmlStyle)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is ready to be said; ``status`` None means that of the refusal."""

    status: int | Run | None
    headers: tuple[tuple[bytes, Run], ...]
    bodies: Mapping[str, Callable[[Any], bytes]]
    content_type: bytes | None
    formats: Formats | None
    when: Run | None = None

    def status_for(self, view: View, otherwise: int) -> int:
        """Return the status.

        Raises:
            Fault: the expression gave none.

        """
        if self.status is None or isinstance(self.status, int):
            return otherwise if self.status is None else self.status
        found = self.status(view)
        if type(found) is not int or found not in _STATUSES:
            msg = "a status is not one"
            raise Fault(msg)
        return found

    def render(self, view: View, status: int) -> HttpAnswer:
        """Return the whole answer.

        Raises:
            Fault: a value has no place where the template puts it.

        """
        headers: list[tuple[bytes, bytes]] = []
        body = b""
        if self.bodies and status != _NO_BODY:
            kind, content_type, varies = self._format(view)
            body = self.bodies[kind](view)
            headers.append((b"content-type", content_type))
            if varies:
                headers.append((b"vary", b"Accept"))
        for name, run in self.headers:
            value = run(view)
            if value is not OMIT and value is not ABSENT:
                headers.append((name, _header_value(value)))
        return HttpAnswer(status, tuple(headers), body)

    def _format(self, view: View) -> tuple[str, bytes, bool]:
        if self.formats is not None:
            chosen = self.formats.choose(view)
            return chosen.body, self.content_type or chosen.content_type, self.formats.is_media
        (kind,) = self.bodies
        return kind, self.content_type or CONTENT_TYPES[kind].encode(), False


def _header_value(value: str) -> bytes:
    if _HEADER_VALUE.fullmatch(value) is None:
        msg = "a header value has a character that no header may have"
        raise Fault(msg)
    return value.encode("latin-1")


@dataclass(frozen=True, slots=True)
class AnswerSetting:
    """What all answers of one place in the file are compiled with."""

    names: Names
    stage: Stage
    styles: Styles
    formats: Formats | None
    carried: frozenset[str] | None = None


def compile_answer(
    desk: Desk, keys: Keys, look: Look, setting: AnswerSetting, when: Run | None = None
) -> tuple[Answer, frozenset[str]]:
    """Return an answer and the names that its parts use; problems go to the desk."""
    used: set[str] = set()
    bodies = _bodies(desk, keys, look, setting, used)
    headers: list[tuple[bytes, Run]] = []
    for name, (here, text) in look.headers.items():
        if not _is_header(desk, here, name, text):
            continue
        workshop = _workshop(desk, here, setting)
        headers.append((name.encode(), compile_text(text, workshop).run))
        if name == "location" and not all(_is_ours(word) for word in workshop.used):
            message = "a location is made of server.… and user.id only, never of what was sent"
            desk.refuse(here, Code.BAD_VALUE, message)
        used |= workshop.used
    status = _status(desk, look, setting)
    content_type = look.content_type[1].encode() if look.content_type is not None else None
    return Answer(status, tuple(headers), bodies, content_type, setting.formats, when), frozenset(used)


def _is_ours(name: str) -> bool:
    """Return whether a fact was made here: nobody is sent to a place that a request names."""
    return name == "user.id" or name.startswith("server.")


def _workshop(desk: Desk, keys: Keys, setting: AnswerSetting) -> Workshop:
    return desk.workshop(keys, setting.names.at(setting.stage), carried=setting.carried)


def _bodies(
    desk: Desk, keys: Keys, look: Look, setting: AnswerSetting, used: set[str]
) -> dict[str, Callable[[Any], bytes]]:
    bodies: dict[str, Callable[[Any], bytes]] = {}
    for kind, (here, text) in look.bodies.items():
        workshop = _workshop(desk, here, setting)
        if kind == "json":
            bodies[kind] = compile_json(text, workshop, setting.styles.json)
        elif kind == "xml":
            bodies[kind] = compile_xml(text, workshop, setting.styles.xml)
        elif kind == "form":
            bodies[kind] = compile_form(text, workshop)
        else:
            bodies[kind] = _encoded(compile_text(text, workshop).run)
        used |= workshop.used
    if setting.formats is None and len(bodies) > 1:
        desk.refuse(keys, Code.FORMATS, "several bodies need [formats] to choose between them")
    for kind in sorted(setting.formats.bodies - bodies.keys()) if setting.formats is not None and bodies else ():
        desk.refuse(keys, Code.FORMATS, f"[formats] offers {kind}, this answer has none")
    return bodies


def _encoded(run: Run) -> Callable[[Any], bytes]:
    return lambda env: str(run(env)).encode("utf-8", "replace")


def _is_header(desk: Desk, keys: Keys, name: str, text: Any) -> bool:
    if not isinstance(text, str):
        desk.refuse(keys, Code.WRONG_KIND, "a header is a text")
    elif name in _OURS:
        desk.refuse(keys, Code.BAD_VALUE, f"the header {name} is not the file's to write")
    elif _HEADER_NAME.fullmatch(name) is None:
        desk.refuse(keys, Code.BAD_VALUE, f"{name!r} is no header name")
    else:
        return True
    return False


def _status(desk: Desk, look: Look, setting: AnswerSetting) -> int | Run | None:
    if look.status is None:
        return 200 if setting.stage is Stage.ANSWER else None
    keys, value = look.status
    if isinstance(value, int):
        if value not in _STATUSES:
            desk.refuse(keys, Code.BAD_VALUE, "a status lies between 200 and 599")
        return value
    found = desk.expression(keys, value, setting.names.at(setting.stage))
    if found.kind not in {Kind.INT, Kind.ANY}:
        desk.report(keys, Complaint(Code.TYPE, f"a status is an integer, not {found.kind}"))
    return found.run
