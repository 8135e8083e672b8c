"""Secrets on their way in: from standard input, a file, or a person at a terminal; never from the arguments."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

_LARGEST_BYTES = 64 * 1024


def secret_options(what: str) -> Callable[[F], F]:
    """Return a decorator that adds ``--WHAT-stdin`` and ``--WHAT-file``."""

    def add(command: F) -> F:
        path: click.Path = click.Path(path_type=Path, dir_okay=False)
        command = click.option(f"--{what}-stdin", is_flag=True, help=f"Read the {what} from standard input.")(command)
        return click.option(f"--{what}-file", type=path, help=f"Read the {what} from a file.")(command)

    return add


def read_secret(what: str, *, stdin: bool, file: Path | None, ask: bool = False) -> str | None:
    """Return the secret, without the newline at its end; None if nobody gives one.

    ``ask`` prompts for it, if a person sits at the terminal.

    Raises:
        click.UsageError: two sources, an unreadable one, or an empty secret.

    """
    if stdin and file is not None:
        raise click.UsageError(f"give --{what}-stdin or --{what}-file, not both")
    if stdin:
        return _clean(what, sys.stdin.buffer.read(_LARGEST_BYTES + 1))
    if file is not None:
        try:
            with file.open("rb") as opened:
                return _clean(what, opened.read(_LARGEST_BYTES + 1))
        except OSError as error:
            raise click.UsageError(f"cannot read {file}: {error.strerror}") from None
    if ask and sys.stdin.isatty():
        return str(click.prompt(what.capitalize(), hide_input=True, confirmation_prompt=True, err=True))
    return None


def _clean(what: str, data: bytes) -> str:
    if len(data) > _LARGEST_BYTES:
        raise click.UsageError(f"the {what} is too long")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise click.UsageError(f"the {what} is not UTF-8") from None
    text = text.removesuffix("\n").removesuffix("\r")
    if not text:
        raise click.UsageError(f"the {what} is empty")
    return text
