"""Failures as an operator meets them: what happened, what to type next, an exit code for scripts."""

from __future__ import annotations

import json
from enum import IntEnum
from typing import IO, Any

import click


class Exit(IntEnum):
    """Exit codes; those from 64 on are of sysexits.h."""

    FAILURE = 1
    USAGE = 2
    NOT_FOUND = 3
    CONFLICT = 4
    CHECK_FAILED = 5
    UNREACHABLE = 69
    BAD_CONFIG = 78


class Failure(click.ClickException):
    """A command that did not do what it was asked.

    Args:
        exit_code: one of `Exit`.
        message: what happened.
        hint: what to do next; empty if unknown.

    """

    def __init__(self, exit_code: Exit, message: str, hint: str = "") -> None:
        super().__init__(message)
        self._exit = exit_code
        self.hint = hint
        # Now, because the context is gone when the failure is shown.
        context = click.get_current_context(silent=True)
        self._as_json = bool(getattr(context and context.find_root().obj, "as_json", False))

    @property
    def exit_code(self) -> int:  # type: ignore[override]
        """The exit code of the process."""
        return int(self._exit)

    def show(self, file: IO[Any] | None = None) -> None:
        """Print to standard error; as one JSON document where the command was asked for JSON."""
        if self._as_json:
            text = json.dumps({"error": {"exit": self.exit_code, "message": self.message, "hint": self.hint}})
        else:
            text = f"Error: {self.message}" + (f"\nNext: {self.hint}" if self.hint else "")
        click.echo(text, file=file, err=file is None)


def bad_config(problems: Exception, *, missing: bool = False) -> Failure:
    """Return the failure of a configuration that cannot be used, or that is ``missing``."""
    context = click.get_current_context(silent=True)
    is_checking = context is not None and context.command_path.endswith(" config check")
    hint = "tokenhouse init" if missing else "" if is_checking else "tokenhouse config check"
    return Failure(Exit.BAD_CONFIG, f"the configuration cannot be used:\n{problems}", hint)
