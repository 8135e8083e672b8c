"""`tokenhouse config`: what the operator decided."""

from __future__ import annotations

import click

from tokenhouse.cli.session import Session, common


@click.group()
def config() -> None:
    """The configuration: file, environment, defaults."""


@config.command()
@click.option("--origin", is_flag=True, help="Say where each value came from.")
@common
@click.pass_obj
def show(session: Session, *, origin: bool) -> None:
    """Print every effective setting; secrets are hidden."""
    from tokenhouse.config.showing import render

    rows = [row._asdict() for row in render(session.load(), origin=origin)]
    columns = {"SETTING": "name", "VALUE": "value"} | ({"ORIGIN": "origin"} if origin else {})
    session.out.table(rows, columns, "")


@config.command()
@common
@click.pass_obj
def check(session: Session) -> None:
    """Check the configuration and every dialect it names; exit 78 if it cannot be used."""
    from tokenhouse.cli.opening import told
    from tokenhouse.server.rehearsal import rehearse

    loaded = session.load()
    with told(loaded.config):
        contracts = rehearse(loaded.config)
    path = str(loaded.path) if loaded.path else "environment and defaults only"
    answer = {"file": path, "issuer": loaded.config.issuer, "contracts": list(contracts), "verdict": "OK"}
    session.out.fields(answer, answer.items())


@config.command()
@common
@click.pass_obj
def schema(session: Session) -> None:
    """Print the JSON Schema of the file, for editors."""
    from tokenhouse.config.schema import schema as make

    session.out.document(make())
