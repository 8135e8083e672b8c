"""`tokenhouse token`: what a token says."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

import click

from tokenhouse.cli.failures import Exit, Failure
from tokenhouse.cli.session import Session, common

if TYPE_CHECKING:
    from tokenhouse.cli.explaining import Explanation

_LARGEST_CHARACTERS = 64 * 1024


@click.group()
def token() -> None:
    """Tokens: what they say, and whether they hold."""


@token.command()
@click.argument("file", type=click.File("r", encoding="utf-8", errors="replace"), metavar="-|FILE")
@click.option("--jwks", help="The published keys: a file or a URL [default: those of the local configuration].")
@common
@click.pass_obj
def inspect(session: Session, *, file: IO[str], jwks: str | None) -> None:
    """Explain a token, offline.

    Exit 0 if it is valid, 5 if it is not, 1 if that cannot be said here: an opaque token, or no key to check with.
    """
    from tokenhouse.cli.explaining import explain, utc_now
    from tokenhouse.cli.key_sets import own_keys, read_keys

    text = file.read(_LARGEST_CHARACTERS)
    if not text.strip():
        raise click.UsageError("there is no token")
    signed = text.count(".") > 1
    keys = None
    if signed:
        keys = read_keys(jwks) if jwks else own_keys(session)
    report(session, explain(text, keys, utc_now()))


@token.command("demo")
@click.option("--server", default="http://127.0.0.1:8400", show_default=True, help="Where the demo runs.")
@common
@click.pass_obj
def demo_token(session: Session, server: str) -> None:
    """Get a token from the running demo, and explain it."""
    from tokenhouse.cli.demo.data import read_data
    from tokenhouse.cli.demo.fetching import fetch_token
    from tokenhouse.cli.explaining import explain, utc_now
    from tokenhouse.cli.key_sets import read_keys

    asked = read_data().token
    session.out.hint(f"$ curl -s -u {asked.client_id}:{asked.secret} {server}/oauth2/token -d '{asked.body}'")
    value = fetch_token(server, asked)
    session.out.hint(value)
    report(session, explain(value, read_keys(f"{server}/.well-known/jwks.json"), utc_now()))


def report(session: Session, explanation: Explanation) -> None:
    """Print an explanation, and exit by its verdict.

    Raises:
        Failure: the token is invalid, or nothing can be said of it.

    """
    from tokenhouse.cli.explaining import Verdict

    session.out.fields(explanation.as_document(), explanation.lines())
    if explanation.verdict is Verdict.INVALID:
        raise Failure(Exit.CHECK_FAILED, f"the token is invalid: {explanation.reason}")
    if explanation.verdict is not Verdict.VALID:
        raise Failure(Exit.FAILURE, f"cannot tell whether the token holds: {explanation.reason}")
