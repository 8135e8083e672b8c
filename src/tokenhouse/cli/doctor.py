"""`tokenhouse doctor`: what is wrong with this installation, in one list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from tokenhouse.cli.failures import Exit, Failure
from tokenhouse.cli.output import text
from tokenhouse.cli.session import Session, common

if TYPE_CHECKING:
    from tokenhouse.config.settings import Config

_MARKS = {"ok": "ok", "warning": "WARNING", "wrong": "WRONG"}


@click.command()
@click.option("--quick", is_flag=True, help="Only whether the server runs and is ready: for health checks.")
@common
@click.pass_obj
def doctor(session: Session, *, quick: bool) -> None:
    """Check configuration, files, database, keys, clients and the running server; exit 5 if something is wrong."""
    from tokenhouse.cli.checkups import CHECKUPS, look, server

    config = session.load().config
    local = (server,) if quick else CHECKUPS
    findings = [finding._asdict() for check in local for finding in look(check, config)]
    if not quick:
        findings += [*_contracts(config), *_store(session, findings)]
    _print(session, findings)
    wrong = sum(finding["state"] == "wrong" for finding in findings)
    if wrong:
        raise Failure(Exit.CHECK_FAILED, f"{wrong} of {len(findings)} checks found something wrong")


def _contracts(config: Config) -> list[dict[str, Any]]:
    """Return whether the configured contracts can be served together."""
    from tokenhouse.cli.opening import told
    from tokenhouse.server.rehearsal import rehearse

    try:
        with told(config):
            names = rehearse(config)
    except Failure as failure:
        return [_finding("contracts", "wrong", failure.message, failure.hint)]
    return [_finding("contracts", "ok", f"{len(names)} dialects can be mounted together", "")]


def _store(session: Session, before: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what the store holds that is wrong; where there is no store, that has been said."""
    if any(finding["check"] == "database" and finding["state"] == "wrong" for finding in before):
        return []
    try:
        found: list[dict[str, Any]] = session.call("checkup.run")
    except Failure as failure:
        return [_finding("store", "wrong", failure.message, failure.hint)]
    return found


def _finding(check: str, state: str, message: str, hint: str) -> dict[str, Any]:
    return {"check": check, "state": state, "message": message, "hint": hint}


def _print(session: Session, findings: Sequence[Mapping[str, Any]]) -> None:
    if session.as_json:
        session.out.document({"items": findings})
        return
    for finding in findings:
        click.echo(f"{_MARKS[finding['state']]:<8} {finding['check']:<10} {_lines(finding['message'])}")
        if finding["hint"]:
            click.echo(f"{'':<20}Next: {_lines(finding['hint'])}")


def _lines(told: str) -> str:
    """Return what may be the words of somebody else as a terminal can take them."""
    return "\n".join(map(text, told.splitlines()))
