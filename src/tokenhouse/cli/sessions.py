"""`tokenhouse session`: the logins that live."""

from __future__ import annotations

from typing import Any

import click

from tokenhouse.cli.completion import client_ids, dialect_names
from tokenhouse.cli.session import Session, common

_COLUMNS = {
    "SESSION": "session",
    "TENANT": "tenant",
    "CONTRACT": "contract",
    "USER ID": "user_id",
    "CLIENT": "client_id",
    "DEVICE": "device",
    "DEVICE NAME": "device_name",
    "OPENED AT": "opened_at",
    "LAST USED AT": "last_used_at",
    "EXPIRES AT": "expires_at",
}


@click.group("session")
def sessions() -> None:
    """Logins that live: who is in, through which contract, on which device."""


@sessions.command("list")
@click.option("--user", help="The sessions of one user: id, user name, e-mail address or phone number.")
@click.option("--tenant", help="The sessions of one tenant only [default: all; with --user: default].")
@click.option("--contract", shell_complete=dialect_names, help="The sessions of one contract only.")
@click.option("--client", "client_id", shell_complete=client_ids, help="The sessions of one client only.")
@click.option("--device", help="The sessions of one device only.")
@click.option("--all", "ended", is_flag=True, help="Also those that are over.")
@click.option("--limit", default=100, show_default=True, help="How many at most, newest first.")
@common
@click.pass_obj
def list_sessions(session: Session, /, **given: Any) -> None:
    """List sessions, newest first."""
    columns = _COLUMNS | ({"ENDED AT": "ended_at"} if given["ended"] else {})
    session.out.table(session.call("session.list", **given), columns, "There is no session.")


@sessions.command()
@click.argument("sessions", nargs=-1, metavar="[SESSION]...")
@click.option("--user", help="End the sessions of this user: sign out everywhere.")
@click.option("--device", help="With --user: only those on this device.")
@click.option("--tenant", help="The tenant of the user [default: default], or of the sessions [default: any].")
@common
@click.pass_obj
def revoke(session: Session, /, **given: Any) -> None:
    """End sessions and every token of them: by id, by the key that the contract's answer said, or by user."""
    answer = session.call("session.revoke", **given)
    session.out.fields(answer, answer.items())
