"""Fixtures of the door: endpoints that only say what happened, requests that arrive in pieces, a log that is kept."""

from __future__ import annotations

import asyncio

import pytest
import structlog
import uvloop

from tokenhouse.http.door import Door
from tokenhouse.http.metrics import Metrics
from tokenhouse.http.records import Recorder
from tokenhouse.http.routing import Router
from tokenhouse.http.sources import Sources
from tokenhouse.protocol.exchange import HttpAnswer


class EchoVisit:
    """A visit that answers with what its endpoint says, and refuses in words of its own."""

    def __init__(self, endpoint, request) -> None:
        self.endpoint, self.request = endpoint, request
        self.contract, self.tenant, self.operation = endpoint.contract, "default", "echo"
        self.credentials = endpoint.credentials

    async def answer(self):
        self.endpoint.requests.append(self.request)
        if isinstance(self.endpoint.does, BaseException):
            raise self.endpoint.does
        return self.endpoint.does

    def refuse(self, refusal):
        return HttpAnswer(refusal.status, ((b"content-type", b"text/x-refusal"),), refusal.cause.value.encode())


class Echo:
    """An endpoint of the tests; ``does`` is answered, or raised."""

    def __init__(self, does=None, contract="echo", credentials=None) -> None:
        self.does = does or HttpAnswer(200, ((b"content-type", b"text/plain"),), b"hello")
        self.contract, self.credentials = contract, credentials
        self.requests = []

    def open(self, request):
        return EchoVisit(self, request)


class Ledger:
    """Keeps what is committed, or fails as it is told to."""

    def __init__(self) -> None:
        self.committed = []
        self.fails = None

    async def commit(self, effects):
        if self.fails is not None:
            raise self.fails
        self.committed.extend(effects)


@pytest.fixture
def echo():
    return Echo


@pytest.fixture
def ledger():
    return Ledger()


@pytest.fixture
def metrics():
    return Metrics()


@pytest.fixture
def log():
    with structlog.testing.capture_logs() as kept:
        yield kept


@pytest.fixture
def router():
    return Router()


def build(router, ledger, metrics, clock):
    """Build a door: bodies up to 64 bytes, a fifth of a second to arrive, proxies in 10.0.0.0/8."""
    recorder, sources = Recorder(ledger, metrics, structlog.get_logger()), Sources(["10.0.0.0/8"])
    return Door(router, recorder, sources, clock, body_limit=64, request_timeout=0.2)


@pytest.fixture
def door(router, ledger, metrics, clock, log):
    return build(router, ledger, metrics, clock)


@pytest.fixture(scope="session")
def new_door():
    """Return a door with an echo behind it, for properties: they have no fixtures of each example."""

    def new_door(clock):
        router = Router()
        router.add("POST", "/hello", Echo())
        router.add("GET", "/hello/{name}", Echo())
        return build(router, Ledger(), Metrics(), clock)

    return new_door


@pytest.fixture
def counted(metrics):
    """Return the requests that were counted, as {(contract, operation, outcome): number}."""

    def counted():
        return {
            (sample.labels["contract"], sample.labels["operation"], sample.labels["outcome"]): int(sample.value)
            for family in metrics.registry.collect()
            for sample in family.samples
            if sample.name == "tokenhouse_requests_total"
        }

    return counted


@pytest.fixture
def arriving():
    """Return a receive function from the messages that will arrive, and never another one."""

    def arriving(*messages):
        waiting = list(messages)

        async def receive():
            return waiting.pop(0) if waiting else await asyncio.Event().wait()

        return receive

    return arriving


def pytest_asyncio_loop_factories():
    """Everything of the door runs on the loop of production."""
    return {"uvloop": uvloop.new_event_loop}
