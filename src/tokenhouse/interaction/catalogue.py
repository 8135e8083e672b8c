"""The catalogue: every text of pages and mails, by language.

Spec: RFC 9110 §12.5.4 for the header; a language is matched by its full tag, so that simplified characters never stand
for traditional ones.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

DEFAULT_LANGUAGE = "en"
LANGUAGES = (DEFAULT_LANGUAGE, "zh-TW")
_PREFIXES = {"en": "en", "zh-tw": "zh-TW", "zh-hant": "zh-TW"}
"""What a tag is, or begins with, and the catalogue that serves it."""

_MOST_TAGS = 32
_TAG = re.compile(r"[ \t]*([A-Za-z0-9*-]{1,40})[ \t]*(?:;[ \t]*q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?[ \t]*")


class Texts:
    """The texts of one language."""

    def __init__(self, language: str, texts: Mapping[str, str]) -> None:
        self.language = language
        self._texts = texts

    def has(self, key: str) -> bool:
        """Return whether there is such a text."""
        return key in self._texts

    def say(self, key: str, **facts: object) -> str:
        """Return a text with its holes filled; what fills them is not looked at for holes of its own."""
        return self._texts[key].format_map(facts)


@cache
def texts(language: str) -> Texts:
    """Return the texts of one of ``LANGUAGES``."""
    file = files("tokenhouse.interaction") / "texts" / f"{language}.toml"
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    flat = {f"{table}.{key}": text for table, entries in tables.items() for key, text in entries.items()}
    return Texts(language, flat)


def negotiate(header: str | None) -> str:
    """Return the language that an Accept-Language header likes best among ours; English if it likes none.

    Ranges that cannot be read are passed over; among equals the one named first wins.
    """
    best, quality = DEFAULT_LANGUAGE, 0.0
    for item in (header or "").split(",")[:_MOST_TAGS]:
        match = _TAG.fullmatch(item)
        language = _serving(match[1].lower()) if match else None
        liked = float(match[2] or 1) if match else 0.0
        if language is not None and liked > quality:
            best, quality = language, liked
    return best


def _serving(tag: str) -> str | None:
    return next((ours for prefix, ours in _PREFIXES.items() if tag == prefix or tag.startswith(f"{prefix}-")), None)
