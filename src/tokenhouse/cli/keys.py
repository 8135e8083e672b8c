"""`tokenhouse keys`: what signs and seals."""

from __future__ import annotations

import click

from tokenhouse.cli.completion import dialect_names
from tokenhouse.cli.session import Session, common

_COLUMNS = {
    "KEY ID": "key_id",
    "TENANT": "tenant",
    "CONTRACT": "contract",
    "PURPOSE": "purpose",
    "ALG": "alg",
    "STATE": "state",
    "ACTIVE FROM": "activates_at",
    "RETIRES AT": "retires_at",
}


@click.group()
def keys() -> None:
    """Keys that sign and seal tokens."""


@keys.command("list")
@common
@click.pass_obj
def list_keys(session: Session) -> None:
    """List keys and what each does now."""
    session.out.table(session.call("key.list"), _COLUMNS, "There is no key yet; type: tokenhouse keys prepare")


@keys.command()
@common
@click.pass_obj
def prepare(session: Session) -> None:
    """Make the tenants and keys that the configuration needs and the store does not have."""
    answer = session.call("setup.prepare")
    session.out.fields(
        answer,
        [*(("made tenant", name) for name in answer["tenants"]), *(("made", name) for name in answer["keys"])],
    )
    if not answer["tenants"] and not answer["keys"]:
        session.out.hint("Nothing was missing.")


@keys.command()
@click.option("--purpose", type=click.Choice(["sign", "seal"]), default="sign", show_default=True)
@click.option(
    "--contract", default="standard", show_default=True, shell_complete=dialect_names, help="Whose signing key."
)
@click.option("--alg", type=click.Choice(["ES256", "RS256"]), help="Which signing key [default: the contract's].")
@click.option("--tenant", help="Whose key [default: the tenant that owns the contract's keys].")
@click.option("--at-once", is_flag=True, help="Use it now, before everybody has fetched its public part.")
@common
@click.pass_obj
def rotate(
    session: Session, *, purpose: str, contract: str, alg: str | None, tenant: str | None, at_once: bool
) -> None:
    """Make a new key, published now; the older ones stay until no valid token needs them."""
    answer = session.call("key.rotate", purpose=purpose, contract=contract, alg=alg, tenant=tenant, at_once=at_once)
    session.out.fields(answer, [(heading.lower(), answer[key]) for heading, key in _COLUMNS.items()])
