from contextlib import contextmanager

import pytest

from tokenhouse.written.position import Position
from tokenhouse.written.problem import Problem, Problems


def test_a_problem_says_where_what_and_what_was_meant():
    problem = Problem("TH-X007", "house.toml", Position(3, 5), 'unknown key "acess"', 'did you mean "access"?')

    assert str(problem) == 'house.toml:3:5: TH-X007 unknown key "acess" (did you mean "access"?)'


def test_a_problem_without_a_hint_ends_with_its_message():
    assert str(Problem("TH-X007", "a b.toml", Position(1, 1), "empty")) == "a b.toml:1:1: TH-X007 empty"


def test_problems_are_a_line_each_in_their_order():
    first = Problem("TH-X001", "f", Position(2, 1), "one")
    second = Problem("TH-X002", "f", Position(1, 1), "two", "three")

    problems = Problems((first, second))

    assert str(problems) == "f:2:1: TH-X001 one\nf:1:1: TH-X002 two (three)"
    assert problems.problems == (first, second)


def test_a_problem_can_be_raised_through_a_context_manager():
    @contextmanager
    def passing():
        yield

    with pytest.raises(Problem) as caught, passing():
        raise Problem("TH-X001", "f", Position(1, 1), "one")

    assert caught.value.code == "TH-X001"
    assert (caught.value.path, caught.value.position, caught.value.message, caught.value.hint) == (
        "f",
        (1, 1),
        "one",
        "",
    )
