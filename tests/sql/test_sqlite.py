"""The embedded engine as it is opened, read and closed."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

import apsw
import pytest

from tokenhouse.model.effects import OpenAuthorization, RecordAudit, RevokeAuthorization
from tokenhouse.model.records import AuditRecord, Client, Tenant
from tokenhouse.model.registrations import CreateClient, CreateTenant
from tokenhouse.protocol.refusals import Busy
from tokenhouse.sql import sqlite
from tokenhouse.sql.lock import StoreLock, StoreLocked
from tokenhouse.sql.sqlite import MINIMUM_LIBRARY, NoDatabase, SqliteStore, UnsafeLibrary, open_connection
from tokenhouse.sql.upgrade import HEAD
from tokenhouse.store.ports import SessionFilter, Store


@pytest.mark.parametrize("version", ["3.51.2", "3.9.0", "2.99.99"])
def test_a_library_with_the_wal_race_is_refused(database, monkeypatch, version):
    monkeypatch.setattr(apsw, "sqlite_lib_version", lambda: version)
    with pytest.raises(UnsafeLibrary, match=version):
        SqliteStore(database)
    lock = StoreLock(database)
    lock.acquire()
    lock.release()


@pytest.mark.parametrize("version", ["3.51.3", "3.100.0", "4.0.0"])
def test_a_fixed_library_is_used(database, monkeypatch, version):
    monkeypatch.setattr(apsw, "sqlite_lib_version", lambda: version)
    open_connection(database).close()


def test_the_installed_library_is_new_enough():
    assert tuple(map(int, apsw.sqlite_lib_version().split("."))) >= MINIMUM_LIBRARY


def test_every_commit_is_flushed_and_keys_are_held(database):
    connection = open_connection(database)
    asked = {
        name: connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys")
    }
    connection.close()
    assert asked == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_reader_does_not_write(database):
    connection = open_connection(database, read_only=True)
    with pytest.raises(apsw.ReadOnlyError):
        connection.execute("DELETE FROM tenant")
    connection.close()


async def test_two_stores_on_one_file_are_refused(database, store):
    with pytest.raises(StoreLocked):
        SqliteStore(database)


async def test_a_closed_store_can_be_opened_again_and_is_closed_once(database):
    for _ in range(2):
        store = SqliteStore(database)
        await store.close()
        await store.close()


async def test_a_closed_store_remembers_nothing_more(database, at):
    store = SqliteStore(database)
    await store.close()
    with pytest.raises(Busy):
        await store.commit((CreateTenant(Tenant(name="late", enabled=True, created_at=at)),))


def test_a_file_that_cannot_be_opened_gives_the_lock_back(tmp_path):
    path = tmp_path / "tokenhouse.db"
    path.mkdir()
    with pytest.raises(NoDatabase, match=r"tokenhouse\.db cannot be opened"):
        SqliteStore(path)
    lock = StoreLock(path)
    lock.acquire()
    lock.release()


def test_a_lock_that_cannot_be_had_is_named(tmp_path):
    path = tmp_path / "tokenhouse.db"
    StoreLock(path).path.mkdir()
    with pytest.raises(NoDatabase, match=r"tokenhouse\.db\.lock cannot be opened: Is a directory"):
        SqliteStore(path)


async def test_the_engine_has_every_port(store):
    engine: Store = store
    ports = {name for base in Store.__mro__ for name in vars(base) if not name.startswith("_")}
    assert {name for name in ports if callable(getattr(engine, name))} == ports >= {"commit", "find_clients", "close"}


async def test_nothing_to_remember_opens_no_transaction(store):
    def forbidden() -> int:
        raise AssertionError

    store._writer._connection.set_commit_hook(forbidden)
    await store.commit(())
    await store.commit([])


async def test_readiness_says_what_is_missing(database, tmp_path, store):
    assert await store.is_ready() == "ok"
    store._revision = "9999"
    assert await store.is_ready() == "schema is not at the revision of this program"
    store._writer._connection.execute("DELETE FROM alembic_version")
    assert await store.is_ready() == "schema is not at the revision of this program"
    store._revision = None
    assert await store.is_ready() == "ok"
    empty = SqliteStore(tmp_path / "empty.db", revision=HEAD)
    assert await empty.is_ready() == "unreadable: SQLError"
    await empty.close()


async def test_clients_of_one_id_are_told_apart_by_tenant(furnished, at):
    other = Client("other", "app", "Other", ("standard",), (), (), ("none",), at)
    await furnished.commit(
        (CreateTenant(Tenant(name="other", enabled=False, created_at=at)), CreateClient(other, None))
    )
    (mine,) = await furnished.find_clients("app", "default")
    both = await furnished.find_clients("app", None)
    assert (mine.client.name, mine.tenant_enabled, len(mine.secrets)) == ("App", True, 1)
    assert [(one.client.tenant, one.tenant_enabled, one.secrets) for one in both][1:] == [("other", False, ())]
    assert await furnished.find_clients("app", "third") == []
    assert await furnished.find_clients("App", None) == []
    assert [one.tenant for one in await furnished.list_clients(None)] == ["default", "other"]
    assert await furnished.list_clients("other") == [other]


async def test_what_is_not_there_is_none(furnished):
    assert await furnished.find_account("default", "username", "bob") is None
    assert await furnished.find_account("other", "username", "alice") is None
    assert await furnished.find_account("default", "email", "alice") is None
    assert await furnished.find_account_by_id("other", "us_1") is None
    assert await furnished.find_authorization(1) is None
    assert not await furnished.is_token_revoked(b"x")
    assert await furnished.list_keys() == []


async def test_a_name_leads_to_its_account(furnished):
    account = await furnished.find_account("default", "username", "alice")
    assert account == await furnished.find_account_by_id("default", "us_1")
    assert await furnished.list_accounts("default", 10) == [account]
    assert await furnished.list_accounts(None, 0) == []
    assert await furnished.list_accounts("other", 10) == []


async def test_values_are_never_statements(furnished):
    for nasty in ("' OR 1=1 --", "\0", "%", 'x"; DROP TABLE client; --', "é\U0001f511"):
        assert await furnished.find_clients(nasty, None) == []
        assert await furnished.find_account("default", nasty, nasty) is None
    assert len(await furnished.find_clients("app", None)) == 1


async def test_the_audit_log_is_told_newest_first(store, at):
    records = [AuditRecord(at + timedelta(minutes=n), "login", "ok", "default", "standard", f"r{n}") for n in range(5)]
    await store.commit(tuple(map(RecordAudit, records)))
    assert await store.list_audit(2) == [records[4], records[3]]
    assert await store.list_audit(10, at + timedelta(minutes=3)) == [records[4], records[3]]


async def test_what_lies_beside_the_database_is_as_private_as_it(database, at):
    database.chmod(0o600)
    store = SqliteStore(database)
    await store.commit((CreateTenant(Tenant(name="a", enabled=True, created_at=at)),))
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in database.parent.glob("tokenhouse.db*")}
    await store.close()
    assert modes == dict.fromkeys(
        ("tokenhouse.db", "tokenhouse.db-wal", "tokenhouse.db-shm", "tokenhouse.db.lock"), 0o600
    )


def test_the_engine_is_the_only_place_that_opens_databases():
    rooms = Path(sqlite.__file__).parent.parent
    found = [path for path in rooms.rglob("*.py") if "apsw.Connection(" in path.read_text(encoding="utf-8")]
    assert [path.name for path in found] == ["sqlite.py"]


async def test_the_audit_log_is_followed_from_a_place_in_it(store, at):
    records = [AuditRecord(at + timedelta(minutes=n), "login", "ok", "default", "standard", f"r{n}") for n in range(5)]
    assert await store.list_audit_after(-1, 9) == []
    await store.commit(tuple(map(RecordAudit, records)))
    (newest,) = await store.list_audit_after(-1, 9)
    assert newest.record == records[4]
    first = await store.list_audit_after(0, 2)
    assert [entry.record for entry in first] == records[:2]
    assert [entry.record for entry in await store.list_audit_after(first[-1].sequence, 9)] == records[2:]
    assert await store.list_audit_after(newest.sequence, 9) == []


async def test_a_request_is_found_however_far_back_and_across_the_edge_of_a_step(store, at, monkeypatch):
    monkeypatch.setattr(sqlite, "_AUDIT_STEP", 10)
    monkeypatch.setattr(sqlite, "_AUDIT_EDGE", 2)
    for n in range(45):
        records = [
            AuditRecord(at, "login", "ok", "t", "s", f"r{n}"),
            AuditRecord(at, "revoke", "ok", "t", "s", f"r{n}"),
        ]
        await store.commit(tuple(map(RecordAudit, records)))
    assert [[one.event for one in await store.find_audit(f"r{n}")] for n in range(45)] == [["login", "revoke"]] * 45


async def test_the_audit_log_is_asked_about_one_request(store, at):
    records = [AuditRecord(at, event, "ok", "default", "standard", "r1") for event in ("login", "revoke")]
    await store.commit((*map(RecordAudit, records), RecordAudit(AuditRecord(at, "login", "ok", "t", "s", "r2"))))
    assert await store.find_audit("r1") == records
    assert await store.find_audit("r3") == []


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, [4, 3, 2, 1]),
        ({"tenant": "default", "subject": "us_1"}, [4, 2, 1]),
        ({"tenant": "default", "subject": "us_1", "live": True}, [4]),
        ({"live": True}, [4, 3]),
        ({"contract": "other"}, [2]),
        ({"device": "tablet"}, [4, 1]),
        ({"tenant": "default", "subject": "us_1", "live": True, "device": "phone"}, []),
        ({"client_id": "nobody"}, []),
        ({"tenant": "other"}, []),
    ],
)
async def test_sessions_are_found_by_what_they_are(furnished, make_row, at, wanted, found):
    def minutes(n):
        return at + timedelta(minutes=n)

    rows = (
        make_row(1, issued_at=minutes(1), device="tablet", expires_at=minutes(5)),
        make_row(2, issued_at=minutes(2), contract="other"),
        make_row(3, issued_at=minutes(3), subject=None),
        make_row(4, issued_at=minutes(4), device="tablet", expires_at=minutes(11)),
    )
    opened = (OpenAuthorization(row, None if row.subject is None else 1, 1) for row in rows)
    await furnished.commit((*opened, RevokeAuthorization(2, minutes(6))))
    live_at = minutes(10) if wanted.pop("live", False) else None
    listed = await furnished.list_sessions(SessionFilter(**wanted, live_at=live_at), 10)
    assert [row.id for row in listed] == found
    assert await furnished.list_sessions(SessionFilter(), 1) == [await furnished.find_authorization(4)]
