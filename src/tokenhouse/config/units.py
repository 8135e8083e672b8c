"""Durations and sizes as people write them: ``15m``, ``1h30m``, ``64KiB``."""

from __future__ import annotations

import re
from datetime import timedelta

_SCALE = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
_DURATION = re.compile("".join(rf"(?:([0-9]{{1,7}}){unit})?" for unit in _SCALE))
_SIZE = re.compile(r"([0-9]{1,7})(B|KiB|MiB|GiB)")
_BYTES = {"GiB": 1 << 30, "MiB": 1 << 20, "KiB": 1 << 10, "B": 1}

_LONGEST = timedelta(days=36_500)


def read_duration(text: object) -> timedelta:
    """Return the duration that ``text`` writes, units in falling order (``d h m s ms``).

    Raises:
        ValueError: it is written otherwise, or longer than a hundred years.

    """
    match = _DURATION.fullmatch(text) if isinstance(text, str) and text else None
    if match is None:
        raise ValueError('expected a duration such as "10s", "15m", "1h30m" or "14d"')
    parts = zip(match.groups(), _SCALE.values(), strict=True)
    duration = timedelta(milliseconds=sum(int(count) * scale for count, scale in parts if count))
    if duration > _LONGEST:
        raise ValueError('the longest duration is "36500d"')
    return duration


def format_duration(duration: timedelta) -> str:
    """Return the shortest text that ``read_duration`` reads back; whole milliseconds only."""
    rest = duration // timedelta(milliseconds=1)
    text = ""
    for unit, scale in _SCALE.items():
        count, rest = divmod(rest, scale)
        text += f"{count}{unit}" if count else ""
    return text or "0s"


def read_size(text: object) -> int:
    """Return the number of bytes that ``text`` writes.

    Raises:
        ValueError: it is written otherwise; decimal units such as ``KB`` are refused because they mislead.

    """
    match = _SIZE.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError('expected a size such as "512B", "64KiB" or "1MiB"')
    return int(match[1]) * _BYTES[match[2]]


def format_size(size_bytes: int) -> str:
    """Return the size in the largest unit that divides it."""
    unit = next((unit for unit, scale in _BYTES.items() if size_bytes and size_bytes % scale == 0), "B")
    return f"{size_bytes // _BYTES[unit]}{unit}"
