"""`tokenhouse device`: devices with a key of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tokenhouse.cli.completion import dialect_names
from tokenhouse.cli.secret_input import read_secret, secret_options
from tokenhouse.cli.session import Session, common

_COLUMNS = {
    "TENANT": "tenant",
    "CONTRACT": "contract",
    "DEVICE": "device",
    "NAME": "name",
    "USER ID": "user_id",
    "CREATED AT": "created_at",
    "EXPIRES AT": "expires_at",
    "ENDED AT": "ended_at",
}
_TENANT = click.option("--tenant", help="The tenant of the device [default: the one that its contract serves].")
_CONTRACT = click.option(
    "--contract", required=True, shell_complete=dialect_names, help="The contract whose APIs the device calls."
)


@click.group("device")
def devices() -> None:
    """Devices that show a key of their own at APIs."""


@devices.command()
@click.argument("device")
@_CONTRACT
@_TENANT
@click.option("--name", help="What people call it.")
@click.option("--user", help="Whose it is: id, user name, e-mail address or phone number.")
@click.option("--scope", "scopes", multiple=True, help="A scope that its key carries; repeatable.")
@click.option("--ends-at", help="When its key ends, such as 2027-06-30T00:00:00Z.")
@secret_options("key")
@common
@click.pass_obj
def create(session: Session, /, *, key_stdin: bool, key_file: Path | None, **given: Any) -> None:
    """Give a device a key and print it, once; the one that it had stops working."""
    key = read_secret("key", stdin=key_stdin, file=key_file)
    values = {name: value for name, value in given.items() if value not in (None, ())}
    answer = session.call("device.create", **values, key=key)
    pairs = [("device", answer["device"]["device"])]
    if answer["key"] is not None:
        pairs.append((answer["label"], answer["key"]))
    session.out.fields(answer, pairs)
    if answer["key"] is not None:
        session.out.hint("The key is shown once and kept as a digest.")


@devices.command("list")
@click.option("--tenant", help="The devices of one tenant only.")
@common
@click.pass_obj
def list_devices(session: Session, tenant: str | None) -> None:
    """List devices that have or had a key."""
    session.out.table(session.call("device.list", tenant=tenant), _COLUMNS, "No device has a key.")


@devices.command()
@click.argument("device")
@_CONTRACT
@_TENANT
@common
@click.pass_obj
def revoke(session: Session, /, **given: Any) -> None:
    """End a device's key."""
    answer = session.call("device.revoke", **given)
    session.out.fields(answer, answer.items())
