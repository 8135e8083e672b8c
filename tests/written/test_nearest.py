import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.written.nearest import did_you_mean, nearest

NAMES = ("access_token", "refresh_token", "expires_in", "Scope")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("acess_token", "access_token"),
        ("access-token", "access_token"),
        ("ACCESS_TOKEN", "access_token"),
        ("expire_in", "expires_in"),
        ("scope", "Scope"),
        ("refrehs_token", "refresh_token"),
    ],
)
def test_a_slip_finds_the_name(word, meant):
    assert nearest(word, NAMES) == meant
    assert did_you_mean(word, NAMES) == f'did you mean "{meant}"?'


@pytest.mark.parametrize("word", ["", "zzz", "x" * 65, "access_token" * 6])
def test_a_strange_word_finds_nothing(word):
    assert nearest(word, NAMES) is None
    assert did_you_mean(word, NAMES) == ""


def test_nothing_is_near_when_there_is_nothing():
    assert nearest("word", ()) is None


def test_names_that_differ_in_case_only_give_the_first():
    assert nearest("token", ["Token", "TOKEN"]) == "Token"


@given(st.lists(st.text(min_size=1, max_size=20), min_size=1), st.text(max_size=20))
def test_only_a_candidate_is_ever_suggested(candidates, word):
    assert nearest(word, iter(candidates)) in {None, *candidates}
    assert nearest(candidates[0], candidates) is not None
