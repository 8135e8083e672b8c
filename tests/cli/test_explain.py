import pytest

from tokenhouse.cli.explain import advice, means
from tokenhouse.cli.reasons import REASONS

REFUSED = {"event": "refused", "reason": "wrong_password", "outcome": "refused"}


def test_a_refusal_is_said_in_words_with_what_to_do():
    assert means(REFUSED) == ("the request was refused: the password is wrong, or the person has none (wrong_password)")
    assert advice(REFUSED) == REASONS["wrong_password"].do


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ({"event": "login", "reason": "", "outcome": "ok"}, "a person logged in"),
        ({"event": "refresh", "reason": "repeated", "outcome": "ok"}, "a session was renewed (repeated)"),
        ({"event": "administration.user.lock", "reason": "", "outcome": "ok"}, "administration: user: lock"),
    ],
)
def test_what_went_well_needs_no_advice(record, words):
    assert means(record) == words
    assert advice(record) is None


def test_a_request_that_left_nothing_says_where_to_look(place):
    assert "counted, not recorded" in place.refused("explain", "0123456789abcdef", code=3)


@pytest.mark.parametrize("name", ["x", "0123456789abcde", "0123456789abcdefg", "' OR 1=1 --"])
def test_what_is_no_request_id_is_refused(place, name):
    place.refused("explain", name, code=2)
