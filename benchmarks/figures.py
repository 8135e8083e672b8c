"""Figures: percentiles, spreads, ratios. Pure functions over numbers that somebody else took."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from math import ceil

import msgspec

MEDIAN, HIGH = 0.5, 0.99


class Spread(msgspec.Struct, frozen=True):
    """The median of some rounds, with what was seen around it."""

    median: float
    lowest: float
    highest: float


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the nearest-rank percentile of ascending values; 0 of none."""
    if not ordered:
        return 0.0
    return ordered[max(0, ceil(share * len(ordered)) - 1)]


def spread(values: Sequence[float]) -> Spread | None:
    """Return the spread of ``values``, None of none."""
    return Spread(statistics.median(values), min(values), max(values)) if values else None


def ratios(ours: Sequence[float | None], theirs: Sequence[float | None]) -> Spread | None:
    """Return the spread of the ratios inside each round; a round that lacks either does not count."""
    return spread([one / other for one, other in zip(ours, theirs, strict=True) if one is not None and other])
