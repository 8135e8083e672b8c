"""`tokenhouse audit`: who did what, when."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

import click

from tokenhouse.cli.failures import Exit, Failure
from tokenhouse.cli.output import encode, text
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
_WIDTHS = (27, 22, 8, 10, 10, 20, 20, 15, 0)
"""How wide the columns are where rows come one by one; the last one takes what it needs."""

_POLL_SECONDS = 1.0
_FILTERS = {"event": "event", "outcome": "outcome", "contract": "contract", "user": "subject", "client": "client_id"}


@click.group()
def audit() -> None:
    """Who did what, when, through which contract."""


@audit.command()
@click.option("-n", "--limit", default=50, show_default=True, help="How many records are looked at.")
@click.option("--since", help="None before this time, such as 2026-11-20T08:00:00Z.")
@click.option("-f", "--follow", is_flag=True, help="Go on until Ctrl-C, one record a line.")
@click.option("--jsonl", is_flag=True, help="Print one JSON document a line.")
@click.option("--event", help="Only this event, such as login or refused.")
@click.option("--outcome", type=click.Choice(["ok", "refused"]), help="Only this outcome.")
@click.option("--contract", help="Only this contract.")
@click.option("--client", help="Only this client.")
@click.option("--user", help="Only this person, by id: tokenhouse user show says it.")
@common
@click.pass_obj
def tail(
    session: Session, /, *, limit: int, since: str | None, follow: bool, jsonl: bool, **wanted: str | None
) -> None:
    """Print the newest records, the newest last."""
    if follow and session.as_json:
        raise click.UsageError("a stream is no one document: --jsonl instead of --json")
    end = session.call("audit.follow") if follow else []
    found = session.call("audit.list", limit=limit, since=since)[::-1]
    items = [record for record in found if _fits(record, wanted)]
    if not follow and not jsonl:
        nothing = f"None of the {len(found)} records looked at fits; -n looks at more." if found else "There is none."
        session.out.table(items, _COLUMNS, nothing)
        return
    if not jsonl:
        click.echo(_line({name: heading for heading, name in _COLUMNS.items()}))
    for record in items:
        _print(record, jsonl=jsonl)
    if follow:
        for record in records_behind(session, end[0]["sequence"] if end else 0):
            if _fits(record, wanted):
                _print(record, jsonl=jsonl)


def records_behind(session: Session, sequence: int) -> Iterator[dict[str, Any]]:
    """Yield records as they come, for ever; a server that goes away is waited for."""
    away = False
    while True:
        try:
            entries = session.call("audit.follow", sequence=sequence)
        except Failure as failure:
            if failure.exit_code != Exit.UNREACHABLE:
                raise
            if not away:
                click.echo("The server is away; waiting for it.", err=True)
            away, entries = True, []
        else:
            if away:
                click.echo("The server is back.", err=True)
            away = False
        for entry in entries:
            sequence = entry["sequence"]
            yield entry["record"]
        if not entries:
            time.sleep(_POLL_SECONDS)


def _fits(record: Mapping[str, Any], wanted: Mapping[str, str | None]) -> bool:
    return all(value is None or record[_FILTERS[name]] == value for name, value in wanted.items())


def _print(record: Mapping[str, Any], *, jsonl: bool) -> None:
    click.echo(encode(record) if jsonl else _line(record))


def _line(record: Mapping[str, Any]) -> str:
    cells = zip((text(record.get(name)) for name in _COLUMNS.values()), _WIDTHS, strict=True)
    return "  ".join(f"{cell:<{width}}" for cell, width in cells).rstrip()
