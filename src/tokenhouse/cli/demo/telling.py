"""What the demo prints when it is ready: where it is, and what to copy and paste."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tokenhouse.cli.demo.curl import first_success
from tokenhouse.cli.demo.data import Command, DemoData
from tokenhouse.cli.demo.furnishing import MAIL
from tokenhouse.cli.demo.ports import DEFAULT_PORT, Addresses, addresses
from tokenhouse.cli.output import Output

if TYPE_CHECKING:
    from tokenhouse.wire.dialect import Dialect


def commands(at: Addresses, dialects: list[Dialect], data: DemoData) -> list[Command]:
    """Return the commands of each contract: its own first example, then what the data adds; the standard one last."""
    extra = [command.at(at.server, at.resource) for command in data.command]
    found: list[Command] = []
    for dialect in dialects:
        special = data.mount.get(dialect.name)
        example = first_success(dialect, at.server, special.prefix if special else "")
        found += [example] if example is not None else []
        found += [command for command in extra if command.contract == dialect.name]
    return [*found, *(command for command in extra if command not in found)]


def tell(out: Output, at: Addresses, config: Path, told: list[Command], titles: dict[str, str]) -> None:
    """Print addresses and commands."""
    if out.as_json:
        out.document(_document(at, config, told))
        return
    click.echo("Tokenhouse demo is ready.\n")
    for label, url in (("server", at.server), ("admin", f"{at.admin}/metrics"), ("resource server", at.resource)):
        click.echo(f"  {label:<16}{url}")
    click.echo(f"  {'sign-up':<16}{at.server}/account/sign-up")
    click.echo(f"  {'mails':<16}{config.with_name(MAIL)}")
    click.echo(f"  {'configuration':<16}{config}")
    contract = ""
    for command in told:
        if command.contract != contract:
            contract = command.contract
            click.echo(f"\n== {titles.get(contract, contract)} ==")
        click.echo(f"\n# {command.title}\n{command.run}")
    token = (
        "make token" if at.server == addresses(DEFAULT_PORT).server else f"tokenhouse token demo --server {at.server}"
    )
    click.echo(f"\nPaste one into another terminal, or type there: {token}. Ctrl-C stops the demo.")


def _document(at: Addresses, config: Path, told: list[Command]) -> dict[str, Any]:
    return {
        "addresses": at._asdict(),
        "config": str(config),
        "commands": [{"contract": c.contract, "title": c.title, "run": c.run} for c in told],
    }
