"""`tokenhouse tenant`: separate houses under one roof."""

from __future__ import annotations

import click

from tokenhouse.cli.session import Session, common


@click.group()
def tenant() -> None:
    """Separate houses under one roof: users, clients and keys of their own."""


@tenant.command()
@click.argument("name")
@click.option("--if-missing", is_flag=True, help="A tenant that is there already is no mistake.")
@common
@click.pass_obj
def create(session: Session, *, name: str, if_missing: bool) -> None:
    """Add a tenant and its sealing key."""
    answer = session.call("tenant.create", name=name, if_missing=if_missing)
    session.out.fields(answer, answer.items())


@tenant.command("list")
@common
@click.pass_obj
def list_tenants(session: Session) -> None:
    """List tenants."""
    columns = {"TENANT": "name", "ENABLED": "enabled", "CREATED AT": "created_at"}
    session.out.table(session.call("tenant.list"), columns, "There is no tenant yet; type: tokenhouse keys prepare")
