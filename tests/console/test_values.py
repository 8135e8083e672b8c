import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.console.values import ClientId, Input, Nothing, ScopeName, TenantName, Text, convert, decode, encode
from tokenhouse.protocol.secret import Secret

SECRETS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=1024)


class Holder(Input, frozen=True):
    text: Text | None = None
    tenant: TenantName | None = None
    client_id: ClientId | None = None
    scope: ScopeName | None = None
    secret: Secret | None = None


@given(SECRETS)
def test_a_secret_travels_and_is_not_shown(text):
    asked = decode(json.dumps({"secret": text}).encode(), Holder)
    assert asked.secret.reveal() == text
    assert len(text) < 9 or text not in repr(asked)
    assert json.loads(encode({"secret": asked.secret})) == {"secret": text}
    assert convert({"secret": text}, Holder).secret.reveal() == text


@given(st.binary(max_size=64))
def test_any_bytes_are_read_or_refused(data):
    try:
        decode(data, Nothing)
    except ValueError:
        return
    assert json.loads(data) == {}


@given(st.dictionaries(st.sampled_from(["text", "tenant", "client_id", "scope", "secret"]), st.text() | st.integers()))
def test_any_members_are_read_as_they_are_or_refused(members):
    refused = ""
    try:
        read = convert(members, Holder)
    except ValueError as error:
        refused = str(error)
    if refused:
        assert all(not isinstance(v, str) or len(v) < 9 or v not in refused for v in members.values())
        return
    for name, value in members.items():
        held = getattr(read, name)
        assert (held.reveal() if isinstance(held, Secret) else held) == value


@pytest.mark.parametrize("text", ["", "a\nb", "\x7f", "x" * 201, "\ud800"])
def test_texts_are_one_printable_line(text):
    with pytest.raises(msgspec.ValidationError):
        convert({"text": text}, Holder)


def test_nothing_else_travels():
    with pytest.raises(TypeError, match="object does not travel"):
        encode({"x": object()})


def test_unknown_members_are_refused():
    unknown: dict[str, Any] = {"x": 1}
    with pytest.raises(msgspec.ValidationError, match="unknown field `x`"):
        convert(unknown, Nothing)
