from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest

from tokenhouse.model.decision import Caller, Decision, Step
from tokenhouse.model.records import Client
from tokenhouse.protocol.contract import Contract, Mount

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CALLER = Caller(
    Client("t", "app", "App", (), (), (), (), NOW), Mount(Contract("c", "C", ()), "t", "t", "i"), tenant_enabled=True
)


def test_a_decision_cannot_be_changed_after_it_was_made():
    decision = Decision(CALLER, Step.OPEN, ("read",), NOW)
    for value, name in ((decision, "scope"), (CALLER, "client")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, name, None)


def test_a_decision_entitles_to_nothing_it_does_not_say():
    decision = Decision(CALLER, Step.OPEN, (), NOW)
    assert (decision.account, decision.authorization, decision.issues, decision.effects) == (None, None, (), ())
    assert CALLER.effects == ()


def test_tokens_come_from_a_login_or_a_refresh():
    assert [step.name for step in Step] == ["OPEN", "ADVANCE", "KEEP", "REPEAT"]
