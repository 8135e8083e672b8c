"""`tokenhouse dialect`: legacy contracts as files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tokenhouse.cli.completion import dialect_names
from tokenhouse.cli.failures import Exit, Failure
from tokenhouse.cli.session import Session, common

if TYPE_CHECKING:
    from tokenhouse.wire.dialect import Dialect

_COLUMNS = {
    "DIALECT": "name",
    "TITLE": "title",
    "TENANTS": "tenants",
    "ROUTES": "routes",
    "EXAMPLES": "examples",
    "GUESSES": "guesses",
}


@click.group()
def dialect() -> None:
    """Legacy token contracts, each a file."""


@dialect.command("list")
@common
@click.pass_obj
def list_dialects(session: Session) -> None:
    """List the dialects that are shipped or configured, and where they are mounted."""
    from tokenhouse.server.mounting import shipped_dialects

    mounted = _mounted(session)
    rows: list[dict[str, Any]] = []
    for name in dict.fromkeys((*shipped_dialects(), *mounted)):
        found = read(name)
        rows.append(
            {
                "name": found.name,
                "title": found.title,
                "tenants": mounted.get(name, []),
                "routes": [f"{route.method} {route.path}" for route in found.mount({})],
                "examples": len(found.examples),
                "guesses": [{"line": line, "text": text} for line, text in found.guesses],
            }
        )
    if session.as_json:
        session.out.document({"items": rows})
        return
    counted = [row | {"routes": len(row["routes"]), "guesses": len(row["guesses"])} for row in rows]
    session.out.table(counted, _COLUMNS, "")


@dialect.command()
@click.argument("names", nargs=-1, metavar="FILE|NAME...", shell_complete=dialect_names)
@common
@click.pass_obj
def check(session: Session, names: tuple[str, ...]) -> None:
    """Load dialects and replay their examples against a real server in this process; exit 5 if one does not hold."""
    from tokenhouse.server.mounting import shipped_dialects

    reports = [_check(name) for name in names or tuple(shipped_dialects())]
    if session.as_json:
        session.out.document({"items": reports})
    else:
        for report in reports:
            _print(report)
    if not all(report["holds"] for report in reports):
        wrong = ", ".join(report["dialect"] for report in reports if not report["holds"])
        raise Failure(Exit.CHECK_FAILED, f"not as it should be: {wrong}")


@dialect.command()
@click.argument("name", metavar="FILE|NAME", shell_complete=dialect_names)
@common
@click.pass_obj
def export(session: Session, name: str) -> None:
    """Print as JSON how the APIs of a contract are called and refuse, for a resource server to load."""
    from tokenhouse.written import Problems

    try:
        session.out.document(read(name).describe_presentation())
    except Problems as error:
        raise Failure(Exit.CHECK_FAILED, str(error)) from None


def read(name: str) -> Dialect:
    """Return a dialect by the name of a shipped one or the path of a file.

    Raises:
        Failure: there is none, or it has mistakes.

    """
    from tokenhouse.server.mounting import read_dialect
    from tokenhouse.written import Problem, Problems

    try:
        return read_dialect(name)
    except FileNotFoundError as error:
        said = f"cannot read {name}: {error.strerror}" if error.strerror else str(error)
        raise Failure(Exit.NOT_FOUND, said, "tokenhouse dialect list") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(Exit.NOT_FOUND, f"cannot read {name}: {type(error).__name__}") from None
    except (Problem, Problems) as error:
        raise Failure(Exit.CHECK_FAILED, str(error)) from None


def _mounted(session: Session) -> dict[str, list[str]]:
    """Return the tenants of each configured dialect; none where nothing is configured here."""
    from tokenhouse.config.loading import FILE_VARIABLE, PLACES

    if session.config_path is None and FILE_VARIABLE not in os.environ and not any(map(Path.is_file, PLACES)):
        return {}
    mounted: dict[str, list[str]] = {}
    for mount in session.load().config.mount:
        mounted.setdefault(mount.dialect, []).append(mount.tenant)
    return mounted


def _check(name: str) -> dict[str, Any]:
    from tokenhouse.testing.dialect_suite import replay

    try:
        found = read(name)
    except Failure as failure:
        if failure.exit_code != Exit.CHECK_FAILED:
            raise
        problems = failure.message.splitlines()
        return {"dialect": name, "holds": False, "problems": problems, "examples": [], "guesses": [], "warnings": []}
    path = name if name.endswith(".toml") else f"{name}.toml"
    results = replay(found)
    return {
        "dialect": name,
        "holds": all(not result.diff for result in results),
        "problems": [f"{path}:{r.example.line}:1: {r.example.name}: {r.diff}" for r in results if r.diff],
        "examples": [{"name": r.example.name, "line": r.example.line, "holds": not r.diff} for r in results],
        "guesses": [f"{path}:{line}:1: {text}" for line, text in found.guesses],
        "warnings": list(found.warnings),
    }


def _print(report: dict[str, Any]) -> None:
    held = sum(example["holds"] for example in report["examples"])
    verdict = "ok" if report["holds"] else "FAILED"
    click.echo(f"{verdict:<6}  {report['dialect']}: {held} of {len(report['examples'])} examples hold")
    for line in report["problems"]:
        click.echo(line)
    for label, key in (("warning", "warnings"), ("guess", "guesses")):
        for line in report[key]:
            click.echo(f"{label}: {line}", err=True)
