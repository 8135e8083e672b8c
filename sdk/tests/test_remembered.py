from tokenhouse_verify.remembered import Remembered


def test_a_value_until_its_end(clock):
    held = Remembered(2, clock)
    assert held.find(b"a") is None
    held.keep(b"a", "A", 5)
    clock.now += 4.9
    assert held.find(b"a") == "A"
    clock.now += 0.1
    assert held.find(b"a") is None
    assert len(held) == 0


def test_the_oldest_goes_first(clock):
    held = Remembered(2, clock)
    for key in (b"a", b"b", b"a", b"c"):
        held.keep(key, key, 5)
    assert [held.find(key) for key in (b"a", b"b", b"c")] == [b"a", None, b"c"]
    assert len(held) == 2


def test_no_time_is_not_kept(clock):
    held = Remembered(2, clock)
    for seconds in (0, -1):
        held.keep(b"a", "A", seconds)
    assert len(held) == 0
