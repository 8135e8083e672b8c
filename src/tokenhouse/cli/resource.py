"""`tokenhouse resource`: the APIs that tokens are for."""

from __future__ import annotations

from typing import Any

import click

from tokenhouse.cli.claim_input import read_claims
from tokenhouse.cli.session import Session, common

_TENANT = click.option("--tenant", default="default", show_default=True, help="The tenant of the resource.")
_COLUMNS = {
    "TENANT": "tenant",
    "RESOURCE": "identifier",
    "NAME": "name",
    "ACCESS TTL": "access_ttl_seconds",
    "CLAIMS": "claims",
}


@click.group()
def resource() -> None:
    """APIs that tokens are for: what clients name in `resource`, and tokens in `aud`."""


@resource.command()
@click.argument("identifier")
@_TENANT
@click.option("--name", help="What people call it.")
@click.option("--access-ttl", help="The longest life of its access tokens, such as 5m.")
@click.option("--claim", "claims", multiple=True, metavar="NAME=SOURCE", help="A claim of its tokens; repeatable.")
@click.option("--replace", is_flag=True, help="Change one that is there.")
@common
@click.pass_obj
def create(session: Session, /, *, access_ttl: str | None, claims: tuple[str, ...], **given: Any) -> None:
    """Add a resource: an absolute URI, such as https://api.example.com/orders."""
    from tokenhouse.config.units import read_duration

    seconds = None
    if access_ttl is not None:
        try:
            seconds = int(read_duration(access_ttl).total_seconds())
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--access-ttl") from None
    answer = session.call("resource.create", **given, access_ttl_seconds=seconds, claims=read_claims(claims))
    session.out.fields(answer, answer.items())


@resource.command("list")
@click.option("--tenant", help="The resources of one tenant only.")
@common
@click.pass_obj
def list_resources(session: Session, tenant: str | None) -> None:
    """List resources."""
    nothing = "There is no resource yet: tokens are for the issuer, or for what `client create --audience` says."
    session.out.table(session.call("resource.list", tenant=tenant), _COLUMNS, nothing)


@resource.command()
@click.argument("identifier")
@_TENANT
@common
@click.pass_obj
def show(session: Session, identifier: str, tenant: str) -> None:
    """Show one resource, its scopes and the clients that may ask for it."""
    answer = session.call("resource.show", identifier=identifier, tenant=tenant)
    lists = [("scopes", answer["scopes"]), ("clients", answer["clients"])]
    session.out.fields(answer, [*answer["resource"].items(), *lists])


@resource.command()
@click.argument("identifier")
@_TENANT
@common
@click.pass_obj
def delete(session: Session, identifier: str, tenant: str) -> None:
    """Forget a resource that no client has any more, and its scopes."""
    answer = session.call("resource.delete", identifier=identifier, tenant=tenant)
    session.out.fields(answer, answer.items())
