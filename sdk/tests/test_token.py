from dataclasses import FrozenInstanceError
from types import MappingProxyType

import pytest

from tokenhouse_verify.token import Token


def test_a_token_does_not_change_and_keeps_its_claims_to_itself():
    token = Token(sub="alice", client_id="app", scope=("a",), expires_at=None, claims=MappingProxyType({"mail": "a@b"}))
    with pytest.raises(FrozenInstanceError):
        token.sub = "bob"
    assert "a@b" not in repr(token)
    assert hash(token) == hash(token)
