from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.wire.dialect import time_functions as time
from tokenhouse.wire.dialect.values import ABSENT

MOMENTS = st.integers(10**15, 3 * 10**16).map(lambda us: time.EPOCH + timedelta(microseconds=us))


@given(MOMENTS)
def test_times_come_back(moment):
    assert time.from_epoch(time.epoch(moment)) == moment.replace(microsecond=0)
    assert time.epoch_ms(time.from_epoch_ms(str(time.epoch_ms(moment)))) == time.epoch_ms(moment)
    assert time.from_iso8601(time.iso8601(moment, 6)) == moment
    assert time.iso8601(moment) == moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@given(st.text(max_size=30) | st.integers() | st.none() | st.booleans() | st.floats())
def test_anything_is_a_time_or_absent(value):
    for read in (time.from_epoch, time.from_epoch_ms):
        assert read(value) is ABSENT or isinstance(read(value), datetime)


def test_what_is_no_time():
    assert time.from_epoch("1e9") is ABSENT
    assert time.from_epoch(seconds=True) is ABSENT
    assert time.from_epoch(10**18) is ABSENT
    assert time.from_iso8601("2020-05-08T12:00:00") is ABSENT
    assert time.from_iso8601("noon") is ABSENT
    assert time.iso8601(time.EPOCH, 7) is ABSENT


def test_patterns_and_zones():
    assert time.format_time(time.EPOCH, "%H") == "00"
    assert time.format_time(time.EPOCH, "%H", "Asia/Taipei") == "08"
    assert time.format_time(time.EPOCH, "%H", "No/Where") is ABSENT
    assert time.format_time(time.EPOCH, "%H", "../../etc/passwd") is ABSENT
    assert time.format_time(time.EPOCH, "%H" * 40) is ABSENT


def test_durations():
    assert time.duration(timedelta(minutes=1))(5) == timedelta(minutes=5)
    assert time.duration(timedelta(hours=1))(10**12) is ABSENT
