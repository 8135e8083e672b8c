"""Times in the database: whole microseconds since 1970, UTC. Exact, sortable, the same in every engine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_db(at: datetime) -> int:
    """Return microseconds since 1970."""
    return (at - _EPOCH) // _MICROSECOND


def to_db_or_none(at: datetime | None) -> int | None:
    """Return microseconds since 1970, None for None."""
    return None if at is None else (at - _EPOCH) // _MICROSECOND


def from_db(value: int) -> datetime:
    """Return the aware datetime."""
    return _EPOCH + timedelta(microseconds=value)


def from_db_or_none(value: int | None) -> datetime | None:
    """Return the aware datetime, None for None."""
    return None if value is None else _EPOCH + timedelta(microseconds=value)
