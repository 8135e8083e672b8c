"""Attributes on the command line: ``name=text``, or ``name=JSON`` for everything that is no text."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def attribute_options(command: F) -> F:
    """Add ``--attribute`` and ``--attribute-json``."""
    document = "An attribute that is no text; repeatable."
    command = click.option("--attribute-json", multiple=True, metavar="NAME=JSON", help=document)(command)
    text = "A text attribute; repeatable."
    return click.option("--attribute", multiple=True, metavar="NAME=TEXT", help=text)(command)


def read_attributes(texts: tuple[str, ...], documents: tuple[str, ...]) -> dict[str, Any]:
    """Return the attributes.

    Raises:
        click.UsageError: one of them has no name, is no JSON, or is there twice.

    """
    pairs: list[tuple[str, Any]] = [_pair(text) for text in texts]
    for document in documents:
        name, value = _pair(document)
        try:
            pairs.append((name, json.loads(value)))
        except (ValueError, RecursionError):
            raise click.UsageError(f'the attribute "{name}" is no JSON') from None
    found = dict(pairs)
    if len(found) != len(pairs):
        raise click.UsageError("an attribute is given twice")
    return found


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise click.UsageError(f'write an attribute as name=value, not "{text}"')
    return name, value
