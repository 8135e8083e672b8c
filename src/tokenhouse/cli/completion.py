"""`tokenhouse completion`: what the shell completes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

import click
from click.shell_completion import CompletionItem, get_completion_class

from tokenhouse.cli.failures import Exit, Failure
from tokenhouse.cli.session import Session, common

_PROGRAM = "tokenhouse"
_VARIABLE = "_TOKENHOUSE_COMPLETE"
_PLACES = {
    "bash": (".local/share/bash-completion/completions", "tokenhouse", "open a new shell"),
    "zsh": (".zfunc", "_tokenhouse", "put `fpath+=~/.zfunc; autoload -Uz compinit; compinit` into ~/.zshrc"),
    "fish": (".config/fish/completions", "tokenhouse.fish", "open a new shell"),
}
_MOST_REMEMBERED = 200
_SHELL = click.argument("shell", type=click.Choice(list(_PLACES)))


@click.group()
def completion() -> None:
    """Completion of commands, dialects and client ids in your shell."""


@completion.command()
@_SHELL
@common
@click.pass_context
def show(context: click.Context, shell: str) -> None:
    """Print the completion script of a shell."""
    session, script = context.ensure_object(Session), _script(context, shell)
    if session.as_json:
        session.out.document({"shell": shell, "script": script})
    else:
        click.echo(script)


@completion.command()
@_SHELL
@common
@click.pass_context
def install(context: click.Context, shell: str) -> None:
    """Write the completion script to where the shell looks for it."""
    folder, name, then = _PLACES[shell]
    path = Path.home() / folder / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_script(context, shell))
    except OSError as error:
        raise Failure(Exit.FAILURE, f"cannot write {path}: {error.strerror}") from None
    answer = {"shell": shell, "file": str(path), "then": then}
    context.ensure_object(Session).out.fields(answer, answer.items())


def _script(context: click.Context, shell: str) -> str:
    maker = get_completion_class(shell)
    assert maker is not None, "click knows these shells"
    return maker(context.find_root().command, {}, _PROGRAM, _VARIABLE).source()


def dialect_names(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Complete the name of a shipped dialect, or a file."""
    shipped = sorted(
        entry.name.removesuffix(".toml")
        for entry in (files("tokenhouse") / "dialects").iterdir()
        if entry.name.endswith(".toml")
    )
    found = [CompletionItem(name) for name in shipped if name.startswith(typed)]
    return found or [CompletionItem(typed, type="file")]


def client_ids(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Complete the id of a client that was listed here before; asks nobody."""
    return [CompletionItem(name) for name in _remembered() if name.startswith(typed)]


def remember_clients(names: Iterable[str]) -> None:
    """Keep client ids for the shell to complete; where that cannot be, nothing is lost."""
    known = list(dict.fromkeys((*names, *_remembered())))[:_MOST_REMEMBERED]
    try:
        _memory().parent.mkdir(parents=True, exist_ok=True)
        _memory().write_text(json.dumps(known))
    except OSError:
        return


def _remembered() -> list[str]:
    try:
        known = json.loads(_memory().read_text())
    except (OSError, ValueError):
        return []
    return [name for name in known if isinstance(name, str)] if isinstance(known, list) else []


def _memory() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "tokenhouse" / "clients.json"
