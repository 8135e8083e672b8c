"""A status that turns a token away is the token's fault; every other one is the provider's."""

from __future__ import annotations

import pytest

from tokenhouse.egress.client import Answer
from tokenhouse.egress.failures import EgressError
from tokenhouse.providers.answers import require_accepted, require_object
from tokenhouse.providers.refused import ProofRefused


def test_an_accepted_token_has_facts() -> None:
    assert require_accepted(Answer(200, b'{"id": 1}')) == {"id": 1}
    assert require_object(Answer(200, b'{"id": 1}')) == {"id": 1}


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_token_can_be_turned_away(status: int) -> None:
    with pytest.raises(ProofRefused, match="turned_away"):
        require_accepted(Answer(status, b"whatever"))
    with pytest.raises(EgressError, match="bad_status"):
        require_object(Answer(status, b"{}"))


@pytest.mark.parametrize("status", [100, 201, 204, 206, 402, 404, 405, 429, 500, 502, 503, 599])
def test_any_other_status_says_nothing(status: int) -> None:
    with pytest.raises(EgressError, match="bad_status"):
        require_accepted(Answer(status, b'{"id": 1}'))


def test_an_accepted_token_without_facts_is_the_providers_fault() -> None:
    with pytest.raises(EgressError, match="not_json"):
        require_accepted(Answer(200, b"<html>"))
