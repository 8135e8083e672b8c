"""The dialect suite: every example of a file, through a real server in this process, each with a fresh store.

The store is seeded once, and each example gets a copy of it. An example with ``after`` runs behind the ones it names,
on the same store; ``at`` sets the clock.
"""

from __future__ import annotations

import asyncio
import base64
import os
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import structlog

from tokenhouse.config.settings import Config, Limits, Passwords, Secrets, Standard
from tokenhouse.config.settings import Mount as MountSettings
from tokenhouse.console.errors import ManagementError
from tokenhouse.protocol.exchange import HttpAnswer
from tokenhouse.protocol.secret import Secret
from tokenhouse.server.composing import House, build
from tokenhouse.server.mounting import mount_one
from tokenhouse.server.running import management
from tokenhouse.server.seeding import seed_samples
from tokenhouse.sql.sqlite import SqliteStore
from tokenhouse.sql.upgrade import HEAD, upgrade
from tokenhouse.wire.dialect import Dialect
from tokenhouse.wire.dialect.comparison import compare, compare_decoded
from tokenhouse.wire.dialect.complaint import Complaint
from tokenhouse.wire.dialect.dialect import Example
from tokenhouse.wire.dialect.examples import ExampleRequest, read_request

TENANT = "example"
_SILENT = structlog.wrap_logger(structlog.ReturnLogger(), processors=[structlog.processors.KeyValueRenderer()])
_ISSUER = "http://127.0.0.1:8400"
_FILE = "examples.db"


class Result(NamedTuple):
    """What came of one example: ``diff`` is empty when it holds, else says where and how it differs."""

    example: Example
    diff: str


def replay(dialect: Dialect) -> list[Result]:
    """Run every example of ``dialect``; for callers without an event loop."""
    return asyncio.run(replay_all(dialect))


async def replay_all(dialect: Dialect) -> list[Result]:
    """Run every example of ``dialect``."""
    by_name = {example.name: example for example in dialect.examples}
    try:
        furniture = await _furnish(dialect)
    except ManagementError as error:
        return [Result(example, f"the samples cannot be used: {error.message}") for example in dialect.examples]
    return [Result(example, await _replay_chain(dialect, example, by_name, furniture)) for example in dialect.examples]


async def _replay_chain(
    dialect: Dialect, example: Example, by_name: Mapping[str, Example], furniture: _Furniture
) -> str:
    chain = [example]
    while chain[0].after is not None and by_name[chain[0].after] not in chain:
        chain.insert(0, by_name[chain[0].after])
    with tempfile.TemporaryDirectory() as folder:
        clock = _first_clock(dialect)
        house = _build(dialect, Path(folder), clock, furniture)
        captures: dict[str, str] = {}
        try:
            for step in chain:
                clock.set(step.at)
                diff = await _run(house, step, captures)
                if diff and step is not example:
                    return f"the example {step.name!r} before it does not hold"
        except Complaint as complaint:
            return f"the example cannot be read: {complaint.message}"
        finally:
            await house.close()
    return diff


class _Clock:
    """The time of an example; once set it stands still, before that it runs."""

    def __init__(self) -> None:
        self._at: datetime | None = None

    def set(self, at: str | None) -> None:
        """Set the clock to an ISO 8601 time; None leaves it as it is."""
        if at is not None:
            self._at = datetime.fromisoformat(at)

    def __call__(self) -> datetime:
        return self._at or datetime.now(UTC)


def _own_client(dialect: Dialect) -> str | None:
    """Return the client that the mount names, where the contract's wire carries none."""
    return None if dialect.samples.clients else dialect.name


def _first_clock(dialect: Dialect) -> _Clock:
    """Return a clock at the earliest time that any example speaks of."""
    clock = _Clock()
    clock.set(min((example.at for example in dialect.examples if example.at), default=None))
    return clock


class _Furniture(NamedTuple):
    """A database file with the samples in it, and the key that opens what is sealed there."""

    database: bytes
    key: Secret


async def _furnish(dialect: Dialect) -> _Furniture:
    empty = _Furniture(_empty_database(), Secret(base64.b64encode(os.urandom(32)).decode()))
    with tempfile.TemporaryDirectory() as folder:
        house = _build(dialect, Path(folder), _first_clock(dialect), empty)
        try:
            manager = management(house)
            await manager.do("setup.prepare", "examples")
            await seed_samples(manager, dialect, TENANT, _own_client(dialect))
        finally:
            await house.close()
        return empty._replace(database=(Path(folder) / _FILE).read_bytes())


def _build(dialect: Dialect, folder: Path, clock: _Clock, furniture: _Furniture) -> House:
    settings = MountSettings(
        dialect=dialect.name, tenant=TENANT, client=_own_client(dialect), attributes=dict(dialect.samples.server)
    )
    config = Config(
        issuer=_ISSUER,
        development=True,
        secrets=Secrets(key_encryption_key=furniture.key),
        passwords=Passwords(memory_kib=8, passes=1, workers=1),
        limits=Limits(account_guesses=1000, source_guesses=1000),
        standard=Standard(prefix="/-"),  # a dialect may claim the very paths of the standard endpoints
    )
    path = folder / _FILE
    path.write_bytes(furniture.database)
    store = SqliteStore(path, revision=HEAD)
    return build(config, store, clock, dialects=[mount_one(dialect, settings, config)], log=_SILENT)


@cache
def _empty_database() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        upgrade(path)
        return path.read_bytes()


async def _run(house: House, example: Example, captures: dict[str, str]) -> str:
    request = read_request(example.request, captures)
    answer = await send(house, request)
    comparison = compare(answer, example.answer, captures, exact=example.exact)
    captures.update(comparison.captures)
    if comparison.diff:
        return comparison.diff
    for name, parts in example.decoded.items():
        for part, expected in parts.items():
            decoded = compare_decoded(captures.get(name, ""), part, expected, captures)
            if decoded.diff:
                return decoded.diff
    return ""


async def send(house: House, request: ExampleRequest) -> HttpAnswer:
    """Send a request to the public door, in this process."""
    sent: list[Any] = []
    headers = [(name.encode(), value.encode("latin-1")) for name, value in request.headers]
    if not any(name == b"host" for name, _ in headers):
        headers.append((b"host", b"127.0.0.1:8400"))
    body = iter([{"type": "http.request", "body": request.body, "more_body": False}])

    async def receive() -> Any:
        return next(body)

    async def say(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": request.method,
        "path": request.path,
        "query_string": request.query.encode(),
        "headers": headers,
        "client": ("127.0.0.1", 0),
        "scheme": "http",
    }
    await house.door(scope, receive, say)
    return HttpAnswer(sent[0]["status"], tuple(sent[0]["headers"]), sent[1]["body"])
