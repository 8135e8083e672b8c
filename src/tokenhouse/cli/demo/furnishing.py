"""Furnishing the demo: a fresh directory, a configuration, a database with keys, clients and people."""

from __future__ import annotations

import json
import os
import shutil
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tokenhouse.cli.demo.data import DemoData
from tokenhouse.cli.demo.ports import Addresses
from tokenhouse.cli.failures import Exit, Failure
from tokenhouse.cli.init import write_new

if TYPE_CHECKING:
    from tokenhouse.config.settings import Config
    from tokenhouse.wire.dialect import Dialect

MARK = "this-directory-is-wiped-by-tokenhouse-demo"
CONFIG = "tokenhouse.toml"
MAIL = "mail"
"""Where the demo leaves its mails, below its directory."""
_KEY = "key-encryption.key"
_KEY_BYTES = 32
_ACTOR = "demo"


def fresh_directory(directory: Path) -> None:
    """Make the directory, or empty one that an earlier demo has made.

    Raises:
        Failure: it holds something that is not the demo's.

    """
    try:
        if directory.exists() and any(directory.iterdir()):
            if not (directory / MARK).is_file():
                message = f"{directory} is not a directory of the demo; nothing was touched"
                raise Failure(Exit.CONFLICT, message, "choose another --directory")
            shutil.rmtree(directory)
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        (directory / MARK).touch()
    except OSError as error:
        raise Failure(Exit.FAILURE, f"cannot write {directory}: {error.strerror}") from None


def write_config(directory: Path, at: Addresses, dialects: list[Dialect], data: DemoData) -> Path:
    """Write configuration and key-encryption key; return the path of the configuration."""
    write_new(directory / _KEY, b64encode(os.urandom(_KEY_BYTES)) + b"\n", 0o600)
    server, admin, _ = at.binds
    tables = [
        f"issuer = {_quoted(at.server)}\ndevelopment = true",
        f"[server]\nbind = {_quoted(server)}",
        f"[admin]\nbind = {_quoted(admin)}",
        f"[secrets]\nkey_encryption_key_file = {_quoted(_KEY)}",
        '[log]\nlevel = "warning"\nformat = "console"',
        '[standard]\ntenant = "*"',
        f"[mail]\nfolder = {_quoted(MAIL)}",
        "[[people]]\nsign_up = true",
        *(_mount(dialect, data) for dialect in dialects),
    ]
    path = directory / CONFIG
    write_new(path, ("\n\n".join(tables) + "\n").encode(), 0o600)
    return path


def implied_client(dialect: Dialect) -> str | None:
    """Return the id of the client that acts where the wire carries none: the contract's own name."""
    return None if dialect.samples.clients else dialect.name


def _mount(dialect: Dialect, data: DemoData) -> str:
    lines = ["[[mount]]", f"dialect = {_quoted(dialect.name)}", f"tenant = {_quoted(dialect.name)}"]
    special = data.mount.get(dialect.name)
    if special is not None and special.issuer is not None:
        lines.append(f"issuer = {_quoted(special.issuer)}")
    if special is not None and special.prefix:
        lines.append(f"prefix = {_quoted(special.prefix)}")
    if (client := implied_client(dialect)) is not None:
        lines.append(f"client = {_quoted(client)}")
    lines += [f"attributes.{_quoted(name)} = {_quoted(value)}" for name, value in dialect.samples.server.items()]
    return "\n".join(lines)


def _quoted(value: object) -> str:
    # What JSON writes of texts, whole numbers and truth values, TOML reads as the same.
    return json.dumps(value)


async def seed(config: Config, dialects: list[Dialect], data: DemoData) -> None:
    """Create keys, tenants, clients and people; passwords and secrets are imported as they are."""
    from tokenhouse.server import manage
    from tokenhouse.server.seeding import seed_samples

    async with manage(config) as management:
        await management.do("setup.prepare", _ACTOR)
        for dialect in dialects:
            await seed_samples(management, dialect, dialect.name, implied_client(dialect))
        for client in data.clients_at(datetime.now(UTC)):
            await management.do("client.create", _ACTOR, **client)
        for user in data.user:
            await management.do("user.create", _ACTOR, imported=True, **user)
        for device in data.device:
            await management.do("device.create", _ACTOR, **device)
