"""`tokenhouse init`: a first configuration, a key-encryption key, a database and its keys."""

from __future__ import annotations

import asyncio
import base64
import json
import os
from pathlib import Path
from urllib.parse import urlsplit

import click

from tokenhouse.cli.failures import Exit, Failure
from tokenhouse.cli.session import Session, common

_CONFIG = "tokenhouse.toml"
_KEY = "key-encryption.key"
_KEY_BYTES = 32
_PORT, _LAST_PORT = 8400, 65_535
_TEXT = """\
# The configuration of Tokenhouse. `tokenhouse config show` prints every setting, `config schema` describes them.

# The URL by which tokens and metadata name this server; https behind a proxy that ends TLS.
issuer = {issuer}

[server]
bind = "127.0.0.1:{port}"

[admin]                                    # health, metrics; never on the public port
bind = "127.0.0.1:{admin_port}"

[database]
url = "sqlite:///tokenhouse.db"

[secrets]                                  # encrypts the keys in the database: keep it, and keep it apart
key_encryption_key_file = "{key}"

# A legacy contract, by the name of a shipped dialect or the path of a file; then: tokenhouse keys prepare
# [[mount]]
# dialect = "NAME"
# tenant  = "default"

# With a tenant for each contract: the standard endpoints, such as introspection, for the clients of all of them
# [standard]
# tenant = "*"
"""


@click.command()
@click.option(
    "--directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Where to write [default: here].",
)
@click.option("--issuer", default="http://127.0.0.1:8400", show_default=True, help="The URL of the server.")
@common
@click.pass_obj
def init(session: Session, *, directory: Path, issuer: str) -> None:
    """Set up a server in a directory: configuration, key-encryption key, database, keys."""
    from tokenhouse.cli.opening import told
    from tokenhouse.cli.serve import lacks
    from tokenhouse.config.addresses import read_issuer
    from tokenhouse.sql.upgrade import upgrade

    try:
        read_issuer(issuer)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--issuer") from None
    write_files(directory, issuer)
    session.config_path = directory / _CONFIG
    config = session.load().config
    with told(config):
        upgrade(config.database.path)
        asyncio.run(lacks(config, prepare=True))
    answer = {
        "config": str(directory / _CONFIG),
        "key_encryption_key": str(directory / _KEY),
        "database": str(config.database.path),
        "issuer": issuer,
    }
    session.out.fields(answer, answer.items())
    session.out.hint(f"Next: cd {directory.absolute()}")
    session.out.hint("      tokenhouse client create --name first --grant client_credentials")
    session.out.hint("      tokenhouse serve")


def write_files(directory: Path, issuer: str) -> None:
    """Write the configuration and the key; nothing is overwritten.

    Raises:
        Failure: one of them is there already, or the directory cannot be written.

    """
    for name in (_CONFIG, _KEY, "tokenhouse.db"):
        if (directory / name).exists():
            message = f"{directory / name} exists already; nothing was written"
            raise Failure(Exit.CONFLICT, message, "choose an empty --directory")
    port = _loopback_port(issuer)
    text = _TEXT.format(issuer=json.dumps(issuer), key=_KEY, port=port, admin_port=port + 1)
    key = base64.b64encode(os.urandom(_KEY_BYTES)) + b"\n"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        write_new(directory / _KEY, key, 0o600)
        write_new(directory / _CONFIG, text.encode(), 0o644)
    except OSError as error:
        raise Failure(Exit.FAILURE, f"cannot write in {directory}: {error.strerror}") from None


def _loopback_port(issuer: str) -> int:
    """Return where to listen: at the issuer's own port, where that is this machine's; else at the usual one."""
    url = urlsplit(issuer)
    is_here = url.scheme == "http" and url.hostname in {"127.0.0.1", "localhost"}
    return url.port if is_here and url.port and url.port < _LAST_PORT else _PORT


def write_new(path: Path, data: bytes, mode: int) -> None:
    """Write a file that is not there yet, with its mode from the first moment on.

    Raises:
        OSError: it is there, or cannot be written.

    """
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:  # noqa: PTH123 -- a descriptor
        file.write(data)
