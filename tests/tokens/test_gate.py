"""The one gate: every control, for tokens that are made and for tokens that are used."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from tokenhouse.model.decision import Caller, Decision, Step
from tokenhouse.model.records import Account, Authorization, Client
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.contract import Contract, Mount
from tokenhouse.protocol.refusals import InvalidClient, InvalidGrant, UnauthorizedClient
from tokenhouse.tokens.gate import CONTROLS, Admitted, Standing, admit, live, require_client

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
PAST, FUTURE = NOW - timedelta(seconds=1), NOW + timedelta(seconds=1)
CLIENT = Client("t", "app", "App", ("c",), (), (), (), PAST, ends_at=FUTURE)
ACCOUNT = Account("t", "us_1", "alice", None, None, None, None, PAST)
ROW = Authorization(
    1, "t", "c", "app", "us_1", (), "k", PAST, PAST, PAST, 600, refresh_idle_seconds=2, expires_at=FUTURE
)
GOOD = Standing("c", CLIENT, True, "us_1", ACCOUNT, ROW, NOW)
MOUNT = Mount(Contract("c", "C", ()), "t", "t", "https://as.example")

alter = msgspec.structs.replace

# control -> the standing that fails it, why, and how a login and a refresh are refused
FAILING = {
    "tenant open": ({"tenant_enabled": False}, Cause.CLIENT_DISABLED, InvalidClient),
    "client present": ({"client": None}, Cause.UNKNOWN_CLIENT, None),
    "client enabled": ({"client": alter(CLIENT, enabled=False)}, Cause.CLIENT_DISABLED, InvalidClient),
    "contract not over": ({"client": alter(CLIENT, ends_at=NOW)}, Cause.CLIENT_DISABLED, InvalidClient),
    "contract allowed": ({"client": alter(CLIENT, contracts=("d",))}, Cause.NOT_ALLOWED, UnauthorizedClient),
    "account present": ({"account": None}, Cause.UNKNOWN_USER, InvalidGrant),
    "account enabled": ({"account": alter(ACCOUNT, enabled=False)}, Cause.USER_DISABLED, InvalidGrant),
    "account unlocked": ({"account": alter(ACCOUNT, locked_at=PAST)}, Cause.USER_LOCKED, InvalidGrant),
    "login not revoked": ({"authorization": alter(ROW, revoked_at=PAST)}, Cause.REVOKED_TOKEN, InvalidGrant),
    "login not expired": ({"authorization": alter(ROW, expires_at=NOW)}, Cause.EXPIRED_TOKEN, InvalidGrant),
}
OF_PERSONS = {"account present", "account enabled", "account unlocked"}
OF_LOGINS = {"login not revoked", "login not expired"}


def decide(standing: Standing, step: Step = Step.ADVANCE) -> Decision:
    caller = Caller(standing.client, MOUNT, standing.tenant_enabled)
    return Decision(caller, step, (), NOW, account=standing.account, authorization=standing.authorization)


def test_the_table_of_this_test_is_the_table_of_the_gate():
    assert list(FAILING) == list(CONTROLS)


def test_who_stands_well_is_honoured_and_admitted():
    assert live(GOOD) is None
    assert admit(decide(GOOD)).decision.authorization is ROW


@pytest.mark.parametrize("name", FAILING)
def test_live_looks_at_every_control(name):
    facts, cause, _ = FAILING[name]
    failing = GOOD._replace(**facts)
    assert live(failing) is cause
    assert [one for one, control in CONTROLS.items() if control(failing) is not None] == [name]


@pytest.mark.parametrize("name", [name for name, (_, _, refusal) in FAILING.items() if refusal])
def test_admit_looks_at_every_control_of_a_refresh(name):
    facts, cause, refusal = FAILING[name]
    with pytest.raises(refusal) as refused:
        admit(decide(GOOD._replace(**facts)))
    # No password was shown: a person who is gone, disabled or locked is a dead token.
    assert refused.value.cause is (Cause.REVOKED_TOKEN if name in OF_PERSONS else cause)
    if name in OF_PERSONS:
        assert refused.value.__cause__.cause is cause


@pytest.mark.parametrize(
    "name", [name for name in FAILING if name not in OF_LOGINS | {"client present", "account present"}]
)
def test_admit_looks_at_every_control_of_a_login(name):
    facts, cause, refusal = FAILING[name]
    failing = GOOD._replace(authorization=None, **facts)
    with pytest.raises(refusal) as refused:
        admit(decide(failing, Step.OPEN))
    assert refused.value.cause is cause


def test_a_client_for_itself_needs_no_person():
    own = GOOD._replace(subject=None, account=None, authorization=None)
    assert live(own) is None
    assert admit(decide(own, Step.OPEN)).decision.account is None
    row = alter(ROW, subject=None)
    assert admit(decide(own._replace(authorization=row))).decision.authorization is row


def test_a_missing_account_fails_closed():
    for subject in ("us_1", ""):
        assert live(GOOD._replace(subject=subject, account=None)) is Cause.UNKNOWN_USER


@pytest.mark.parametrize(
    ("facts", "cause"),
    [
        ({"expires_at": None, "refresh_idle_seconds": None}, None),
        ({"expires_at": FUTURE}, None),
        ({"expires_at": NOW}, Cause.EXPIRED_TOKEN),
        ({"refresh_idle_seconds": 2, "last_used_at": PAST}, None),
        ({"refresh_idle_seconds": 1, "last_used_at": PAST}, Cause.EXPIRED_TOKEN),
        ({"refresh_idle_seconds": 1, "last_used_at": NOW, "advanced_at": PAST}, None),
    ],
)
def test_a_login_ends_at_its_end_or_when_nobody_refreshes_it(facts, cause):
    assert live(GOOD._replace(authorization=alter(ROW, **facts))) is cause


def test_a_client_without_an_end_date_does_not_end():
    assert live(GOOD._replace(client=alter(CLIENT, ends_at=None))) is None


def test_a_client_asks_for_itself_under_its_first_contract():
    caller = Caller(CLIENT, MOUNT, tenant_enabled=True)
    require_client(caller, NOW)
    require_client(caller, NOW, "c")
    with pytest.raises(UnauthorizedClient):
        require_client(caller, NOW, "another")
    with pytest.raises(UnauthorizedClient):
        require_client(dataclasses.replace(caller, client=alter(CLIENT, contracts=())), NOW)
    with pytest.raises(InvalidClient):
        require_client(dataclasses.replace(caller, client=alter(CLIENT, enabled=False)), NOW)
    with pytest.raises(InvalidClient):
        require_client(dataclasses.replace(caller, tenant_enabled=False), NOW)


@pytest.mark.parametrize("seal", [None, object(), True])
def test_nobody_but_admit_admits(seal):
    with pytest.raises(TypeError, match="only admit"):
        Admitted(decide(GOOD), seal)


def test_what_was_admitted_cannot_carry_another_decision():
    admitted = admit(decide(GOOD))
    with pytest.raises((TypeError, ValueError), match="seal"):
        dataclasses.replace(admitted, decision=decide(GOOD, Step.OPEN))
    with pytest.raises(dataclasses.FrozenInstanceError):
        admitted.decision = decide(GOOD, Step.OPEN)
    assert not hasattr(admitted, "seal")
