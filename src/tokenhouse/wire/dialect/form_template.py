"""Form templates (``a={{ x }}&b={{ y }}``): literal parts go out as they stand, values are encoded by the writer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tokenhouse.wire.dialect.code_functions import form_encode
from tokenhouse.wire.dialect.complaint import Code, Complaint
from tokenhouse.wire.dialect.holes import Hole, Workshop, split_holes, text_run
from tokenhouse.wire.dialect.scope import Run
from tokenhouse.wire.dialect.values import OMIT, text_of


def compile_form(text: str, workshop: Workshop) -> Callable[[Any], bytes]:
    """Return the closure that writes a form; a pair whose value is ``omit`` is left out."""
    writers = [_pair(pieces, workshop) for pieces in _pairs(text, workshop)]

    def run(env: Any) -> bytes:
        found = [writer(env) for writer in writers]
        return "&".join(pair for pair in found if pair is not OMIT).encode()

    return run


def _pairs(text: str, workshop: Workshop) -> list[list[str | Hole]]:
    pairs: list[list[str | Hole]] = [[]]
    try:
        for piece in split_holes(text.strip()):
            if isinstance(piece, Hole):
                pairs[-1].append(piece)
                continue
            first, *others = piece.split("&")
            if first:
                pairs[-1].append(first)
            pairs += [[other] for other in others]
    except Complaint as complaint:
        workshop.report(complaint)
        return []
    if any(not pieces or not isinstance(pieces[0], str) or "=" not in pieces[0] for pieces in pairs):
        workshop.report(Complaint(Code.BODY, "a form is written a={{ x }}&b={{ y }}"))
        return []
    return pairs


def _pair(pieces: list[str | Hole], workshop: Workshop) -> Run:
    name = str(pieces[0])
    if len(pieces) == 2 and isinstance(pieces[1], Hole) and "omit" in pieces[1].source:  # noqa: PLR2004
        value_of = workshop.expression(pieces[1]).run

        def lone(env: Any) -> Any:
            value = value_of(env)
            return OMIT if value is OMIT else name + form_encode(text_of(value))

        return lone
    parts = [workshop.in_text(piece, form_encode) if isinstance(piece, Hole) else piece for piece in pieces]
    return text_run(parts)
