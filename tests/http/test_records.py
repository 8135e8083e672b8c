from __future__ import annotations

from datetime import timedelta

import pytest
import structlog

from tokenhouse.http.certificates import thumbprint
from tokenhouse.http.records import BROKE, REFUSED, TURNED_AWAY, UNREMEMBERED, Recorder
from tokenhouse.model.effects import ReturnGuess
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.exchange import HttpRequest
from tokenhouse.protocol.messages import Credentials
from tokenhouse.protocol.names import AuthMethod
from tokenhouse.protocol.refusals import Busy, InvalidClient
from tokenhouse.protocol.secret import Secret


@pytest.fixture
def recorder(ledger, metrics, log):
    return Recorder(ledger, metrics, structlog.get_logger())


@pytest.fixture
def request_(clock):
    return HttpRequest("POST", "/token", "", (), b"", "feed" * 4, clock.now, "192.0.2.1")


@pytest.fixture
def visit(echo, request_):
    def visit(client_id=None, contract="echo"):
        credentials = client_id and Credentials(AuthMethod.BASIC, client_id, Secret("hunter2"))
        return echo(contract=contract, credentials=credentials).open(request_)

    return visit


def refused(*effects, cause=Cause.WRONG_SECRET):
    return InvalidClient(cause, effects=effects)


async def test_an_answer_is_counted_and_not_logged(recorder, visit, counted, log, ledger):
    recorder.answered(visit(), 0.001)
    assert counted() == {("echo", "echo", "ok"): 1}
    assert (log, ledger.committed) == ([], [])


async def test_an_unknown_path_is_counted_without_its_name(recorder, counted):
    recorder.unknown()
    assert counted() == {("", "", "not_found"): 1}


async def test_a_refusal_is_one_line_one_count_and_one_audit_record(
    recorder, visit, request_, counted, log, ledger, clock
):
    given = refused(ReturnGuess(b"budget"))
    assert await recorder.refused(visit("app"), given, request_, 0.001) is given
    assert counted() == {("echo", "echo", "wrong_secret"): 1}
    assert log == [
        {
            "event": REFUSED,
            "log_level": "info",
            "reason": "wrong_secret",
            "contract": "echo",
            "operation": "echo",
            "client_id": "app",
            "request_id": "feed" * 4,
            "source": "192.0.2.1",
        }
    ]
    effect, audit = ledger.committed
    assert effect == ReturnGuess(b"budget")
    assert (audit.record.event, audit.record.reason, audit.record.client_id) == ("refused", "wrong_secret", "app")
    assert (audit.record.at, audit.record.outcome, audit.record.tenant) == (clock.now, "refused", "default")


@pytest.mark.parametrize(
    ("claimed", "told"),
    [
        ("app-1.x:y@z~_", "app-1.x:y@z~_"),
        ("x" * 128, "x" * 128),
        ("x" * 129, None),
        ("a\nb", None),
        ("\ud800", None),
        ("app&client_secret=hunter2", None),
        ("", None),
        (None, None),
    ],
)
async def test_only_what_can_be_a_client_id_is_remembered_of_a_claim(
    recorder, visit, request_, ledger, log, claimed, told
):
    await recorder.refused(visit(claimed), refused(), request_, 0.001)
    assert log[0]["client_id"] == told
    assert ledger.committed[0].record.client_id == told


async def test_no_secret_is_left_behind(recorder, visit, request_, ledger, log):
    await recorder.refused(visit("app"), refused(), request_, 0.001)
    assert "hunter2" not in repr((log, ledger.committed))


async def test_a_busy_server_writes_nothing(recorder, visit, request_, ledger, counted, log):
    given = Busy(Cause.BUSY, retry_after=1)
    assert await recorder.refused(visit(), given, request_, 0.001) is given
    assert ledger.committed == []
    assert counted() == {("echo", "echo", "busy"): 1}
    assert [(line["event"], line["count"]) for line in log] == [(TURNED_AWAY, 1)]


async def test_a_flood_is_one_line_a_second(recorder, visit, request_, log, clock):
    for _ in range(500):
        await recorder.refused(visit(), Busy(Cause.BUSY, retry_after=1), request_, 0.001)
    request_.now += timedelta(seconds=1)
    await recorder.refused(visit(), Busy(Cause.BUSY, retry_after=1), request_, 0.001)
    assert [line["count"] for line in log] == [1, 500]
    request_.now -= timedelta(days=1)
    await recorder.refused(visit(), Busy(Cause.BUSY, retry_after=1), request_, 0.001)
    assert len(log) == 3, "a clock that was set back silences nothing"


async def test_a_guess_that_was_right_is_given_back_although_the_rest_had_no_room(recorder, visit, request_, ledger):
    refund = ReturnGuess(b"budget")
    busy = Busy(Cause.BUSY, retry_after=1, effects=(refund,))
    assert await recorder.refused(visit(), busy, request_, 0.001) is busy
    assert ledger.committed == [refund]
    ledger.fails = Busy(Cause.BUSY, retry_after=5)
    assert await recorder.refused(visit(), busy, request_, 0.001) is busy


async def test_a_document_that_was_refused_is_not_audited(recorder, visit, request_, ledger):
    await recorder.refused(visit(contract=""), refused(), request_, 0.001)
    assert ledger.committed == []


async def test_a_refusal_that_cannot_be_remembered_is_not_said(recorder, visit, request_, ledger, log):
    ledger.fails = Busy(Cause.BUSY, retry_after=5)
    assert await recorder.refused(visit(), refused(), request_, 0.001) is ledger.fails
    assert [(line["event"], line["log_level"]) for line in log] == [(REFUSED, "info"), (UNREMEMBERED, "warning")]


async def test_an_incident_is_logged_once_with_its_trace(recorder, visit, request_, counted, log):
    error = ZeroDivisionError()
    recorder.broke(visit(), error, request_, 0.001)
    (line,) = log
    assert (line["event"], line["request_id"], line["exc_info"]) == (BROKE, "feed" * 4, error)
    assert counted() == {("echo", "echo", "server_error"): 1}


async def test_the_certificate_of_a_refused_client_is_logged_by_its_thumbprint(recorder, visit, request_, log):
    request_.certificate = b"der"
    await recorder.refused(visit("app"), refused(), request_, 0.001)
    assert log[0]["certificate"] == thumbprint(b"der")


async def test_a_refusal_that_knows_its_person_is_audited_with_them(recorder, visit, request_, ledger):
    await recorder.refused(visit("app"), refused().about("us_17"), request_, 0.001)
    await recorder.refused(visit("app"), refused(), request_, 0.001)
    assert [effect.record.subject for effect in ledger.committed] == ["us_17", None]
