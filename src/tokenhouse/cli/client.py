"""`tokenhouse client`: the applications that ask for tokens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from tokenhouse.cli.attribute_input import attribute_options, read_attributes
from tokenhouse.cli.claim_input import end_of, read_claims
from tokenhouse.cli.completion import client_ids, dialect_names, remember_clients
from tokenhouse.cli.secret_input import read_secret, secret_options
from tokenhouse.cli.session import Session, common

F = TypeVar("F", bound=Callable[..., Any])

_TENANT = click.option("--tenant", default="default", show_default=True, help="The tenant of the client.")
_COLUMNS = {
    "TENANT": "tenant",
    "CLIENT ID": "client_id",
    "NAME": "name",
    "CONTRACTS": "contracts",
    "GRANTS": "grants",
    "ENABLED": "enabled",
}
_CLEARABLE = ("grants", "scopes", "resources", "claims", "attributes", "audience", "alg", "ends_at", "password_until")


def _registration(command: F) -> F:
    """Add what a registration and a change of one can say."""
    options = (
        click.option("--grant", "grants", multiple=True, help="A grant type it may use; repeatable."),
        click.option("--scope", "scopes", multiple=True, help="A scope it may ask for; repeatable."),
        click.option("--audience", help="The audience of its access tokens, where they are for no resource."),
        click.option("--resource", "resources", multiple=True, help="A resource it may ask tokens for; repeatable."),
        click.option(
            "--claim",
            "claims",
            multiple=True,
            metavar="NAME=SOURCE",
            help="A claim of its tokens, from"
            " user.roles, user.attributes.NAME, client.name, or a text behind a second =; repeatable.",
        ),
        click.option("--access-format", type=click.Choice(["jwt", "opaque"]), help="The form of its access tokens."),
        click.option("--alg", type=click.Choice(["ES256", "RS256"]), help="What signs its access tokens."),
        click.option(
            "--introspection", type=click.Choice(["none", "own", "tenant"]), help="Whose tokens it may ask about."
        ),
        click.option("--ends-at", help="When its contract ends, such as 2027-06-30."),
        click.option("--password-until", help="When its password grant ends, such as 2027-06-30; at most two years."),
    )
    command = attribute_options(command)
    for option in reversed(options):
        command = option(command)
    return command


def _read_registration(given: dict[str, Any]) -> dict[str, Any]:
    """Return what was said, as the operations take it."""
    attributes = read_attributes(given.pop("attribute"), given.pop("attribute_json"))
    claims = read_claims(given.pop("claims"))
    values = {key: value for key, value in given.items() if value not in (None, (), False)}
    for name in ("ends_at", "password_until"):
        if name in values:
            values[name] = end_of(values[name])
    return values | ({"attributes": attributes} if attributes else {}) | ({"claims": claims} if claims else {})


@click.group()
def client() -> None:
    """Applications that ask for tokens."""


@client.command()
@click.option("--name", required=True, help="What people call it.")
@click.option("--tenant", help="The tenant of the client [default: the one that its contract serves].")
@click.option("--client-id", help="The id, if it must be a certain one; otherwise it is made.")
@click.option(
    "--contract",
    "contracts",
    multiple=True,
    shell_complete=dialect_names,
    help="A contract it may speak; repeatable [default: standard].",
)
@click.option("--public", is_flag=True, help="It has no secret.")
@_registration
@secret_options("secret")
@click.option("--api-secret", is_flag=True, help="Make a second secret, for what only its back end may ask.")
@click.option("--api-secret-file", type=click.Path(path_type=Path, dir_okay=False), help="Read that from a file.")
@common
@click.pass_obj
def create(
    session: Session,
    /,
    *,
    secret_stdin: bool,
    secret_file: Path | None,
    api_secret: bool,
    api_secret_file: Path | None,
    **given: Any,
) -> None:
    """Register a client and print its pair, once; a secret that exists elsewhere can be given.

    What is not said is as its contract has it.
    """
    values = _read_registration(given)
    values["secret"] = read_secret("secret", stdin=secret_stdin, file=secret_file)
    values["api_secret"] = read_secret("api-secret", stdin=False, file=api_secret_file)
    answer = session.call("client.create", **values, make_api_secret=api_secret)
    remember_clients([answer["client_id"]])
    _print_pair(session, answer)
    if "standard" in answer["client"]["contracts"] and "client_credentials" in answer["client"]["grants"]:
        session.out.hint(
            f"Try it: curl -u {answer['client_id']}:$CLIENT_SECRET {session.load().config.issuer}/oauth2/token"
            " -d grant_type=client_credentials"
        )


@client.command("list")
@click.option("--tenant", help="The clients of one tenant only.")
@common
@click.pass_obj
def list_clients(session: Session, tenant: str | None) -> None:
    """List clients."""
    clients = session.call("client.list", tenant=tenant)
    remember_clients(one["client_id"] for one in clients)
    session.out.table(clients, _COLUMNS, "There is no client yet.")


@client.command()
@click.argument("client_id", shell_complete=client_ids)
@_TENANT
@common
@click.pass_obj
def show(session: Session, client_id: str, tenant: str) -> None:
    """Show one client and the state of its secrets."""
    answer = session.call("client.show", client_id=client_id, tenant=tenant)
    secrets = [_secret_line(secret) for secret in answer["secrets"]]
    session.out.fields(answer, [*answer["client"].items(), *(("secret", line) for line in secrets)])


@client.command()
@click.argument("client_id", shell_complete=client_ids)
@_TENANT
@click.option("--name", help="What people call it.")
@_registration
@click.option("--clear", multiple=True, type=click.Choice(_CLEARABLE), help="Empty this first; repeatable.")
@common
@click.pass_obj
def update(session: Session, /, **given: Any) -> None:
    """Change a client's registration; what is not said stays.

    Grants, scopes and resources take the place of those that it has; claims and attributes are added to them.
    """
    answer = session.call("client.update", **_read_registration(given))
    session.out.fields(answer, answer.items())


@client.command("rotate-secret")
@click.argument("client_id", shell_complete=client_ids)
@_TENANT
@click.option("--slot", type=click.Choice(["api"]), help="Rotate its back end's secret, or give it a first one.")
@click.option("--overlap", default="24h", show_default=True, help="How long the old secret stays valid.")
@click.option("--end-now", is_flag=True, help="End the old secret now.")
@secret_options("secret")
@common
@click.pass_obj
def rotate_secret(
    session: Session,
    *,
    client_id: str,
    tenant: str,
    overlap: str,
    end_now: bool,
    slot: str | None,
    secret_stdin: bool,
    secret_file: Path | None,
) -> None:
    """Give a client another secret; the old one stays valid for a while."""
    from tokenhouse.config.units import read_duration

    try:
        overlap_seconds = int(read_duration(overlap).total_seconds())
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--overlap") from None
    answer = session.call(
        "client.rotate_secret",
        client_id=client_id,
        tenant=tenant,
        overlap_seconds=overlap_seconds,
        end_now=end_now,
        slot=slot or "",
        secret=read_secret("secret", stdin=secret_stdin, file=secret_file),
    )
    _print_pair(session, answer)
    session.out.hint(f"The old secret ends at {answer['others_end_at']}.")


@client.command()
@click.argument("client_id", shell_complete=client_ids)
@_TENANT
@common
@click.pass_obj
def disable(session: Session, client_id: str, tenant: str) -> None:
    """Refuse a client from now on; its tokens die with it."""
    _print_state(session, session.call("client.disable", client_id=client_id, tenant=tenant))


@client.command()
@click.argument("client_id", shell_complete=client_ids)
@_TENANT
@common
@click.pass_obj
def enable(session: Session, client_id: str, tenant: str) -> None:
    """Let a disabled client ask again."""
    _print_state(session, session.call("client.enable", client_id=client_id, tenant=tenant))


def _print_pair(session: Session, answer: dict[str, Any]) -> None:
    labels = answer["labels"]
    pairs = [("tenant", answer["tenant"]), (labels["client_id"], answer["client_id"])]
    made = [name for name in ("client_secret", "api_secret") if answer[name] is not None]
    session.out.fields(answer, [*pairs, *((labels[name], answer[name]) for name in made)])
    for name in made:
        session.out.hint(f"The {labels[name]} is shown once; only a verifier of it is stored.")


def _print_state(session: Session, answer: dict[str, Any]) -> None:
    shown = {key: answer[key] for key in ("tenant", "client_id", "name", "enabled")}
    session.out.fields(answer, shown.items())


def _secret_line(secret: dict[str, Any]) -> str:
    state = "alive" if secret["alive"] else "over"
    ends = f", ends at {secret['expires_at']}" if secret["expires_at"] else ""
    slot = f" ({secret['slot']})" if secret["slot"] else ""
    return f"{secret['secret_id']}{slot} {secret['scheme']}, made at {secret['created_at']}{ends}, {state}"
