from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.sql.times import from_db, from_db_or_none, to_db, to_db_or_none

zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
times = st.datetimes(datetime(1000, 1, 1), datetime(9000, 1, 1), timezones=zones)  # noqa: DTZ001 -- the strategy adds the zone


@given(times)
def test_a_time_comes_back_as_the_same_instant_in_utc(at):
    back = from_db(to_db(at))
    assert back == at
    assert back.tzinfo is UTC
    assert from_db_or_none(to_db_or_none(at)) == at


@given(times, times)
def test_the_stored_order_is_the_order_of_time(one, other):
    assert (to_db(one) < to_db(other)) is (one < other)


def test_never_stays_never():
    assert to_db_or_none(None) is None
    assert from_db_or_none(None) is None


def test_the_unit_is_the_microsecond():
    assert to_db(datetime(1970, 1, 1, 0, 0, 1, 1, tzinfo=UTC)) == 1_000_001


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(TypeError):
        to_db(datetime(2026, 1, 1))  # noqa: DTZ001 -- that is the point
