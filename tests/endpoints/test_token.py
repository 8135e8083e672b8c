from __future__ import annotations

import asyncio
import threading

import pytest

from tokenhouse.accounts.people import People
from tokenhouse.accounts.verifying import SlowVerifier
from tokenhouse.endpoints.token import TokenCorridor
from tokenhouse.grants.client_credentials import ClientCredentials
from tokenhouse.grants.password import Password
from tokenhouse.grants.registry import Grants
from tokenhouse.model.effects import AdvanceRefresh, EndSessions, RaceLost, SetAccountState, SetPassword
from tokenhouse.model.records import ClientSecret
from tokenhouse.model.registrations import AddClientSecret, SetClientEnabled
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.messages import Credentials, Identifier, TokenRequest
from tokenhouse.protocol.names import AuthMethod, IdentifierKind
from tokenhouse.protocol.refusals import Busy
from tokenhouse.protocol.secret import Secret
from tokenhouse.tokens.issuer import Issuer

SECRET = "th_cs_a-long-random-secret-of-the-tests"
PASSWORD = "correct horse battery"


class SlowLedger:
    """The store's commits, each held back until it is let through."""

    def __init__(self, store) -> None:
        self._store = store
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()

    async def commit(self, effects):
        self.reached.set()
        await self.opened.wait()
        await self._store.commit(effects)


class LosingLedger:
    """A ledger in which somebody else is always faster."""

    def __init__(self) -> None:
        self.tried = 0

    async def commit(self, effects):
        self.tried += 1
        raise RaceLost


@pytest.fixture
def corridor_on(house):
    def corridor_on(ledger):
        people = People(house.store, SlowVerifier(house.guesses, house.hashing, house.pool))
        grants = Grants([ClientCredentials(), Password(people)])
        return TokenCorridor(house.clients, grants, house.targets, Issuer(house.keys), ledger)

    return corridor_on


@pytest.fixture
def password_request(clock):
    return TokenRequest(
        "password",
        Credentials(AuthMethod.BASIC, "app", Secret(SECRET)),
        "feed" * 4,
        clock.now,
        identifier=Identifier(IdentifierKind.USERNAME, "alice"),
        password=Secret(PASSWORD),
    )


@pytest.fixture
def full_threads(house):
    """Keep every hashing thread busy, so that a login waits between its guess and its hash."""
    gate = threading.Event()
    held = [house.pool._threads.submit(gate.wait, 10) for _ in range(2)]
    yield gate
    gate.set()
    assert all(one.result(10) for one in held)


async def until(condition):
    for _ in range(10_000):
        if condition():
            return
        await asyncio.sleep(0.001)
    pytest.fail("it did not happen")


async def test_a_login_is_remembered_once_with_its_audit_record(login, rows):
    status, said = await login()
    assert (status, said["token_type"], said["expires_in"]) == (200, "Bearer", 300)
    assert rows("SELECT subject, client_id, contract FROM authorizations") == [("us_alice", "app", "standard")]
    assert rows("SELECT event, outcome, subject, client_id FROM audit_record") == [("login", "ok", "us_alice", "app")]
    assert rows("SELECT * FROM guess") == []


async def test_nothing_is_answered_before_it_is_remembered(corridor_on, house, password_request, rows):
    ledger = SlowLedger(house.store)
    answer = asyncio.create_task(corridor_on(ledger).token(password_request, house.standard))
    await ledger.reached.wait()
    await asyncio.sleep(0.02)
    assert not answer.done()
    assert rows("SELECT id FROM authorizations") == []
    ledger.opened.set()
    await answer
    assert len(rows("SELECT id FROM authorizations")) == 1


async def test_a_signed_token_of_a_client_writes_nothing(call, house):
    await call("token", "service", grant_type="client_credentials")
    written = []
    house.store._writer._connection.exec_trace = lambda _cursor, text, _row: written.append(text) or True
    status, _ = await call("token", "service", grant_type="client_credentials")
    house.store._writer._connection.exec_trace = None
    assert status == 200
    assert written == []


async def test_an_opaque_token_of_a_client_has_a_row_and_an_audit_record(call, house, new_client, rows):
    await new_client(house, "plain", grants=("client_credentials",), access_format="opaque")
    assert (await call("token", "plain", grant_type="client_credentials"))[0] == 200
    assert rows("SELECT subject, client_id FROM authorizations") == [(None, "plain")]
    assert rows("SELECT event FROM audit_record") == [("client_token",)]


async def test_concurrent_refreshes_of_one_token_have_one_successor(login, refresh, rows):
    _, said = await login()
    answers = await asyncio.gather(*(refresh(said["refresh_token"]) for _ in range(50)))
    assert {status for status, _ in answers} == {200}
    assert len({answer["refresh_token"] for _, answer in answers}) == 1
    assert rows("SELECT generation, revoked_at FROM authorizations") == [(1, None)]
    assert (await refresh(answers[0][1]["refresh_token"]))[0] == 200


async def test_a_race_that_is_lost_again_and_again_is_told_to_come_back(corridor_on, house, password_request):
    ledger = LosingLedger()
    with pytest.raises(Busy) as refused:
        await corridor_on(ledger).token(password_request, house.standard)
    assert (refused.value.cause, refused.value.retry_after) == (Cause.BUSY, 1)
    assert ledger.tried == 3


@pytest.mark.parametrize("change", ["password", "lock", "client"])
async def test_a_login_that_was_still_hashing_when_its_account_changed_does_not_come_to_life(
    login, house, full_threads, rows, change
):
    changes = {
        "password": SetPassword("default", "us_alice", house.hashing.decoy, "raw"),
        "lock": SetAccountState("default", "us_alice", house.clock(), enabled=True),
        "client": SetClientEnabled("default", "app", enabled=False),
    }
    answer = asyncio.create_task(login())
    await until(lambda: rows("SELECT * FROM guess"))
    await house.store.commit((changes[change], EndSessions("default", "us_alice", house.clock())))
    full_threads.set()
    status, said = await answer
    assert (status, said["error"]) == (400, "invalid_grant")
    assert rows("SELECT id FROM authorizations") == []
    assert rows("SELECT event, reason FROM audit_record") == [("refused", "bad_credentials")]


async def test_whoever_goes_away_while_hashing_is_not_logged_in(login, house, full_threads, rows):
    answer = asyncio.create_task(login())
    await until(lambda: rows("SELECT * FROM guess"))
    answer.cancel()
    full_threads.set()
    with pytest.raises(asyncio.CancelledError):
        await answer
    assert house.pool.taken == 0
    assert rows("SELECT id FROM authorizations") == []


async def test_a_guess_at_a_chosen_secret_is_given_back_though_the_request_is_refused(
    call, house, new_client, rows, clock
):
    await new_client(house, "chosen", secret=None, grants=("client_credentials",))
    phc = house.hashing.hash(Secret(SECRET), "raw")
    secret = ClientSecret("1", "argon2id", phc, clock.now)
    await house.store.commit((AddClientSecret("default", "chosen", secret, clock.now),))
    house.forget()
    assert (await call("token", "chosen", grant_type="nonsense"))[1]["error"] == "unsupported_grant_type"
    assert rows("SELECT * FROM guess") == []


async def test_a_guess_at_a_chosen_secret_is_given_back_though_a_race_is_lost(
    login, refresh, house, rows, clock, monkeypatch
):
    first = (await login())[1]["refresh_token"]
    phc = house.hashing.hash(Secret(SECRET), "raw")
    secret = ClientSecret("2", "argon2id", phc, clock.now)
    await house.store.commit((AddClientSecret("default", "app", secret, clock.now),))
    house.forget()
    real, lost = house.store.commit, []

    async def commit(effects):
        if not lost and any(isinstance(effect, AdvanceRefresh) for effect in effects):
            lost.append(effects)
            raise RaceLost
        await real(effects)

    monkeypatch.setattr(house.store, "commit", commit)
    assert (await refresh(first))[0] == 200
    assert len(lost) == 1
    assert rows("SELECT * FROM guess") == []


@pytest.mark.parametrize("state", ["locked", "disabled"])
async def test_a_locked_and_a_disabled_person_look_like_a_wrong_password(login, house, clock, state, rows):
    locked_at = clock.now if state == "locked" else None
    await house.store.commit((SetAccountState("default", "us_alice", locked_at, enabled=state == "locked"),))
    assert await login() == await login(password="wrong") == await login(username="nobody")
    reasons = [reason for (reason,) in rows("SELECT reason FROM audit_record ORDER BY sequence")]
    assert reasons == [f"user_{state}", "wrong_password", "unknown_user"]
