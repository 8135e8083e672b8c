import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.wire.scope import read_scope

TOKENS = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters='"\\'), min_size=1, max_size=8
)


@pytest.mark.parametrize(
    ("text", "scope"),
    [("read", ("read",)), ("read write", ("read", "write")), ("b a b", ("b", "a")), ("!#[]~", ("!#[]~",))],
)
def test_a_scope_is_its_tokens_each_once(text, scope):
    assert read_scope(text) == scope


@pytest.mark.parametrize("text", ["", " ", " a", "a ", "a  b", "a\tb", 'a"', "a\\b", "é", "a\n", "a\x7f", "a,\x00"])
def test_other_characters_are_no_scope(text):
    assert read_scope(text) is None


@given(st.lists(TOKENS, min_size=1, max_size=8, unique=True))
def test_what_is_joined_is_read_again(tokens):
    assert read_scope(" ".join(tokens)) == tuple(tokens)


@given(st.text(max_size=30))
def test_any_text_is_a_scope_or_none(text):
    scope = read_scope(text)
    assert scope is None or set(scope) == set(text.split(" "))
