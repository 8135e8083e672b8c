"""Migrations: the newest revision, once, under the lock, for the owner only."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import apsw
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

import tokenhouse.sql
from tokenhouse.sql.lock import StoreLock, StoreLocked
from tokenhouse.sql.sqlite import NoDatabase, SqliteStore
from tokenhouse.sql.upgrade import HEAD, current_revision, damage, upgrade, upgrade_statements

MIGRATIONS = Path(tokenhouse.sql.__file__).with_name("migrations")


@pytest.fixture(scope="module")
def versions():
    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS))
    settings.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(settings)


def test_head_is_the_newest_migration_and_there_is_one(versions):
    assert versions.get_heads() == [HEAD]


def test_every_migration_follows_the_one_before_it(versions):
    chain = [(one.revision, one.down_revision) for one in versions.walk_revisions()]
    assert chain[-1][1] is None
    assert [below for _, below in chain[:-1]] == [revision for revision, _ in chain[1:]]


def test_a_new_database_is_created_with_its_folder_for_the_owner_only(fresh):
    assert current_revision(fresh) is None
    assert upgrade(fresh) == (None, HEAD)
    assert current_revision(fresh) == HEAD
    assert stat.S_IMODE(fresh.stat().st_mode) == 0o600


def test_upgrading_twice_is_upgrading_once(database):
    before = database.read_bytes()
    assert upgrade(database) == (HEAD, HEAD)
    assert database.read_bytes() == before


def test_an_empty_database_is_upgraded_and_closed_to_others(tmp_path):
    path = tmp_path / "made-by-hand.db"
    path.touch(mode=0o644)
    assert upgrade(path) == (None, HEAD)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_table_without_rows_of_it_is_a_revision(tmp_path):
    path = tmp_path / "odd.db"
    connection = apsw.Connection(str(path))
    connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
    connection.close()
    assert current_revision(path) is None


def test_a_store_in_use_is_not_upgraded(fresh):
    fresh.parent.mkdir(parents=True)
    lock = StoreLock(fresh)
    lock.acquire()
    with pytest.raises(StoreLocked):
        upgrade(fresh)
    lock.release()
    assert not fresh.exists()
    upgrade(fresh)


def test_the_lock_is_given_back_after_an_upgrade_that_failed(tmp_path):
    path = tmp_path / "not-a-database.db"
    path.write_bytes(b"this is no database at all, whatever its name says" * 20)
    with pytest.raises(NoDatabase):
        upgrade(path)
    lock = StoreLock(path)
    lock.acquire()
    lock.release()


def test_an_upgrade_that_fails_half_way_leaves_nothing(tmp_path):
    path = tmp_path / "half.db"
    connection = apsw.Connection(str(path))
    connection.execute("CREATE TABLE audit_record (in_the_way)")
    connection.close()
    with pytest.raises(apsw.SQLError):
        upgrade(path)
    connection = apsw.Connection(str(path))
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    connection.close()
    assert tables == ["audit_record"]


def test_the_newest_revision_needs_no_statements():
    assert "CREATE TABLE" in upgrade_statements(None)
    assert "CREATE" not in upgrade_statements(HEAD)


def test_a_database_of_the_first_revision_is_upgraded_with_what_is_in_it(tmp_path):
    path = tmp_path / "first.db"
    script = upgrade_statements(None)
    connection = apsw.Connection(str(path))
    connection.execute(script[: script.index("-- Running upgrade 0001 -> 0002")]).fetchall()
    connection.execute("""INSERT INTO tenant VALUES ('default', 1, 0);
        INSERT INTO client VALUES ('default', 'app', 'App', '[]', '[]', '[]', '[]', 0, NULL, 'jwt', NULL, 'none', 1,
          NULL, 1, '{}');
        INSERT INTO account VALUES ('default', 'us_1', 'alice', NULL, NULL, NULL, NULL, 0, 'raw', 1, NULL, 1, '{}')""")
    connection.close()
    assert upgrade(path) == ("0001", HEAD)
    store = SqliteStore(path, revision=HEAD)
    (client,), (account,) = asyncio.run(store.list_clients(None)), asyncio.run(store.list_accounts(None, 9))
    asyncio.run(store.close())
    assert (client.client_id, client.resources, client.claims, client.password_ends_at) == ("app", (), {}, None)
    assert (account.username, account.roles, account.email_verified_at) == ("alice", (), None)


def test_a_whole_database_has_no_damage_and_a_damaged_one_says_so(database, tmp_path):
    assert damage(database) == ""
    broken = tmp_path / "broken.db"
    data = bytearray(database.read_bytes())
    data[4096:16384] = b"\xff" * 12288
    broken.write_bytes(data)
    assert damage(broken)


def test_tenants_are_in_every_table_that_belongs_to_one(database):
    connection = apsw.Connection(str(database))
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    without = [
        table
        for table in tables
        if not {"tenant", "name"} & {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
    ]
    connection.close()
    # Keyed digests name their tenant inside the digest; the others are the engines' own.
    assert set(without) - {"sqlite_sequence"} == {"alembic_version", "guess", "revoked_token"}


def test_what_cannot_be_opened_is_no_database(tmp_path, database):
    folder = tmp_path / "folder.db"
    folder.mkdir()
    with pytest.raises(NoDatabase, match=r"folder\.db cannot be opened"):
        current_revision(folder)
    with pytest.raises(NoDatabase, match="File name too long"):
        current_revision(tmp_path / ("x" * 300))
    database.write_bytes(database.read_bytes()[:5000])
    with pytest.raises(NoDatabase, match="malformed"):
        current_revision(database)


def test_a_revision_on_a_damaged_page_is_none_that_can_be_read(database):
    connection = apsw.Connection(str(database))
    ((page,),) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'alembic_version'").fetchall()
    ((size,),) = connection.execute("PRAGMA page_size").fetchall()
    connection.close()
    data = bytearray(database.read_bytes())
    data[(page - 1) * size : page * size] = b"\xff" * size
    database.write_bytes(data)
    with pytest.raises(NoDatabase, match="cannot be read"):
        current_revision(database)
