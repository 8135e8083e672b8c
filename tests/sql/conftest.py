"""A store with one tenant, client and person, and rows to put into it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tokenhouse.model.effects import CreateAccount
from tokenhouse.model.records import Account, Authorization, Client, ClientSecret, Tenant
from tokenhouse.model.registrations import CreateClient, CreateTenant
from tokenhouse.sql.sqlite import SqliteStore

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def at() -> datetime:
    return AT


@pytest.fixture
def make_row() -> Callable[..., Authorization]:
    """Build an authorization of client `app` and person `us_1`."""

    def make(authorization_id: int = 1, **facts: Any) -> Authorization:
        settings: dict[str, Any] = {
            "id": authorization_id,
            "tenant": "default",
            "contract": "standard",
            "client_id": "app",
            "subject": "us_1",
            "scope": ("read",),
            "seal_key": "k",
            "issued_at": AT,
            "advanced_at": AT,
            "last_used_at": AT,
            "access_ttl_seconds": 600,
        }
        return Authorization(**(settings | facts))

    return make


@pytest_asyncio.fixture
async def furnished(store: SqliteStore) -> AsyncIterator[SqliteStore]:
    await store.commit(
        (
            CreateTenant(Tenant(name="default", enabled=True, created_at=AT)),
            CreateClient(
                Client("default", "app", "App", ("standard",), ("password",), ("read",), ("none",), AT),
                ClientSecret("1", "hmac-sha256", "00", AT),
            ),
            CreateAccount(Account("default", "us_1", "alice", None, None, None, "$old", AT), (("username", "alice"),)),
        )
    )
    yield store


class Held:
    """What a held writer has done, and the switch that lets it go on."""

    def __init__(self) -> None:
        self.commits = 0
        self.reached = threading.Event()
        self.go = threading.Event()

    def hook(self) -> int:
        self.commits += 1
        self.reached.set()
        assert self.go.wait(10)
        return 0


@pytest.fixture
def hold() -> Callable[[SqliteStore], Any]:
    """Stop a store's writer at its next COMMIT, so that everything asked for meanwhile makes one batch."""

    @contextmanager
    def holding(store: SqliteStore) -> Iterator[Held]:
        held = Held()
        connection = store._writer._connection
        connection.set_commit_hook(held.hook)
        try:
            yield held
        finally:
            held.go.set()

    return holding


@pytest.fixture
def in_one_batch(hold: Callable[[SqliteStore], Any]) -> Callable[..., Awaitable[list[Any]]]:
    """Commit several requests in one batch of a store; return what each raised, or None."""

    async def run(store: SqliteStore, blocker: Any, *requests: Any) -> list[Any]:
        with hold(store) as held:
            first = asyncio.create_task(store.commit(blocker))
            await asyncio.to_thread(held.reached.wait, 10)
            tasks = [asyncio.create_task(store.commit(request)) for request in requests]
            await asyncio.sleep(0)
            held.go.set()
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
            await first
        assert held.commits == 2 or any(outcomes)
        return outcomes

    return run


@pytest.fixture
def look() -> Callable[..., list[Any]]:
    """Read rows straight from the file."""

    def read(store: SqliteStore, text: str, *values: Any) -> list[Any]:
        return list(store._reader.execute(text, values).fetchall())

    return read


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A path in a folder that does not exist yet."""
    return tmp_path / "new" / "folder" / "tokenhouse.db"
