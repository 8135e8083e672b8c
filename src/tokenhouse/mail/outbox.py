"""The outbox: a bounded number of letters under way, each tried a few times, all of them outside of requests.

It is kept in memory alone. What a crash loses is a letter, not a right: whoever waits for it asks again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from tokenhouse.mail.carriers import Carrier, NotNow, Refused
from tokenhouse.mail.letters import Letter, UnusableAddress, compose
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import Busy

SENT = "mail.sent"
DELAYED = "mail.delayed"
FAILED = "mail.failed"

DELAYS = (0.05, 5.0, 30.0, 120.0)
"""Seconds before each attempt. The first lets the answer go out, so that its time tells nothing of the letter."""

_AT_ONCE = 4
_RETRY_SECONDS = 5

Note = Callable[[str, str], None]
"""Counts a letter: its kind, and how it ended."""


class Outbox:
    """Carries letters; ``places`` may be under way or waiting for another attempt."""

    def __init__(
        self,
        carrier: Carrier,
        sender: str,
        clock: Callable[[], datetime],
        note: Note,
        *,
        places: int,
        delays: Sequence[float] = DELAYS,
    ) -> None:
        self._carrier = carrier
        self._sender = sender
        self._clock = clock
        self._note = note
        self._places = places
        self._delays = delays
        self._log = structlog.get_logger("tokenhouse")
        self._tasks: set[asyncio.Task[None]] = set()
        self._at_once = asyncio.Semaphore(_AT_ONCE)
        self._closing = asyncio.Event()

    def require_room(self) -> None:
        """Pass if another letter may be posted; asked before it is known whether there will be one.

        Raises:
            Busy: too many are under way.

        """
        if len(self._tasks) >= self._places or self._closing.is_set():
            raise Busy(Cause.BUSY, retry_after=_RETRY_SECONDS)

    def post(self, letter: Letter) -> None:
        """Take a letter; one to nobody is dropped."""
        if letter.to is None:
            return
        task = asyncio.create_task(self._deliver(letter))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self, seconds: float) -> None:
        """Let everything that is under way be tried at once, for the last time, and wait at most ``seconds`` for it."""
        self._closing.set()
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=seconds)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)

    async def _deliver(self, letter: Letter) -> None:
        attempt, reason = 0, ""
        try:
            for attempt, delay in enumerate(self._delays, 1):
                is_last = await self._pause(delay) or attempt == len(self._delays)
                async with self._at_once:
                    reason = await self._try(letter)
                if not reason:
                    self._end(letter, SENT, attempt)
                    return
                if is_last:
                    break
                self._log.warning(DELAYED, kind=letter.kind, request_id=letter.request_id, reason=reason)
            self._end(letter, FAILED, attempt, reason)
        except (Refused, UnusableAddress) as error:
            self._end(letter, FAILED, attempt, str(error) or "address")
        except asyncio.CancelledError:
            self._end(letter, FAILED, attempt, reason or "shutdown")
            raise
        except Exception:  # noqa: BLE001 -- nobody else would hear of it; the trace may hold the letter
            self._end(letter, FAILED, attempt, "broken")

    async def _pause(self, seconds: float) -> bool:
        """Wait; return whether the house is being closed, which ends the waiting."""
        closing = asyncio.create_task(self._closing.wait())
        done, _ = await asyncio.wait([closing], timeout=seconds)
        closing.cancel()
        return bool(done)

    async def _try(self, letter: Letter) -> str:
        """Return why it was not taken this time, empty if it was."""
        try:
            await self._carrier.carry(compose(letter, self._sender, self._clock()))
        except NotNow as error:
            return str(error)
        return ""

    def _end(self, letter: Letter, event: str, attempts: int, reason: str = "") -> None:
        self._note(letter.kind, event)
        facts = {"kind": letter.kind, "request_id": letter.request_id, "attempts": attempts}
        if event == SENT:
            self._log.info(event, **facts)
        else:
            self._log.warning(event, **facts, reason=reason)
