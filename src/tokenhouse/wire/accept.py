"""Which of the offered media types an Accept header prefers.

Spec: RFC 9110 §12.5.1.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from tokenhouse.wire.limits import ACCEPT_RANGES

_WORD = r"[!#$%&'*+.^_`|~0-9a-z-]+"
_RANGE = re.compile(rf"[ \t]*({_WORD}/{_WORD})[ \t]*(?:;|$)")
_QUALITY = re.compile(r";[ \t]*q=([^ \t;]*)")
_QVALUE = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")


class _Wish(NamedTuple):
    """Ordered by preference: quality, then how specific the range is, then who was named first."""

    quality: float
    specific: int
    earlier: int


def choose(accept: str | None, offers: Sequence[str]) -> str | None:
    """Return the offer that the header likes best; without a header the first, None if nothing is acceptable.

    Among equals the more specific range wins, then the one named first, then the offer that stands first. Ranges that
    cannot be read are passed over.
    """
    if accept is None or not accept.strip():
        return offers[0] if offers else None
    wishes = _wishes(accept)
    best: str | None = None
    best_wish: _Wish | None = None
    for offer in offers:
        wish = _wish_for(offer.lower(), wishes)
        if wish is not None and wish.quality > 0 and (best_wish is None or wish > best_wish):
            best, best_wish = offer, wish
    return best


def _wish_for(offer: str, wishes: dict[str, _Wish]) -> _Wish | None:
    kind = offer.partition("/")[0]
    return wishes.get(offer) or wishes.get(f"{kind}/*") or wishes.get("*/*")


def _wishes(accept: str) -> dict[str, _Wish]:
    wishes: dict[str, _Wish] = {}
    for index, item in enumerate(accept.lower().split(",", ACCEPT_RANGES)[:ACCEPT_RANGES]):
        found = _RANGE.match(item)
        if found is None:
            continue
        quality = _QUALITY.search(item)
        if quality is not None and _QVALUE.fullmatch(quality[1]) is None:
            continue
        value = 1.0 if quality is None else float(quality[1])
        wishes.setdefault(found[1], _Wish(value, -found[1].count("*"), -index))
    return wishes
