import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.wire.accept import choose

OFFERS = ["application/json", "text/json", "text/javascript", "application/xml", "text/xml"]


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, "application/json"),
        ("", "application/json"),
        ("  ", "application/json"),
        ("*/*", "application/json"),
        ("text/xml", "text/xml"),
        ("TEXT/XML", "text/xml"),
        (" text/xml ; charset=utf-8", "text/xml"),
        ("text/*", "text/json"),
        ("text/html, text/xml", "text/xml"),
        ("text/xml;q=0.5, application/xml;q=0.6", "application/xml"),
        ("text/xml;Q=0.5, application/xml; q=0.600", "application/xml"),
        ("application/json;q=0.5, */*;q=0.1", "application/json"),
        ("application/json;q=0, */*", "text/json"),
        ("text/*;q=0.9, application/*;q=0.8", "text/json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/xml"),
        ("*/*, text/xml", "text/xml"),  # as well liked, but named
        ("text/xml, application/json", "text/xml"),  # as well liked, but first
        ("text/xml;q=1.5, application/xml;q=0.1", "application/xml"),
        ("text/xml;q=, application/xml;q=0.1", "application/xml"),
        ("text/xml;q=0.1, text/xml;q=1, application/xml;q=0.5", "application/xml"),  # said twice: the first counts
        ("garbage, ;;, text/xml", "text/xml"),
        ("image/png", None),
        ("application/json;q=0", None),
        ("*/*;q=0", None),
        ("garbage", None),
        (",", None),
        ("text/xml\x00", None),
    ],
)
def test_the_best_liked_offer_is_chosen(accept, chosen):
    assert choose(accept, OFFERS) == chosen


def test_the_offer_comes_back_as_it_was_spelled():
    assert choose("application/json", ["Application/JSON"]) == "Application/JSON"


def test_nothing_is_chosen_from_nothing():
    assert choose(None, []) is None
    assert choose("*/*", []) is None


@given(st.text(max_size=60) | st.text(st.sampled_from("aj/*;q=01.,xml "), max_size=60))
def test_any_header_gives_an_offer_or_nothing(accept):
    assert choose(accept, OFFERS) in {*OFFERS, None}


@given(
    st.lists(
        st.tuples(st.sampled_from(OFFERS), st.integers(1, 1000)), min_size=1, max_size=5, unique_by=lambda row: row[0]
    )
)
def test_quality_decides_before_order(rows):
    accept = ", ".join(f"{name};q={quality / 1000}" for name, quality in rows)
    best = max(quality for _, quality in rows)

    assert choose(accept, OFFERS) == next(name for name, quality in rows if quality == best)
