"""`tokenhouse explain`: what happened to one request, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from tokenhouse.cli.reasons import OUTCOMES, REASONS
from tokenhouse.cli.session import Session, common

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
    return known.do if known is not None and record["outcome"] == "refused" else None
