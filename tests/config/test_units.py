"""Durations and sizes are read in one spelling and come back."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.config.units import format_duration, format_size, read_duration, read_size


@given(st.integers(0, 36_500 * 86_400_000))
def test_every_duration_comes_back(milliseconds: int) -> None:
    duration = timedelta(milliseconds=milliseconds)
    assert read_duration(format_duration(duration)) == duration


@given(st.integers(0, 9_999_999), st.sampled_from([1, 1 << 10, 1 << 20, 1 << 30]))
def test_every_size_comes_back(count: int, unit: int) -> None:
    assert read_size(format_size(count * unit)) == count * unit


@given(st.text(max_size=12) | st.integers() | st.none() | st.booleans())
def test_anything_else_is_refused_or_has_one_meaning(value: object) -> None:
    for read, write in ((read_duration, format_duration), (read_size, format_size)):
        try:
            meaning = read(value)
        except ValueError:
            continue
        assert read(write(meaning)) == meaning


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("10s", timedelta(seconds=10)),
        ("1h30m", timedelta(minutes=90)),
        ("14d", timedelta(days=14)),
        ("250ms", timedelta(milliseconds=250)),
        ("0s", timedelta(0)),
        ("36500d", timedelta(days=36_500)),
    ],
)
def test_a_duration_means(text: str, duration: timedelta) -> None:
    assert read_duration(text) == duration


@pytest.mark.parametrize(
    "text", ["", "10", "s", "10 s", "-1s", "1.5h", "30m1h", "1h1h", "PT5M", "٣s", "36501d", "10S", 10]
)
def test_a_duration_written_otherwise_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="duration"):
        read_duration(text)


@pytest.mark.parametrize(("text", "size"), [("0B", 0), ("512B", 512), ("64KiB", 65_536), ("1GiB", 1 << 30)])
def test_a_size_means(text: str, size: int) -> None:
    assert read_size(text) == size


@pytest.mark.parametrize("text", ["", "64", "64KB", "64kib", "64 KiB", "-1B", "1.5MiB", "٣B", 64, True])
def test_a_size_written_otherwise_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="size"):
        read_size(text)


@pytest.mark.parametrize(("size", "text"), [(0, "0B"), (1536, "1536B"), (2048, "2KiB"), (1 << 20, "1MiB")])
def test_a_size_is_written_in_the_largest_unit_that_divides_it(size: int, text: str) -> None:
    assert format_size(size) == text
