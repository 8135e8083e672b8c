"""The exported description of a presentation: what a resource server must know of a contract, as plain data.

``{"contract": name, "ways": [{role: [source, ...]}, ...], "errors": {cause: {"status", "headers", "body"}}}``. Error
rows are said once, with what is constant; a way or a row that needs this server or the request cannot be exported.

Spec: the dialect language, section 10.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from tokenhouse.protocol.causes import Cause, ancestry
from tokenhouse.protocol.refusals import (
    Busy,
    Forbidden,
    InvalidRequest,
    InvalidToken,
    Limited,
    Refusal,
    ServerFault,
)
from tokenhouse.wire.dialect.answers import Answer
from tokenhouse.wire.dialect.complaint import Code, Complaint
from tokenhouse.wire.dialect.desk import Keys
from tokenhouse.wire.dialect.looks import Look
from tokenhouse.wire.dialect.presentation import Presentation
from tokenhouse.wire.dialect.presentation_sources import Source, sources_of
from tokenhouse.wire.dialect.schema import LOOK
from tokenhouse.wire.dialect.values import LIST_LIMIT, Fault
from tokenhouse.written import Problem, Problems

_TOLD: Final[dict[Cause, type[Refusal]]] = {
    Cause.NO_TOKEN: InvalidToken,
    Cause.BAD_TOKEN: InvalidToken,
    Cause.WRONG_BEARER: InvalidToken,
    Cause.NOT_ALLOWED: Forbidden,
    Cause.LIMITED: Limited,
    Cause.MALFORMED: InvalidRequest,
    Cause.SERVER_ERROR: ServerFault,
    Cause.BUSY: Busy,
    Cause.DEFAULT: InvalidRequest,
}
"""What can go wrong at an API, and the refusal whose status is said where the row names none."""


class _NeedsRequest(Exception):
    """A row asked for something that only a request has."""


class _NoRequest:
    """Stands where an error row looks for a request: it has the refusal and its status, nothing else."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        self.status = refusal.status
        self.lets: dict[str, Any] = {}
        self.locals: dict[str, Any] = {}
        self.budget = LIST_LIMIT

    def __getattr__(self, name: str) -> Any:
        msg = f"it needs the request (its {name.strip('_')})"
        raise _NeedsRequest(msg)


def describe(presentation: Presentation) -> dict[str, Any]:
    """Return what a resource server needs to read and refuse calls as the contract does.

    Raises:
        Problems: there is no ``[present]``, or parts of it mean something only here, each at its place.

    """
    document = presentation.document
    if not presentation.ways:
        raise Problems((document.problem((), "the file has no [present]", code=Code.MISSING_KEY.value),))
    problems: list[Problem] = []
    ways: list[dict[str, list[Source]]] = []
    for way in presentation.ways:
        keys: Keys = ("present", "ways", way.index)
        written = document.data["present"]["ways"][way.index]
        ways.append({role: _sources(presentation, (*keys, role), text, problems) for role, text in written.items()})
    errors = _errors(presentation, problems)
    if problems:
        raise Problems(tuple(sorted(problems, key=lambda problem: problem.position)))
    return {"contract": presentation.contract, "ways": ways, "errors": errors}


def _errors(presentation: Presentation, problems: list[Problem]) -> dict[str, dict[str, Any]]:
    """Return every row as it is said; rows that cannot be are told together, as they mostly share a body."""
    said: dict[str, dict[str, Any]] = {}
    refused: dict[tuple[Keys, str], list[str]] = {}
    for cause, refusal in _TOLD.items():
        try:
            said[cause.value] = _said(presentation.errors.row(cause), refusal(cause))
        except (_NeedsRequest, Fault) as error:
            refused.setdefault((_place(presentation, cause), str(error)), []).append(cause.value)
    for (keys, why), causes in refused.items():
        message = f"what is said for {', '.join(causes)} cannot be exported: {why}"
        hint = "[present] errors with what is constant"
        problems.append(presentation.document.problem(keys, message, code=Code.NOT_ALLOWED.value, hint=hint))
    return said


def _sources(presentation: Presentation, keys: Keys, told: Any, problems: list[Problem]) -> list[Source]:
    lets: Mapping[str, str] = presentation.document.data.get("let", {})
    several = enumerate(told) if isinstance(told, list) else [(None, told)]
    found: list[Source] = []
    for index, text in several:
        try:
            found += [source for source in sources_of(text, lets) if source not in found]
        except Complaint as complaint:
            here = keys if index is None else (*keys, index)
            message = f"this way cannot be exported: {complaint.message}"
            problems.append(
                presentation.document.problem(here, message, code=complaint.code.value, hint=complaint.hint, offset=0)
            )
    return found


def _said(row: Answer, refusal: Refusal) -> dict[str, Any]:
    """Return a row as it is said without a request, in the contract's default format."""
    if row.formats is not None and row.bodies:
        offer = row.formats.offers[row.formats.default]
        body = {offer.body: row.bodies[offer.body]}
        row = replace(row, formats=None, bodies=body, content_type=row.content_type or offer.content_type)
    view: Any = _NoRequest(refusal)
    view.status = row.status_for(view, refusal.status)
    answer = row.render(view, view.status)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in answer.headers}
    return {"status": answer.status, "headers": headers, "body": answer.body.decode()}


def _place(presentation: Presentation, cause: Cause) -> Keys:
    """Return where the body of a row stands, or its status or table if it has none."""
    keys, table = presentation.layer
    look = Look().under(keys, {key: value for key, value in table.items() if key in LOOK})
    for above in reversed(ancestry(cause)):
        if above.value in table:
            look = look.under((*keys, above.value), table[above.value])
    return next((here for here, _ in look.bodies.values()), keys)
