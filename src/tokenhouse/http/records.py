"""What the door leaves behind: one log line and one metric per refusal, an audit record where somebody was turned away.

Event names and label sets are closed; nothing that a stranger sent becomes a label, and no credential becomes a field.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import structlog

from tokenhouse.audit import events
from tokenhouse.http.metrics import Metrics
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.exchange import HttpRequest
from tokenhouse.protocol.refusals import Busy, Refusal
from tokenhouse.store.ports import Ledger

if TYPE_CHECKING:
    from tokenhouse.http.visits import Visit

REFUSED = "request.refused"
BROKE = "request.broke"
UNREMEMBERED = "refusal.unremembered"
_CLIENT_ID = re.compile(r"[A-Za-z0-9._~@:-]{1,128}")
_SILENT = frozenset({Cause.BUSY})
"""Refusals that wrote nothing because nothing could be written, or because writing is what is short."""


class Recorder:
    """Counts, logs and audits what the door has answered."""

    def __init__(self, ledger: Ledger, metrics: Metrics, log: structlog.typing.FilteringBoundLogger) -> None:
        self._ledger = ledger
        self._metrics = metrics
        self._log = log

    def answered(self, visit: Visit, seconds: float) -> None:
        """Count a granted request."""
        self._metrics.observe(visit.contract, visit.operation, "ok", seconds)

    def unknown(self) -> None:
        """Count a path that nobody knows."""
        self._metrics.observe("", "", "not_found", 0.0)

    async def refused(self, visit: Visit, refusal: Refusal, request: HttpRequest, seconds: float) -> Refusal:
        """Remember what a refusal carries; return it, or another one if even that could not be remembered."""
        self._metrics.observe(visit.contract, visit.operation, refusal.cause.value, seconds)
        client_id = _claimed_client(visit)
        self._log.info(
            REFUSED,
            reason=refusal.cause.value,
            contract=visit.contract,
            operation=visit.operation,
            client_id=client_id,
            request_id=request.id,
            source=request.source,
        )
        if refusal.cause in _SILENT or not visit.contract:
            return refusal
        audit = events.refused(
            refusal.cause,
            now=request.now,
            tenant=visit.tenant,
            contract=visit.contract,
            request_id=request.id,
            source=request.source,
            client_id=client_id,
        )
        try:
            await self._ledger.commit((*refusal.effects, audit))
        except Busy as busy:
            self._log.warning(UNREMEMBERED, request_id=request.id, reason=refusal.cause.value)
            return busy
        return refusal

    def broke(self, visit: Visit, error: Exception, request: HttpRequest, seconds: float) -> None:
        """Log an incident once, with its trace; the answer says only its id."""
        self._metrics.observe(visit.contract, visit.operation, Cause.SERVER_ERROR.value, seconds)
        self._log.error(BROKE, request_id=request.id, contract=visit.contract, exc_info=error)


def _claimed_client(visit: Visit) -> str | None:
    """Return who the client says it is, if that can be a client id at all; whatever else it sent may be a secret."""
    claimed = visit.credentials.client_id if visit.credentials else None
    return claimed if claimed is not None and _CLIENT_ID.fullmatch(claimed) else None
