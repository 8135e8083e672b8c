"""`tokenhouse audit`: who did what, when."""

from __future__ import annotations

from typing import Any

import click

from tokenhouse.cli.session import Session, common

_COLUMNS = {
    "AT": "at",
    "EVENT": "event",
    "OUTCOME": "outcome",
    "TENANT": "tenant",
    "CONTRACT": "contract",
    "CLIENT": "client_id",
    "SUBJECT": "subject",
    "SOURCE": "source",
    "REASON": "reason",
}


@click.group()
def audit() -> None:
    """Who did what, when, through which contract."""


@audit.command()
@click.option("-n", "--limit", default=50, show_default=True, help="How many records.")
@click.option("--since", help="None before this time, such as 2026-11-20T08:00:00Z.")
@common
@click.pass_obj
def tail(session: Session, limit: int, since: str | None) -> None:
    """Print the newest records, the newest last."""
    items: list[dict[str, Any]] = session.call("audit.list", limit=limit, since=since)
    session.out.table(items[::-1], _COLUMNS, "There is no record yet.")
