"""What the door leaves behind: one log line and one metric per refusal, an audit record where somebody was turned away.

Event names and label sets are closed; nothing that a stranger sent becomes a label, and no credential becomes a field.
"""

from __future__ import annotations

import contextlib
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from tokenhouse.audit import events
from tokenhouse.http.certificates import thumbprint
from tokenhouse.http.metrics import Metrics
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.exchange import HttpRequest
from tokenhouse.protocol.refusals import Busy, Refusal
from tokenhouse.store.ports import Ledger

if TYPE_CHECKING:
    from tokenhouse.http.visits import Visit

REFUSED = "request.refused"
TURNED_AWAY = "requests.turned_away"
BROKE = "request.broke"
UNREMEMBERED = "refusal.unremembered"
_CLIENT_ID = re.compile(r"[A-Za-z0-9._~@:-]{1,128}")
_QUIET = timedelta(seconds=1)
"""How often a flood is spoken of."""


class Recorder:
    """Counts, logs and audits what the door has answered."""

    def __init__(self, ledger: Ledger, metrics: Metrics, log: structlog.typing.FilteringBoundLogger) -> None:
        self._ledger = ledger
        self._metrics = metrics
        self._log = log
        self._turned_away = 0
        self._spoke_at: datetime | None = None

    def answered(self, visit: Visit, seconds: float) -> None:
        """Count a granted request."""
        self._metrics.observe(visit.contract, visit.operation, "ok", seconds)

    def unknown(self) -> None:
        """Count a path that nobody knows."""
        self._metrics.observe("", "", "not_found", 0.0)

    async def refused(self, visit: Visit, refusal: Refusal, request: HttpRequest, seconds: float) -> Refusal:
        """Remember what a refusal carries; return it, or another one if even that could not be remembered."""
        self._metrics.observe(visit.contract, visit.operation, refusal.cause.value, seconds)
        if refusal.cause is Cause.BUSY:
            return await self._turn_away(refusal, request)
        client_id = _claimed_client(visit)
        self._log.info(
            REFUSED,
            reason=refusal.cause.value,
            contract=visit.contract,
            operation=visit.operation,
            client_id=client_id,
            request_id=request.id,
            source=request.source,
            **_shown(request),
        )
        if not visit.contract:
            return refusal
        audit = events.refused(
            refusal.cause,
            now=request.now,
            tenant=visit.tenant,
            contract=visit.contract,
            request_id=request.id,
            source=request.source,
            client_id=client_id,
            subject=refusal.subject,
        )
        try:
            await self._ledger.commit((*refusal.effects, audit))
        except Busy as busy:
            self._log.warning(UNREMEMBERED, request_id=request.id, reason=refusal.cause.value)
            return busy
        return refusal

    async def _turn_away(self, refusal: Refusal, request: HttpRequest) -> Refusal:
        """Count who is turned away; a flood is one line a second and no record, because writing is what is short."""
        self._turned_away += 1
        if self._spoke_at is None or not self._spoke_at <= request.now < self._spoke_at + _QUIET:
            self._log.warning(TURNED_AWAY, count=self._turned_away)
            self._turned_away, self._spoke_at = 0, request.now
        if refusal.effects:
            with contextlib.suppress(Busy):
                await self._ledger.commit(refusal.effects)
        return refusal

    def broke(self, visit: Visit, error: Exception, request: HttpRequest, seconds: float) -> None:
        """Log an incident once, with its trace; the answer says only its id."""
        self._metrics.observe(visit.contract, visit.operation, Cause.SERVER_ERROR.value, seconds)
        self._log.error(BROKE, request_id=request.id, contract=visit.contract, exc_info=error)


def _shown(request: HttpRequest) -> dict[str, str]:
    """Return the thumbprint of the client's certificate, if it has shown one."""
    return {} if request.certificate is None else {"certificate": thumbprint(request.certificate)}


def _claimed_client(visit: Visit) -> str | None:
    """Return who the client says it is, if that can be a client id at all; whatever else it sent may be a secret."""
    claimed = visit.credentials.client_id if visit.credentials else None
    return claimed if claimed is not None and _CLIENT_ID.fullmatch(claimed) else None
