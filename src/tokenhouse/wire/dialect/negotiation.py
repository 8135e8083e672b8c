"""Which body an answer has: the caller's choice among what the contract offers, never 406.

Spec: the dialect language, section 6; RFC 9110 §12.5.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from tokenhouse.protocol.refusals import Refusal
from tokenhouse.wire.accept import choose
from tokenhouse.wire.dialect.complaint import Code
from tokenhouse.wire.dialect.desk import Desk
from tokenhouse.wire.dialect.schema import BODY_KEYS
from tokenhouse.wire.dialect.scope import Run
from tokenhouse.wire.dialect.stages import Names, Stage
from tokenhouse.wire.dialect.view import View

CONTENT_TYPES: Final[dict[str, str]] = {
    "json": "application/json",
    "xml": "application/xml",
    "form": "application/x-www-form-urlencoded",
    "text": "text/plain",
}


class Format(NamedTuple):
    """One offer: which body, under which content type."""

    body: str
    content_type: bytes


@dataclass(frozen=True, slots=True)
class Formats:
    """What a contract offers. Keys that are media types are chosen by an Accept header, words by being equal."""

    select: Run
    default: str
    offers: Mapping[str, Format]
    is_media: bool

    @property
    def bodies(self) -> frozenset[str]:
        """The bodies that every answer must have."""
        return frozenset(offer.body for offer in self.offers.values())

    def choose(self, view: View) -> Format:
        """Return the offer for a request; the default if none fits or nothing was asked for."""
        try:
            wanted = self.select(view)
        except Refusal:
            wanted = None
        if not isinstance(wanted, str) or not wanted:
            return self.offers[self.default]
        if not self.is_media:
            return self.offers.get(wanted, self.offers[self.default])
        others = [key for key in self.offers if key != self.default]
        return self.offers[choose(wanted, [self.default, *others]) or self.default]


def compile_formats(desk: Desk, value: Any, names: Names) -> Formats | None:
    """Return the ``[formats]`` of a file."""
    keys = ("formats",)
    table = desk.table(keys, value, "formats")
    offers: dict[str, Format] = {}
    for key, told in table.get("as", {}).items():
        offer = _offer(desk, (*keys, "as", key), key, told)
        if offer is not None:
            offers[key] = offer
    select = desk.expression((*keys, "choose"), table.get("choose", "null"), names.at(Stage.REQUEST))
    default = table.get("default", "")
    if default not in offers:
        if "default" in table and offers:
            desk.choice((*keys, "default"), default, offers)
        return None
    media = {"/" in key for key in offers}
    if len(media) > 1:
        desk.refuse((*keys, "as"), Code.FORMATS, "either all keys are media types or none is")
    return Formats(select.run, default, offers, media == {True})


def _offer(desk: Desk, keys: tuple[str, ...], key: str, told: Any) -> Format | None:
    if isinstance(told, dict):
        told = desk.table(keys, told, "format")
        body, content_type = told.get("body", ""), told.get("content_type")
    else:
        body, content_type = told, None
    if not isinstance(body, str):
        desk.refuse(keys, Code.WRONG_KIND, "a format is the name of a body")
        return None
    if desk.choice(keys, body, BODY_KEYS) is None:
        return None
    return Format(body, (content_type or (key if "/" in key else CONTENT_TYPES[body])).encode())
