"""Certificates that change while the server runs: watched, judged, and used for whoever connects from then on.

A pair that cannot be used is spoken of once, and the one before it stays. A file is written in steps: a change counts
when two looks in a row have seen the same, or at once when somebody says so.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import structlog

from tokenhouse.config.settings import Tls
from tokenhouse.http.certificates import UnusableCertificate, read_files
from tokenhouse.http.tls import Prepared, prepare, warnings

LOADED = "certificate.loaded"
REJECTED = "certificate.rejected"
UNCHANGED = "certificate.unchanged"
DOUBTFUL = "certificate.doubtful"
LOOK_SECONDS = 2.0


@dataclass(slots=True)
class Watched:
    """A listener with TLS: what it serves with, how it is given another context, and what the last looks found."""

    name: str
    tls: Tls
    prepared: Prepared
    use: Callable[[ssl.SSLContext], Awaitable[None]]
    seen: bytes | str = b""
    said: str = ""


class Renewal:
    """Watches the files of all listeners with TLS."""

    def __init__(
        self,
        watched: Iterable[Watched],
        log: structlog.typing.FilteringBoundLogger,
        clock: Callable[[], datetime],
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._watched = tuple(watched)
        self._log = log
        self._clock = clock
        self._look_seconds = look_seconds
        self._told = asyncio.Event()

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to watch."""
        return bool(self._watched)

    def at_once(self) -> None:
        """Look now, and take what is there even if it was just written."""
        self._told.set()

    async def watch(self) -> None:
        """Look again and again; runs until it is cancelled."""
        for one in self._watched:
            self._tell(one)
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), self._look_seconds)
            is_told = self._told.is_set()
            self._told.clear()
            for one in self._watched:
                await self._look(one, is_told=is_told)

    async def _look(self, one: Watched, *, is_told: bool) -> None:
        found = await asyncio.to_thread(_appearance, one.tls)
        is_settled = found == one.seen
        one.seen = found
        if found == one.prepared.digest:
            one.said = ""
            if is_told:
                self._log.info(UNCHANGED, listener=one.name)
        elif is_told or is_settled:
            await self._renew(one, is_told=is_told)

    async def _renew(self, one: Watched, *, is_told: bool) -> None:
        try:
            prepared = await asyncio.to_thread(prepare, one.tls)
            _require_in_time(one, prepared, self._clock())
            await one.use(prepared.context)
        except (UnusableCertificate, OSError) as error:
            self._reject(one, str(error), is_told=is_told)
            return
        except Exception as error:  # noqa: BLE001 -- whatever it is: the one before stays, and the watch goes on
            self._reject(one, type(error).__name__, is_told=is_told)
            return
        one.prepared, one.said = prepared, ""
        self._tell(one)

    def _reject(self, one: Watched, why: str, *, is_told: bool) -> None:
        """Say once why what is there is not used; again if somebody asks for it."""
        if is_told or why != one.said:
            self._log.error(REJECTED, listener=one.name, why=why, kept=one.prepared.certificate.thumbprint)
        one.said = why

    def _tell(self, one: Watched) -> None:
        """Say what a listener serves with, and what is doubtful about it."""
        certificate = one.prepared.certificate
        self._log.info(
            LOADED,
            listener=one.name,
            names=certificate.names,
            thumbprint=certificate.thumbprint,
            expires=certificate.not_after.isoformat(),
        )
        for sentence in warnings(one.tls, certificate, self._clock()):
            self._log.warning(DOUBTFUL, listener=one.name, why=sentence)


def _require_in_time(one: Watched, prepared: Prepared, now: datetime) -> None:
    """Refuse another certificate that is out of its time; the one in use may be, so that its authorities can change.

    Raises:
        UnusableCertificate: it is.

    """
    why = prepared.certificate.out_of_time(now)
    if why is not None and prepared.certificate != one.prepared.certificate:
        raise UnusableCertificate(f"{one.tls.certificate}: {why}")


def _appearance(tls: Tls) -> bytes | str:
    """Return what tells the content of the files from another, or why they cannot be read."""
    try:
        return read_files(tls).digest
    except UnusableCertificate as error:
        return str(error)
