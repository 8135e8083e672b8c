"""`tokenhouse serve`: the server itself."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from tokenhouse.cli.failures import Exit, Failure
from tokenhouse.cli.session import Session, common

if TYPE_CHECKING:
    from tokenhouse.config.settings import Config


@click.command()
@click.option("--dev", is_flag=True, help="Development mode: brings the schema and the keys up to date by itself.")
@common
@click.pass_obj
def serve(session: Session, *, dev: bool) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    from tokenhouse.cli.opening import told
    from tokenhouse.server import run
    from tokenhouse.sql.lock import StoreLocked
    from tokenhouse.sql.upgrade import upgrade

    config = session.load(**({"TOKENHOUSE_DEVELOPMENT": "true"} if dev else {})).config
    try:
        with told(config):
            if dev:
                upgrade(config.database.path)
            lacking = asyncio.run(lacks(config, prepare=dev))
            if lacking:
                message = f"the store lacks what the configuration needs: {', '.join(lacking)}"
                raise Failure(Exit.FAILURE, message, "tokenhouse keys prepare")
            run(config)
    except StoreLocked:
        message = f"another process has {config.database.path} open"
        raise Failure(Exit.FAILURE, message, "stop the other server, or configure another database") from None
    except OSError as error:
        raise Failure(Exit.FAILURE, f"cannot start: {error}") from None


async def lacks(config: Config, *, prepare: bool) -> tuple[str, ...]:
    """Return the tenants and keys that the store lacks, in words; none after ``prepare`` has made them."""
    from tokenhouse.cli.link import actor
    from tokenhouse.server import manage

    async with manage(config) as management:
        if prepare:
            await management.do("setup.prepare", actor())
        found = await management.do("setup.missing", actor())
    return (*(f"the tenant {name}" for name in found.tenants), *found.keys)
