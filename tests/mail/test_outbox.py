"""The outbox: tries, waits, gives up, says so, and never more than it has places for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog

from tokenhouse.mail.carriers import NotNow, Refused, SmtpCarrier
from tokenhouse.mail.outbox import DELAYS, Outbox
from tokenhouse.protocol.refusals import Busy

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class Carrier:
    """Answers each attempt as it is told to; then takes everything."""

    def __init__(self, *answers: Exception) -> None:
        self.answers = list(answers)
        self.taken: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.at_once = self.most_at_once = 0

    async def carry(self, message: Any) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self.gate.wait()
            if self.answers:
                raise self.answers.pop(0)
            self.taken.append(message["To"])
        finally:
            self.at_once -= 1


class Counted(list):
    def __call__(self, kind: str, event: str) -> None:
        self.append((kind, event))


@pytest.fixture
def log() -> Any:
    with structlog.testing.capture_logs() as kept:
        yield kept


@pytest.fixture
def counted() -> Counted:
    return Counted()


def outbox(carrier: Any, counted: Any, places: int = 8, delays: Sequence[float] = (0.0, 0.0, 0.0)) -> Outbox:
    return Outbox(carrier, "id@example.com", lambda: NOW, counted, places=places, delays=delays)


async def settle(box: Outbox) -> None:
    while box._tasks:
        await asyncio.wait(box._tasks)


async def test_a_letter_goes_out(log: Any, counted: Any, letter: Any) -> None:
    carrier = Carrier()
    box = outbox(carrier, counted)
    box.require_room()
    box.post(letter())
    await settle(box)
    assert carrier.taken == ["alice@example.com"]
    assert counted == [("reset", "mail.sent")]
    assert log == [{"event": "mail.sent", "log_level": "info", "kind": "reset", "request_id": "cafe", "attempts": 1}]


async def test_a_letter_to_nobody_is_dropped(log: Any, counted: Any, letter: Any) -> None:
    box = outbox(Carrier(), counted, places=1)
    for _ in range(3):
        box.require_room()
        box.post(letter(to=None))
    await settle(box)
    assert (log, counted) == ([], [])


async def test_what_may_pass_is_tried_again(log: Any, counted: Any, letter: Any) -> None:
    carrier = Carrier(NotNow("451"), NotNow("connection"))
    box = outbox(carrier, counted)
    box.post(letter())
    await settle(box)
    assert carrier.taken == ["alice@example.com"]
    assert [(line["event"], line.get("reason")) for line in log] == [
        ("mail.delayed", "451"),
        ("mail.delayed", "connection"),
        ("mail.sent", None),
    ]
    assert counted == [("reset", "mail.sent")]


@pytest.mark.parametrize(
    ("answers", "attempts", "reason"),
    [
        ([NotNow("timeout")] * 3, 3, "timeout"),
        ([NotNow("451"), Refused("550")], 2, "550"),
        ([RuntimeError("alice@example.com")], 1, "broken"),
    ],
)
async def test_what_does_not_go_out_is_given_up(
    log: Any, counted: Any, letter: Any, answers: list[Exception], attempts: int, reason: str
) -> None:
    carrier = Carrier(*answers)
    box = outbox(carrier, counted)
    box.post(letter())
    await settle(box)
    assert carrier.taken == []
    assert log[-1]["event"] == "mail.failed"
    assert (log[-1]["attempts"], log[-1]["reason"]) == (attempts, reason)
    assert counted == [("reset", "mail.failed")]
    assert "alice" not in str(log)


async def test_an_address_that_is_none_is_given_up(log: Any, counted: Any, letter: Any) -> None:
    box = outbox(Carrier(), counted)
    box.post(letter(to="no address"))
    await settle(box)
    assert log[-1]["reason"] == "address"


async def test_it_is_bounded(counted: Any, letter: Any) -> None:
    carrier = Carrier()
    carrier.gate.clear()
    box = outbox(carrier, counted, places=6)
    for _ in range(6):
        box.require_room()
        box.post(letter())
    with pytest.raises(Busy) as busy:
        box.require_room()
    assert busy.value.retry_after == 5
    await asyncio.sleep(0.05)
    assert carrier.most_at_once == 4
    carrier.gate.set()
    await settle(box)
    box.require_room()
    assert len(carrier.taken) == 6


async def test_the_answer_goes_out_before_the_letter(counted: Any, letter: Any) -> None:
    carrier = Carrier()
    box = outbox(carrier, counted, delays=DELAYS)
    box.post(letter())
    for _ in range(10):
        await asyncio.sleep(0)
    assert (carrier.most_at_once, DELAYS[0] > 0) == (0, True)
    await box.close(5)
    assert carrier.taken == ["alice@example.com"]


async def test_closing_is_the_last_chance(log: Any, counted: Any, letter: Any) -> None:
    carrier = Carrier(NotNow("451"), NotNow("451"))
    box = outbox(carrier, counted, delays=(0.0, 3600.0, 3600.0))
    box.post(letter())
    box.post(letter())
    await asyncio.sleep(0.05)
    await asyncio.wait_for(box.close(5), 5)
    assert carrier.taken == ["alice@example.com"] * 2
    with pytest.raises(Busy):
        box.require_room()
    await box.close(5)


async def test_what_takes_too_long_at_the_end_is_lost_and_said(log: Any, counted: Any, letter: Any) -> None:
    carrier = Carrier()
    carrier.gate.clear()
    box = outbox(carrier, counted)
    box.post(letter())
    await asyncio.sleep(0.02)
    await box.close(0.02)
    assert (log[-1]["event"], log[-1]["reason"]) == ("mail.failed", "shutdown")
    assert counted == [("reset", "mail.failed")]


async def test_a_mail_server_that_comes_back(
    log: Any, counted: Any, letter: Any, start: Any, trusting: Any, own_tls: Any
) -> None:
    from tokenhouse.config.mailboxes import MailServer

    server = await start(tls_context=own_tls, require_starttls=True)
    server.postman.says += ["451 4.3.0 try again", "421 4.3.2 closing"]
    carrier = SmtpCarrier(
        server=MailServer("127.0.0.1", server.port, tls_at_once=False),
        starttls=True,
        context=trusting,
        user=None,
        password=None,
        timeout=5,
        name="id.example.com",
    )
    box = outbox(carrier, counted)
    box.post(letter())
    await settle(box)
    assert len(server.mails) == 1
    assert [line["event"] for line in log] == ["mail.delayed", "mail.delayed", "mail.sent"]
