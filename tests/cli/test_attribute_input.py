import json

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.cli.attribute_input import read_attributes

NAMES = st.text(min_size=1).filter(lambda name: "=" not in name)


@given(st.dictionaries(NAMES, st.text()))
def test_texts_stay_texts(values):
    assert read_attributes(tuple(f"{name}={value}" for name, value in values.items()), ()) == values


@given(st.dictionaries(NAMES, st.none() | st.booleans() | st.integers() | st.lists(st.text())))
def test_documents_are_read(values):
    assert read_attributes((), tuple(f"{name}={json.dumps(value)}" for name, value in values.items())) == values


@pytest.mark.parametrize(
    ("texts", "documents", "words"),
    [
        (("nickname",), (), "write an attribute as name=value"),
        (("=x",), (), "write an attribute as name=value"),
        ((), ("plan={",), '"plan" is no JSON'),
        ((), ("plan=" + "[" * 100_000,), '"plan" is no JSON'),
        (("a=1",), ("a=1",), "given twice"),
    ],
)
def test_others_are_refused(texts, documents, words):
    with pytest.raises(click.UsageError, match=words):
        read_attributes(texts, documents)
