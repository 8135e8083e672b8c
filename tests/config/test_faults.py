"""Each kind of problem has a code of its own."""

from tokenhouse.config import faults


def test_codes_are_distinct_and_shaped() -> None:
    codes = [value for name, value in vars(faults).items() if name.isupper()]
    assert len(set(codes)) == len(codes) == 5
    assert all(code.startswith("TH-C00") for code in codes)
