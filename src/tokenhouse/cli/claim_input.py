"""Custom claims and dates on the command line: ``name=source``; a day stands for its end."""

from __future__ import annotations

import re

import click

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read_claims(given: tuple[str, ...]) -> dict[str, str]:
    """Return claim names with their sources.

    Raises:
        click.UsageError: one of them has no name, no source, or is there twice.

    """
    found: dict[str, str] = {}
    for text in given:
        name, equals, source = text.partition("=")
        if not name or not equals or not source:
            raise click.UsageError(f'write a claim as name=source, such as roles=user.roles, not "{text}"')
        if name in found:
            raise click.UsageError(f'the claim "{name}" is given twice')
        found[name] = source
    return found


def end_of(text: str | None) -> str | None:
    """Return a time as RFC 3339 writes it; a day alone is meant to its end, in UTC."""
    return f"{text}T23:59:59Z" if text is not None and _DAY.fullmatch(text) else text
