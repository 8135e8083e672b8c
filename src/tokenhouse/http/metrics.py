"""Counters and a histogram, by closed labels: contract, operation, outcome."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    """The metrics of one server, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "tokenhouse_requests",
            "Requests by contract, operation and outcome",
            ("contract", "operation", "outcome"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "tokenhouse_request_seconds",
            "Time to answer, by contract and operation",
            ("contract", "operation"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._letters = Counter(
            "tokenhouse_mails", "Mails by kind and how they ended", ("kind", "event"), registry=self.registry
        )
        self._bound: dict[tuple[str, str, str], tuple[Counter, Histogram]] = {}

    def observe(self, contract: str, operation: str, outcome: str, seconds: float) -> None:
        """Count one request."""
        key = (contract, operation, outcome)
        bound = self._bound.get(key)
        if bound is None:
            bound = (self._requests.labels(*key), self._seconds.labels(contract, operation))
            self._bound[key] = bound
        bound[0].inc()
        bound[1].observe(seconds)

    def mailed(self, kind: str, event: str) -> None:
        """Count one mail that went out, or was given up."""
        self._letters.labels(kind, event).inc()

    def render(self) -> bytes:
        """Return the exposition text."""
        return generate_latest(self.registry)
