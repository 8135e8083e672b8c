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


def test_advice_names_whom_the_record_names_and_the_tenant():
    record = REFUSED | {"tenant": "shop", "subject": "us_17", "client_id": "app"}
    assert advice(record) == "tokenhouse user set-password us_17 --tenant shop"
    assert advice(record | {"tenant": "default"}) == "tokenhouse user set-password us_17"
    wrong = record | {"reason": "wrong_secret"}
    shown = "tokenhouse client show app --tenant shop; tokenhouse client rotate-secret app --tenant shop"
    assert advice(wrong) == shown
    assert advice(wrong | {"client_id": "$(reboot)"}) == shown.replace("app", "ID")


def test_what_is_no_request_id_is_said_in_words(place):
    assert "request_id must be the 16 hex digits" in place.refused("explain", "nonsense", code=2)
