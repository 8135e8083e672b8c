"""The valid name that somebody probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_CUTOFF = 0.6
_MAX_WORD = 64


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate most like ``word``, None if none is like it; letter case and ``-``/``_`` do not count."""
    if len(word) > _MAX_WORD:
        return None
    folded: dict[str, str] = {}
    for candidate in candidates:
        folded.setdefault(_fold(candidate), candidate)
    close = get_close_matches(_fold(word), folded, n=1, cutoff=_CUTOFF)
    return folded[close[0]] if close else None


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """Return a hint such as ``did you mean "access_token"?``, empty if nothing is near."""
    found = nearest(word, candidates)
    return "" if found is None else f'did you mean "{found}"?'


def _fold(word: str) -> str:
    return word.casefold().replace("-", "_")
