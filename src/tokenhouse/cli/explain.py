"""`tokenhouse explain`: what happened to one request, in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import click

from tokenhouse.cli.reasons import OUTCOMES, REASONS
from tokenhouse.cli.session import Session, common
from tokenhouse.protocol.names import DEFAULT_TENANT

_NAMED = {"NAME": "subject", "ID": "client_id"}
"""What the words of a reason leave open, and what a record knows of it."""
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
"""What may stand in a command that somebody pastes: a client's id is what a stranger claimed."""
_COMMAND = re.compile(r"tokenhouse (?:user|client|session) [a-z-]+[^;:]*")

_FACTS = {
    "contract": "contract",
    "tenant": "tenant",
    "client": "client_id",
    "person": "subject",
    "source": "source",
    "at": "at",
}


@click.command()
@click.argument("request_id", metavar="REQUEST-ID")
@common
@click.pass_obj
def explain(session: Session, request_id: str) -> None:
    """Say what happened to a request: give the X-Request-Id of its answer."""
    records = session.call("audit.of_request", request_id=request_id.strip().lower())
    documents = [record | {"means": means(record), "next": advice(record)} for record in records]
    if session.as_json:
        session.out.document({"items": documents})
        return
    for number, document in enumerate(documents):
        if number:
            click.echo()
        pairs = [(label, document[name]) for label, name in _FACTS.items()]
        session.out.fields(document, [("what", document["means"]), ("next", document["next"]), *pairs])


def means(record: Mapping[str, Any]) -> str:
    """Return what a record says, as a sentence."""
    event = str(record["event"])
    what = OUTCOMES.get(event, event.replace("_", " ").replace(".", ": "))
    reason = str(record["reason"])
    known = REASONS.get(reason)
    if known is not None:
        return f"{what}: {known.means} ({reason})"
    return f"{what} ({reason})" if reason else what


def advice(record: Mapping[str, Any]) -> str | None:
    """Return what to look at next; None if nothing is wrong."""
    known = REASONS.get(str(record["reason"]))
    if known is None or record["outcome"] != "refused":
        return None
    said = known.do
    for word, name in _NAMED.items():
        known_as = str(record.get(name))
        if record.get(name) and _PLAIN.fullmatch(known_as):
            said = re.sub(rf"\b{word}\b", known_as, said)
    tenant = str(record.get("tenant") or DEFAULT_TENANT)
    return said if tenant == DEFAULT_TENANT else _COMMAND.sub(rf"\g<0> --tenant {tenant}", said)
