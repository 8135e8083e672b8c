"""Bring a database to the revision of this program. Alembic writes the statements, apsw runs them in one transaction.

Alembic's own connection would be the system's SQLite library, which may be one with the WAL race.
"""

from __future__ import annotations

import io
from pathlib import Path

import apsw

from tokenhouse.sql.lock import StoreLock
from tokenhouse.sql.reads import REVISION
from tokenhouse.sql.sqlite import NoDatabase, open_connection

HEAD = "0002"
"""The revision that this program reads and writes; a test holds it against the newest migration."""


def current_revision(path: Path) -> str | None:
    """Return the revision of the database, None if it has no schema yet.

    Raises:
        NoDatabase: the file is something else, damaged, or out of reach.

    """
    try:
        if not path.exists():
            return None
    except OSError as error:
        raise NoDatabase(f"{path} cannot be opened: {error.strerror}") from None
    connection = open_connection(path, read_only=True)
    try:
        row = connection.execute(REVISION).fetchone()
    except apsw.SQLError:
        return None
    except apsw.Error as error:
        raise NoDatabase(f"{path} cannot be read: {error}") from None
    finally:
        connection.close()
    return str(row[0]) if row else None


def damage(path: Path) -> str:
    """Return what SQLite's quick check complains of first; empty: nothing.

    Raises:
        NoDatabase: the file is something else, or cannot be opened.

    """
    connection = open_connection(path, read_only=True)
    try:
        said = "; ".join(str(row[0]) for row in connection.execute("PRAGMA quick_check(1)"))
    except apsw.Error as error:
        said = type(error).__name__
    finally:
        connection.close()
    return "" if said == "ok" else said


def upgrade_statements(current: str | None) -> str:
    """Return the SQL script from ``current`` to the newest revision."""
    from alembic import command
    from alembic.config import Config

    script = io.StringIO()
    settings = Config(output_buffer=script)
    settings.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    settings.set_main_option("path_separator", "os")
    settings.set_main_option("dialect", "sqlite")
    command.upgrade(settings, f"{current or 'base'}:head", sql=True)
    return script.getvalue()


def upgrade(path: Path) -> tuple[str | None, str]:
    """Upgrade the database at ``path``, creating it if needed; return the revisions before and after.

    Raises:
        StoreLocked: a server or another command has the store open.

    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = StoreLock(path)
    lock.acquire()
    try:
        path.touch(mode=0o600)
        before = current_revision(path)
        if before == HEAD:
            return before, HEAD
        script = upgrade_statements(before)
        connection = open_connection(path)
        try:
            with connection:
                connection.execute(script).fetchall()  # a statement that returns a row waits until it is fetched
        finally:
            connection.close()
        path.chmod(0o600)
        return before, HEAD
    finally:
        lock.release()
