from __future__ import annotations

import copy
import json
import pickle

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.protocol.messages import Credentials, TokenQuestion, TokenRequest
from tokenhouse.protocol.names import AuthMethod
from tokenhouse.protocol.secret import Secret
from tokenhouse.sql.times import from_db

TEXT = "hunter2 is my password"


@given(st.text())
def test_a_secret_is_revealed_as_it_was(text):
    assert Secret(text).reveal() == text


@pytest.mark.parametrize("show", [repr, str, "{}".format, "{!r}".format, "%s".__mod__, lambda secret: f"{[secret]}"])
def test_a_secret_is_not_shown(show):
    assert "hunter2" not in show(Secret(TEXT))


@pytest.mark.parametrize("write", [pickle.dumps, json.dumps, msgspec.json.encode, copy.copy, copy.deepcopy])
def test_a_secret_is_not_written_down(write):
    with pytest.raises(TypeError) as refused:
        write(Secret(TEXT))
    assert "hunter2" not in str(refused.value)


def test_secrets_are_not_compared():
    assert Secret(TEXT) != Secret(TEXT)
    assert Secret(TEXT) != TEXT


def test_a_secret_has_no_other_attributes():
    assert not hasattr(Secret(TEXT), "__dict__")


def test_no_message_shows_its_secrets():
    credentials = Credentials(AuthMethod.POST, "app", Secret(TEXT))
    now = from_db(0)
    request = TokenRequest("password", credentials, "r", now, password=Secret(TEXT), token=Secret(TEXT))
    question = TokenQuestion(credentials, "r", now, token=Secret(TEXT))
    assert "hunter2" not in repr((credentials, request, question))
