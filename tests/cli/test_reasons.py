from tokenhouse.audit import events
from tokenhouse.cli.reasons import OUTCOMES, REASONS
from tokenhouse.protocol.causes import Cause


def test_every_cause_has_its_words():
    assert set(REASONS) == set(Cause)


def test_no_words_are_missing():
    assert all(reason.means and reason.do for reason in REASONS.values())


def test_the_events_that_are_explained_exist():
    assert set(OUTCOMES) <= {value for name, value in vars(events).items() if name.isupper() and isinstance(value, str)}
