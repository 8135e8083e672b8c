"""The program: its nouns and its entry point."""

from __future__ import annotations

import click

from tokenhouse import __version__
from tokenhouse.cli.audit import audit
from tokenhouse.cli.client import client
from tokenhouse.cli.completion import completion
from tokenhouse.cli.config import config
from tokenhouse.cli.database import database
from tokenhouse.cli.demo.command import demo
from tokenhouse.cli.devices import devices
from tokenhouse.cli.dialect import dialect
from tokenhouse.cli.doctor import doctor
from tokenhouse.cli.explain import explain
from tokenhouse.cli.init import init
from tokenhouse.cli.keys import keys
from tokenhouse.cli.resource import resource
from tokenhouse.cli.scope import scope
from tokenhouse.cli.serve import serve
from tokenhouse.cli.session import Session, common
from tokenhouse.cli.sessions import sessions
from tokenhouse.cli.tenant import tenant
from tokenhouse.cli.token import token
from tokenhouse.cli.user import user


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__)
@common
@click.pass_context
def root(context: click.Context) -> None:
    """One token authority that speaks many contracts."""
    context.ensure_object(Session)


for command in (
    demo,
    init,
    serve,
    database,
    keys,
    tenant,
    client,
    resource,
    scope,
    user,
    sessions,
    devices,
    token,
    dialect,
    config,
    audit,
    explain,
    doctor,
    completion,
):
    root.add_command(command)


def main() -> None:
    """Run the program; see `cli.failures.Exit` for what it exits with."""
    root(prog_name="tokenhouse")
