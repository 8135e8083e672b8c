from figures import Spread, percentile, ratios, spread
from hypothesis import given
from hypothesis import strategies as st

POSITIVE = st.floats(min_value=0.001, max_value=1e6)


def test_a_percentile_is_a_value_that_was_seen():
    hundred = [float(number) for number in range(1, 101)]
    assert percentile(hundred, 0.5) == 50
    assert percentile(hundred, 0.99) == 99
    assert percentile(hundred, 1.0) == 100
    assert percentile([7.0], 0.99) == 7
    assert percentile([], 0.99) == 0


@given(st.lists(POSITIVE, min_size=1), st.floats(min_value=0, max_value=1))
def test_at_least_the_share_is_not_above_the_percentile(values, share):
    ordered = sorted(values)
    found = percentile(ordered, share)
    assert found in ordered
    assert sum(value <= found for value in ordered) >= share * len(ordered) - 1e-6


def test_a_spread_is_median_and_range():
    assert spread([3.0, 1.0, 10.0]) == Spread(3.0, 1.0, 10.0)
    assert spread([]) is None


def test_ratios_are_taken_inside_each_round():
    # The machine was twice as slow in the second round: the ratio does not notice.
    assert ratios([10.0, 5.0], [20.0, 10.0]) == Spread(0.5, 0.5, 0.5)


def test_a_round_without_both_figures_does_not_count():
    assert ratios([10.0, None, 4.0], [20.0, 10.0, 0.0]) == Spread(0.5, 0.5, 0.5)
    assert ratios([None], [1.0]) is None


@given(st.lists(st.tuples(POSITIVE, POSITIVE), min_size=1))
def test_the_median_ratio_lies_in_its_range(pairs):
    found = ratios([one for one, _ in pairs], [other for _, other in pairs])
    assert found.lowest <= found.median <= found.highest
