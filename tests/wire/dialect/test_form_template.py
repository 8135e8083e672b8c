from types import SimpleNamespace
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.wire.dialect.form_template import compile_form
from tokenhouse.wire.dialect.holes import Workshop
from tokenhouse.wire.dialect.scope import Resolved
from tokenhouse.wire.dialect.values import ABSENT


class Anything:
    """Every name is a fact of the environment."""

    def resolve(self, path):
        return Resolved(lambda env: env.facts.get(path[0], ABSENT), "any", 1)

    def every(self, path):
        return None


def write(template, **facts):
    complaints = []
    render = compile_form(template, Workshop(Anything(), complaints.append))
    assert complaints == []
    return render(SimpleNamespace(facts=facts, locals={})).decode()


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
def test_values_come_back(one, two):
    written = write("a={{ x }}&b=v{{ y }}&c=1", x=one, y=two)

    assert parse_qsl(written, keep_blank_values=True) == [("a", one), ("b", "v" + two), ("c", "1")]


def test_a_pair_can_be_left_out():
    assert write("a={{ x or omit }}&b={{ y or omit }}", y="1 2") == "b=1+2"
    assert write("a={{ x }}&b=") == "a=&b="


@pytest.mark.parametrize("template", ["", "a", "{{ x }}=1", "a={{ x", "a={{ }}"])
def test_what_is_complained_about(template):
    complaints = []
    compile_form(template, Workshop(Anything(), complaints.append))

    assert len(complaints) == 1
