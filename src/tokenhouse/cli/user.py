"""`tokenhouse user`: the people who log in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tokenhouse.cli.attribute_input import attribute_options, read_attributes
from tokenhouse.cli.secret_input import read_secret, secret_options
from tokenhouse.cli.session import Session, common

_TENANT = click.option("--tenant", default="default", show_default=True, help="The tenant of the user.")
_COLUMNS = {
    "TENANT": "tenant",
    "USER ID": "user_id",
    "USERNAME": "username",
    "EMAIL": "email",
    "ENABLED": "enabled",
    "LOCKED AT": "locked_at",
}


@click.group()
def user() -> None:
    """People who log in."""


@user.command()
@_TENANT
@click.option("--user-id", help="The id, if it must be a certain one; otherwise it is made.")
@click.option("--username", help="A name to log in with; no @ in it.")
@click.option("--email", help="An e-mail address to log in with.")
@click.option("--phone", help="A phone number to log in with.")
@click.option("--name", help="What people call them.")
@click.option(
    "--imported", is_flag=True, help="The password exists elsewhere already: take it as it is, however short."
)
@click.option("--role", "roles", multiple=True, help="A role; repeatable.")
@click.option("--group", "groups", multiple=True, help="A group; repeatable.")
@attribute_options
@secret_options("password")
@common
@click.pass_obj
def create(session: Session, /, *, password_stdin: bool, password_file: Path | None, **given: Any) -> None:
    """Add a user; without a password, nobody can log in with one."""
    attributes = read_attributes(given.pop("attribute"), given.pop("attribute_json"))
    password = read_secret("password", stdin=password_stdin, file=password_file)
    _print(session, session.call("user.create", **given, attributes=attributes, password=password))


@user.command("list")
@click.option("--tenant", help="The users of one tenant only.")
@click.option("--limit", default=100, show_default=True, help="How many at most.")
@common
@click.pass_obj
def list_users(session: Session, tenant: str | None, limit: int) -> None:
    """List users."""
    session.out.table(session.call("user.list", tenant=tenant, limit=limit), _COLUMNS, "There is no user yet.")


@user.command()
@click.argument("user")
@_TENANT
@common
@click.pass_obj
def show(session: Session, user: str, tenant: str) -> None:
    """Show one user, by id, user name, e-mail address or phone number."""
    _print(session, session.call("user.show", user=user, tenant=tenant))


@user.command()
@click.argument("user")
@_TENANT
@common
@click.pass_obj
def lock(session: Session, user: str, tenant: str) -> None:
    """Refuse a user from now on, everywhere."""
    _print(session, session.call("user.lock", user=user, tenant=tenant))


@user.command()
@click.argument("user")
@_TENANT
@common
@click.pass_obj
def unlock(session: Session, user: str, tenant: str) -> None:
    """Let a locked user in again, and forget the wrong guesses."""
    _print(session, session.call("user.unlock", user=user, tenant=tenant))


@user.command("set-password")
@click.argument("user")
@_TENANT
@secret_options("password")
@common
@click.pass_obj
def set_password(session: Session, *, user: str, tenant: str, password_stdin: bool, password_file: Path | None) -> None:
    """Replace a user's password and end the user's sessions."""
    password = read_secret("password", stdin=password_stdin, file=password_file, ask=True)
    if password is None:
        raise click.UsageError("give the password by --password-stdin or --password-file")
    _print(session, session.call("user.set_password", user=user, tenant=tenant, password=password))


@user.command("set-roles")
@click.argument("user")
@_TENANT
@click.option("--role", "roles", multiple=True, help="A role; repeatable.")
@click.option("--group", "groups", multiple=True, help="A group; repeatable.")
@click.option("--no-roles", is_flag=True, help="Take all roles away.")
@click.option("--no-groups", is_flag=True, help="Take all groups away.")
@common
@click.pass_obj
def set_roles(
    session: Session,
    *,
    user: str,
    tenant: str,
    roles: tuple[str, ...],
    groups: tuple[str, ...],
    no_roles: bool,
    no_groups: bool,
) -> None:
    """Replace a user's roles or groups; tokens say the new ones from the next one on."""
    if (roles and no_roles) or (groups and no_groups):
        raise click.UsageError("give roles, or take them all away, not both")
    if not (roles or groups or no_roles or no_groups):
        raise click.UsageError("give --role, --group, --no-roles or --no-groups")
    wanted = {
        "roles": roles if roles or no_roles else None,
        "groups": groups if groups or no_groups else None,
    }
    _print(session, session.call("user.set_roles", user=user, tenant=tenant, **wanted))


def _print(session: Session, answer: dict[str, Any]) -> None:
    session.out.fields(answer, answer.items())
