"""Audit records: who did what, when, through which contract, and how it ended."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from tokenhouse.audit import events
from tokenhouse.model.decision import Caller, Decision, Step
from tokenhouse.model.effects import RecordAudit
from tokenhouse.model.records import Account, AuditRecord, Authorization, Client
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.contract import Contract, Mount

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BEFORE = datetime(2026, 11, 1, tzinfo=UTC)
ROW = Authorization(7, "t", "c", "app", "us_1", ("read",), "k", BEFORE, BEFORE, BEFORE, None)
CALLER = Caller(
    Client("t", "app", "App", (), (), (), (), BEFORE), Mount(Contract("c", "C", ()), "t", "t", "i"), tenant_enabled=True
)
WHO = {"tenant": "t", "contract": "c", "client_id": "app", "request_id": "r1", "source": "192.0.2.1", "at": NOW}


@pytest.mark.parametrize(
    ("step", "subject", "event", "reason"),
    [
        (Step.OPEN, "us_1", "login", ""),
        (Step.OPEN, None, "client_token", ""),
        (Step.ADVANCE, "us_1", "refresh", ""),
        (Step.ADVANCE, None, "refresh", ""),
        (Step.KEEP, "us_1", "refresh", ""),
        (Step.REPEAT, "us_1", "refresh", "repeated"),
    ],
)
def test_what_was_granted(step, subject, event, reason):
    row = msgspec.structs.replace(ROW, subject=subject)
    effect = events.granted(Decision(CALLER, step, (), NOW), row, "r1", "192.0.2.1")
    expected = AuditRecord(event=event, outcome="ok", subject=subject, authorization_id=7, reason=reason, **WHO)
    assert effect == RecordAudit(expected)


@pytest.mark.parametrize(
    ("grant_type", "event"),
    [("password", "login"), ("named_subject", "login_named"), ("assertion", "login_by_provider")],
)
def test_a_login_without_a_password_is_called_otherwise(grant_type, event):
    opened = events.granted(Decision(CALLER, Step.OPEN, (), NOW), ROW, "r1", "192.0.2.1", grant_type)
    renewed = events.granted(Decision(CALLER, Step.ADVANCE, (), NOW), ROW, "r1", "192.0.2.1", grant_type)
    assert (opened.record.event, renewed.record.event) == (event, "refresh")


@pytest.mark.parametrize(("row", "authorization_id"), [(ROW, 7), (None, None)])
def test_what_happened_to_a_person(row, authorization_id):
    account = Account("t", "us_1", "alice", None, None, None, None, BEFORE)
    told = {"now": NOW, "request_id": "r1", "source": "192.0.2.1", "client_id": "app", "row": row, "reason": "why"}
    effect = events.of_person(events.UPDATE, account, "c", **told)
    expected = AuditRecord(
        event="update", outcome="ok", subject="us_1", reason="why", authorization_id=authorization_id, **WHO
    )
    assert effect == RecordAudit(expected)


@pytest.mark.parametrize("event", [events.REVOKE, events.REUSE])
def test_a_login_that_ended(event):
    effect = events.ended(ROW, event, NOW, "r1", "192.0.2.1")
    assert effect == RecordAudit(AuditRecord(event=event, outcome="ok", subject="us_1", authorization_id=7, **WHO))


@pytest.mark.parametrize(("row", "subject", "authorization_id"), [(ROW, "us_1", 7), (None, None, None)])
def test_a_token_that_was_ended_alone(row, subject, authorization_id):
    effect = events.token_ended("t", "c", "app", row, now=NOW, request_id="r1", source="192.0.2.1")
    expected = AuditRecord(
        event="revoke", outcome="ok", reason="token", subject=subject, authorization_id=authorization_id, **WHO
    )
    assert effect == RecordAudit(expected)


@pytest.mark.parametrize("cause", Cause)
def test_a_refusal_is_told_with_its_true_cause(cause):
    told = {key: value for key, value in WHO.items() if key != "at"}
    effect = events.refused(cause, now=NOW, **told)
    assert effect == RecordAudit(AuditRecord(event="refused", outcome="refused", reason=cause.value, **WHO))


@pytest.mark.parametrize(("subject", "reason"), [("us_1", ""), (None, "unknown_user")])
def test_what_people_ask_for_themselves(subject, reason):
    account = subject and Account("t", subject, None, None, None, None, None, BEFORE)
    effect = events.self_service(
        events.RESET_ASKED, "t", account or None, now=NOW, request_id="r1", source="192.0.2.1", reason=reason
    )
    expected = AuditRecord(
        NOW, "password_reset_asked", "ok", "t", "people", "r1", reason=reason, subject=subject, source="192.0.2.1"
    )
    assert effect == RecordAudit(expected)


def test_an_operator_s_change_says_who_and_about_what():
    effect = events.administered("user.lock", "t", now=NOW, actor="cli", about="us_1")
    expected = AuditRecord(NOW, "administration.user.lock", "ok", "t", "", "", subject="us_1", source="cli")
    assert effect == RecordAudit(expected)


def test_a_record_has_no_room_for_a_credential():
    fields = set(AuditRecord.__struct_fields__)
    assert not {name for name in fields if "token" in name or "password" in name or "secret" in name}


def test_event_names_are_told_apart():
    names = [value for name, value in vars(events).items() if name.isupper() and isinstance(value, str)]
    assert len(names) > 10
    assert len(set(names)) == len(names)
