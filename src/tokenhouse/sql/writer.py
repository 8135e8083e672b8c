"""One writer thread with group commit: whoever waits at the same time shares one flush.

The batch is whatever has queued up while the previous one was being flushed; there is no timer. Each request has a
savepoint of its own, so one that is refused takes nothing of the others with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Sequence
from typing import Any

import apsw

from tokenhouse.model.effects import Conflict, Effect
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import Busy, Refusal
from tokenhouse.sql.apply import changes

_BATCH = 256
_UNWRITABLE = (apsw.FullError, apsw.IOError, apsw.ReadOnlyError, apsw.CantOpenError, apsw.NoMemError, apsw.BusyError)

_Job = tuple[Sequence[Effect], "asyncio.Future[None]", asyncio.AbstractEventLoop]
_Done = list[tuple["asyncio.Future[None]", BaseException | None]]


class _BatchLost(Exception):
    """SQLite rolled the whole transaction back by itself; nobody's savepoint survived."""


class Writer:
    """Runs commits on one connection, in one thread, in the order in which they were asked for."""

    def __init__(self, connection: apsw.Connection, waiting: int = 4096) -> None:
        self._connection = connection
        self._run = connection.cursor().execute
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._waiting = waiting
        self._thread = threading.Thread(target=self._work, name="tokenhouse-writer", daemon=True)
        self._thread.start()

    async def commit(self, effects: Sequence[Effect]) -> None:
        """Remember ``effects`` durably; a cancelled caller does not cancel them.

        Raises:
            Refusal, RaceLost, Conflict: as the effects say.
            Busy: too many wait already, the writer is closed, or the database cannot be written.

        """
        if self._jobs.qsize() >= self._waiting:
            raise Busy(Cause.BUSY, retry_after=1)
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._jobs.put((effects, done, loop))
        try:
            await asyncio.shield(done)
        except asyncio.CancelledError:
            done.add_done_callback(_unheard)
            raise

    def close(self) -> None:
        """Finish what is queued, then stop; whoever comes later is refused."""
        self._waiting = 0
        self._jobs.put(None)
        self._thread.join()
        self._connection.close()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            batch, stop = [job], False
            while len(batch) < _BATCH and not self._jobs.empty():
                following = self._jobs.get()
                if following is None:
                    stop = True
                    break
                batch.append(following)
            self._finish(batch)
            if stop:
                return

    def _finish(self, batch: list[_Job]) -> None:
        try:
            done = self._transact(batch)
        except _UNWRITABLE as error:
            done = [(job[1], _unwritable(error)) for job in batch]
        except Exception as error:  # noqa: BLE001 -- handed to whoever waits; the thread must outlive it
            if len(batch) > 1:
                for job in batch:
                    self._finish([job])
                return
            done = [(batch[0][1], error.__cause__ if isinstance(error, _BatchLost) else error)]
        by_loop: dict[asyncio.AbstractEventLoop, _Done] = {}
        for (_, _, loop), outcome in zip(batch, done, strict=True):
            by_loop.setdefault(loop, []).append(outcome)
        for loop, outcomes in by_loop.items():
            with contextlib.suppress(RuntimeError):  # the loop was closed: nobody waits there any more
                loop.call_soon_threadsafe(_resolve, outcomes)

    def _transact(self, batch: list[_Job]) -> _Done:
        self._run("BEGIN IMMEDIATE")
        try:
            done: _Done = [(future, self._remember(effects)) for effects, future, _ in batch]
            self._run("COMMIT")
        except BaseException:
            if not self._connection.getautocommit():
                self._run("ROLLBACK")
            raise
        return done

    def _remember(self, effects: Sequence[Effect]) -> BaseException | None:
        """Apply one request's effects, or its consequences if it is refused; return what it raises."""
        self._run("SAVEPOINT request")
        try:
            self._apply(effects)
        except Exception as error:
            if isinstance(error, _UNWRITABLE):
                raise
            if self._connection.getautocommit():
                raise _BatchLost from error
            self._run("ROLLBACK TO request")
            if isinstance(error, Refusal) and error.effects:
                self._apply(error.effects)
                error.effects = ()
            self._run("RELEASE request")
            return error
        self._run("RELEASE request")
        return None

    def _apply(self, effects: Sequence[Effect]) -> None:
        for effect in effects:
            for text, row, decides in changes(effect):
                try:
                    self._run(text, row)
                except apsw.ConstraintError as error:
                    raise Conflict(type(effect).__name__) from error
                if decides and self._connection.changes() == 0:
                    raise effect.otherwise()


def _unwritable(error: Exception) -> Busy:
    refusal = Busy(Cause.BUSY, retry_after=5)
    refusal.__cause__ = error
    return refusal


def _unheard(done: asyncio.Future[None]) -> None:
    """Take note of a refusal that nobody waits for any more; else the loop would log it as an error."""
    if not done.cancelled():
        done.exception()


def _resolve(outcomes: Any) -> None:
    for future, error in outcomes:
        if future.done():
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
