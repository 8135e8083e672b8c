"""A dialect's documented request as a command for bash."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from tokenhouse.cli.demo.data import Command

if TYPE_CHECKING:
    from tokenhouse.wire.dialect import Dialect
    from tokenhouse.wire.dialect.examples import ExampleRequest

_SUCCESS = range(200, 300)


def first_success(dialect: Dialect, server: str, prefix: str) -> Command | None:
    """Return the first example that succeeds by itself, as a command; None if the dialect has none."""
    from tokenhouse.wire.dialect.examples import expected_answer, read_request

    for example in dialect.examples:
        if example.after is None and expected_answer(example.answer).status in _SUCCESS:
            request = read_request(example.request, {})
            return Command(contract=dialect.name, title=example.name, run=curl(request, server + prefix))
    return None


def curl(request: ExampleRequest, base: str) -> str:
    """Return the command that sends ``request`` below ``base``."""
    url = base + request.path + (f"?{request.query}" if request.query else "")
    implied = "POST" if request.body else "GET"
    words = ["curl", "-s", *(() if request.method == implied else ("-X", request.method)), url]
    for name, value in request.headers:
        # curl leaves a header out whose value is empty, unless it is written with a semicolon.
        words += ["-H", f"{name}: {value}" if value else f"{name};"]
    if request.body:
        words += ["--data-binary", request.body.decode()]
    return shlex.join(words)
