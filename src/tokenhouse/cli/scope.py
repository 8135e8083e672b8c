"""`tokenhouse scope`: what clients can be allowed."""

from __future__ import annotations

import click

from tokenhouse.cli.session import Session, common

_TENANT = click.option("--tenant", default="default", show_default=True, help="The tenant of the scope.")
_COLUMNS = {"TENANT": "tenant", "SCOPE": "name", "RESOURCE": "resource", "DESCRIPTION": "description"}


@click.group()
def scope() -> None:
    """What clients can be allowed; registering a client makes its scopes known."""


@scope.command()
@click.argument("name")
@_TENANT
@click.option("--description", default="", help="What it allows, in words.")
@click.option("--resource", help="The only resource whose tokens carry it.")
@common
@click.pass_obj
def create(session: Session, *, name: str, tenant: str, description: str, resource: str | None) -> None:
    """Describe a scope, or bind it to a resource; one that is known is changed."""
    answer = session.call("scope.create", name=name, tenant=tenant, description=description, resource=resource)
    session.out.fields(answer, answer.items())


@scope.command("list")
@click.option("--tenant", help="The scopes of one tenant only.")
@common
@click.pass_obj
def list_scopes(session: Session, tenant: str | None) -> None:
    """List scopes."""
    session.out.table(session.call("scope.list", tenant=tenant), _COLUMNS, "There is no scope yet.")


@scope.command()
@click.argument("name")
@_TENANT
@common
@click.pass_obj
def delete(session: Session, name: str, tenant: str) -> None:
    """Forget a scope that no client has any more."""
    answer = session.call("scope.delete", name=name, tenant=tenant)
    session.out.fields(answer, answer.items())
