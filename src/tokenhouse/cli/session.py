"""What every command has: the configuration, the way to the store, the way to print; and the options that name them."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tokenhouse.cli.failures import bad_config
from tokenhouse.cli.output import Output

if TYPE_CHECKING:
    from tokenhouse.config.loading import Loaded

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(slots=True)
class Session:
    """One run of the program."""

    config_path: Path | None = None
    as_json: bool = False

    @property
    def out(self) -> Output:
        """The way to print."""
        return Output(as_json=self.as_json)

    def load(self, **over: str) -> Loaded:
        """Return the configuration; ``over`` are variables of the environment that this command sets itself.

        Raises:
            Failure: it cannot be used.

        """
        from tokenhouse.config.loading import load
        from tokenhouse.written import Problems

        try:
            return load(self.config_path, os.environ | over)
        except Problems as problems:
            raise bad_config(problems, missing=any(p.code == "TH-C005" for p in problems.problems)) from None

    def call(self, operation: str, **values: Any) -> Any:
        """Run a management operation and return its answer.

        Raises:
            Failure: it was not done.

        """
        from tokenhouse.cli.link import Link

        return Link(self.load().config).call(operation, **values)


def _remember(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    session = context.find_root().ensure_object(Session)
    if value:
        setattr(session, str(parameter.name), value)


def common(command: F) -> F:
    """Add the options that every command has."""
    for option in (
        click.option(
            "--config",
            "config_path",
            type=click.Path(path_type=Path, dir_okay=False),
            expose_value=False,
            is_eager=True,
            callback=_remember,
            help="The configuration file [default: $TOKENHOUSE_CONFIG, ./tokenhouse.toml].",
        ),
        click.option(
            "--json",
            "as_json",
            is_flag=True,
            expose_value=False,
            is_eager=True,
            callback=_remember,
            help="Print one JSON document.",
        ),
    ):
        command = option(command)
    return command
