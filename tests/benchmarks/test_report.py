import msgspec
from figures import Spread
from flooding import Round, summary
from measuring import Taken, figures, sample_of
from plan import Outcome, Timing
from report import Report, machine, table, write
from rows import Row
from watching import Shares


def outcome(rate, *, bad=0, p99=2.0, name="row", shares=None):
    timing = Timing(rate + bad, 1.0, p99)
    by_status = {200: Timing(rate, 1.0, p99)} | ({503: Timing(bad, 0.5, 0.9)} if bad else {})
    return Outcome(name, 1.0, timing, by_status, 0, 0, shares or Shares(0.3, 0.9, 0.0))


def row(*rates, row=None, raw=200.0, hashes=50.0, bad=0, shares=None):
    taken = [Taken(sample_of(outcome(rate, bad=bad, shares=shares), 70.0), raw, hashes) for rate in rates]
    return figures(row or Row("row", lambda ground: None), "own", taken, None)


def flood(quiet, flooded, *, bad=0, foreign=0.0):
    shares = Shares(0.1, 0.5, foreign)
    one = Round(
        [outcome(100, p99=quiet, name="refresh", shares=shares)],
        [outcome(100, p99=flooded, name="refresh", bad=bad, shares=shares)],
        outcome(40, bad=460, name="logins", shares=Shares(0.2)),
    )
    return summary([one, one], 50.0)


def report(**parts):
    return Report(machine(), 2, 1.0, Spread(200, 190, 210), Spread(50, 49, 51), **({"rows": []} | parts))


def test_a_row_is_related_to_the_raw_echo_of_its_own_rounds():
    figures = row(100, 50)
    assert figures.to_raw == Spread(0.375, 0.25, 0.5)
    assert round(figures.cpu_us) == 13_500  # the median of 9 and 18 ms
    assert figures.to_hash is None
    assert not figures.void


def test_a_login_is_related_to_the_password_hash():
    figures = row(40, row=Row("login", lambda ground: None, is_login=True))
    assert figures.to_hash == Spread(0.8, 0.8, 0.8)
    assert "0.80 [0.80-0.80] of HASH" in write(report(rows=[figures]))


def test_a_row_with_a_refused_request_is_void():
    figures = row(100, bad=1)
    assert figures.void
    assert "VOID: 1 not 2xx, 0 starved, 0 lost" in write(report(rows=[figures]))


def test_a_busy_driver_and_foreign_work_are_told():
    text = write(report(rows=[row(100, shares=Shares(0.9, 0.9, 0.5))]))
    assert "the driver was nearly busy" in text
    assert "1 slices with others at work" in text


def test_what_the_system_does_not_tell_is_a_dash():
    figures = row(100, shares=Shares(0.1))
    assert figures.cpu_us is None
    assert "  -  " in write(report(rows=[figures]))


def test_the_flood_is_judged_by_the_ratio():
    calm, drowned = flood(2.0, 3.0), flood(2.0, 3.2)
    assert calm.victims[0].within
    assert not drowned.victims[0].within
    text = write(report(flood=drowned))
    assert "500 logins/s offered" in text
    assert "80 logins answered 200" in text
    assert "920 logins answered 503, median 0.5 ms" in text
    assert "ABOVE 1.5" in text


def test_a_flood_in_which_steady_requests_fail_is_void():
    assert flood(2.0, 2.0, bad=1).void
    assert "VOID" in write(report(flood=flood(2.0, 2.0, bad=1)))


def test_a_flood_beside_others_is_marked():
    assert flood(2.0, 2.0).dirty == 0
    assert flood(2.0, 2.0, foreign=0.5).dirty == 2


def test_a_table_is_aligned():
    assert list(table([("a", "bb", "c"), ("long", "1", "note")])) == ["a     bb  c", "long   1  note"]


def test_a_report_travels_as_json():
    whole = report(rows=[row(100)], flood=flood(2.0, 2.5))
    assert msgspec.json.decode(msgspec.json.encode(whole), type=Report) == whole
