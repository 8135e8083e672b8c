"""`tokenhouse db`: the schema of the store."""

from __future__ import annotations

import click

from tokenhouse.cli.failures import Exit, Failure
from tokenhouse.cli.session import Session, common


@click.group("db")
def database() -> None:
    """The database and its schema."""


@database.command()
@common
@click.pass_obj
def upgrade(session: Session) -> None:
    """Bring the schema to this program's revision."""
    from tokenhouse.cli.opening import told
    from tokenhouse.sql.lock import StoreLocked
    from tokenhouse.sql.upgrade import upgrade as run

    config = session.load().config
    path = config.database.path
    try:
        with told(config):
            before, after = run(path)
    except StoreLocked:
        message = f"a server or another command has {path} open"
        raise Failure(Exit.UNREACHABLE, message, "stop the server, then try again") from None
    except OSError as error:
        raise Failure(Exit.FAILURE, f"cannot write {path}: {error.strerror}") from None
    answer = {"database": str(path), "before": before, "after": after}
    session.out.fields(answer, answer.items())


@database.command()
@common
@click.pass_obj
def status(session: Session) -> None:
    """Say at which revision the schema is; exit 5 if it is not this program's."""
    from tokenhouse.cli.opening import told
    from tokenhouse.sql.upgrade import HEAD, current_revision

    config = session.load().config
    path = config.database.path
    with told(config):
        current = current_revision(path)
    answer = {"database": str(path), "revision": current, "wanted": HEAD, "is_current": current == HEAD}
    session.out.fields(answer, answer.items())
    if current != HEAD:
        raise Failure(Exit.CHECK_FAILED, "the schema is not at this program's revision", "tokenhouse db upgrade")
