import pytest
from loading import read_wrk
from watching import Shares

SHARES = Shares(0.5)
WRK = """\
Running 2s test @ http://127.0.0.1:8400/
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     3.09ms    1.02ms  20.10ms   85.50%
    Req/Sec    20.10k     1.51k   22.90k    75.00%
  Latency Distribution
     50%    2.95ms
     75%    3.30ms
     90%    4.10ms
     99%  910.00us
  40200 requests in 2.01s, 25.10MB read
Requests/sec:  20000.00
Transfer/sec:     12.49MB
"""


def test_the_report_of_wrk_is_read():
    outcome = read_wrk(WRK, "row", SHARES)
    assert (round(outcome.rate), outcome.all.p50, outcome.all.p99) == (20000, 2.95, 0.91)
    assert not outcome.is_void


def test_what_wrk_saw_fail_makes_the_row_void():
    failed = WRK + "  Non-2xx or 3xx responses: 12\n"
    assert read_wrk(failed, "row", SHARES).bad == 12
    broken = WRK + "  Socket errors: connect 1, read 2, write 0, timeout 3\n"
    assert read_wrk(broken, "row", SHARES).lost == 6
    assert read_wrk(broken, "row", SHARES).is_void


def test_anything_else_is_refused():
    with pytest.raises(ValueError, match="not a report of wrk"):
        read_wrk("unable to connect", "row", SHARES)
