"""Functions on times and durations; a time is always aware."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tokenhouse.wire.dialect.values import ABSENT

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_PATTERN_LIMIT: Final = 64
_MICROSECOND: Final = timedelta(microseconds=1)


def epoch(moment: datetime) -> int:
    """Return whole seconds since 1970."""
    return (moment - EPOCH) // timedelta(seconds=1)


def epoch_ms(moment: datetime) -> int:
    """Return whole milliseconds since 1970."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def iso8601(moment: datetime, digits: int = 0) -> Any:
    """Return the time in UTC with ``Z`` and that many digits of a second."""
    if not 0 <= digits <= 6:  # noqa: PLR2004
        return ABSENT
    at = moment.astimezone(UTC)
    fraction = f".{at.microsecond:06d}"[: digits + 1] if digits else ""
    return at.strftime("%Y-%m-%dT%H:%M:%S") + fraction + "Z"


def format_time(moment: datetime, pattern: str, zone: str = "UTC") -> Any:
    """Return the time by a ``strftime`` pattern, in a named zone."""
    if len(pattern) > _PATTERN_LIMIT:
        return ABSENT
    try:
        place: timezone | ZoneInfo = UTC if zone == "UTC" else ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ABSENT
    return moment.astimezone(place).strftime(pattern)


def from_epoch(seconds: Any) -> Any:
    """Return the time that many seconds after 1970; text of digits is read too."""
    return _since_epoch(seconds, 1_000_000)


def from_epoch_ms(milliseconds: Any) -> Any:
    """Return the time that many milliseconds after 1970; text of digits is read too."""
    return _since_epoch(milliseconds, 1_000)


def _since_epoch(amount: Any, microseconds: int) -> Any:
    if isinstance(amount, str) and amount.isascii() and amount.isdigit() and len(amount) < 16:  # noqa: PLR2004
        amount = int(amount)
    if type(amount) is not int:
        return ABSENT
    try:
        return EPOCH + amount * microseconds * _MICROSECOND
    except OverflowError:
        return ABSENT


def from_iso8601(text: str) -> Any:
    """Return the time that ISO 8601 text spells; it must name its zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return ABSENT
    return ABSENT if moment.tzinfo is None else moment


def duration(unit: timedelta) -> Any:
    """Return the function that makes a duration of a number of ``unit``."""

    def make(amount: int) -> Any:
        try:
            return amount * unit
        except OverflowError:
            return ABSENT

    return make
