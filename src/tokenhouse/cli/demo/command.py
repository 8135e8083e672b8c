"""`tokenhouse demo`: the whole house in one command."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import click

from tokenhouse.cli.demo.ports import DEFAULT_PORT
from tokenhouse.cli.session import Session, common

_LAST_PORT = 65_533
_POLL_SECONDS = 0.05


@click.command()
@click.option(
    "--directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(".demo"),
    show_default=True,
    help="Where the data goes; wiped at each start.",
)
@click.option(
    "--port",
    type=click.IntRange(1024, _LAST_PORT),
    default=DEFAULT_PORT,
    show_default=True,
    help="The first of three ports in a row.",
)
@common
@click.pass_obj
def demo(session: Session, *, directory: Path, port: int) -> None:
    """Start everything on the embedded database, in the foreground, with sample data."""
    from tokenhouse.cli.demo.data import read_data
    from tokenhouse.cli.demo.fetching import is_ready
    from tokenhouse.cli.demo.furnishing import fresh_directory, seed, write_config
    from tokenhouse.cli.demo.ports import addresses, is_open, require_free
    from tokenhouse.cli.demo.resource import arguments, running
    from tokenhouse.cli.demo.telling import commands, tell
    from tokenhouse.cli.opening import told
    from tokenhouse.server import run
    from tokenhouse.server.mounting import read_dialect, shipped_dialects
    from tokenhouse.sql.upgrade import upgrade

    at, data = addresses(port), read_data()
    require_free(at.binds)
    dialects = [read_dialect(name) for name in shipped_dialects()]
    fresh_directory(directory)
    session.config_path = write_config(directory, at, dialects, data)
    config = session.load().config
    resource = arguments(at, data)
    titles = {dialect.name: dialect.title for dialect in dialects} | {"standard": "OAuth 2.0"}

    def ready() -> bool:
        return is_ready(at.server) and (resource is None or is_open(at.binds[-1]))

    def announce() -> None:
        tell(session.out, at, directory / "tokenhouse.toml", commands(at, dialects, data), titles)

    stopped = threading.Event()
    with told(config), running(resource):
        upgrade(config.database.path)
        asyncio.run(seed(config, dialects, data))
        watch = threading.Thread(target=when, args=(ready, announce, stopped), daemon=True)
        watch.start()
        try:
            run(config)
        finally:
            stopped.set()
            watch.join()


def when(ready: Callable[[], bool], then: Callable[[], None], stopped: threading.Event) -> None:
    """Wait until ``ready``, then call ``then``; give up when ``stopped`` is set."""
    while not stopped.wait(_POLL_SECONDS):
        if ready():
            then()
            return
