import re

from tokenhouse.wire.dialect.complaint import Code, Complaint


def test_a_complaint_moves_with_the_text_that_holds_it():
    moved = Complaint(Code.TYPE, "m", hint="h", offset=3).moved(4)

    assert (moved.code, moved.message, moved.hint, moved.offset) == (Code.TYPE, "m", "h", 7)


def test_codes_are_stable_identities():
    assert all(re.fullmatch(r"TH-D0[0-9]{2}", code.value) for code in Code)
    assert len({code.value for code in Code}) == len(Code)
