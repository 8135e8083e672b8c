"""Reading what somebody asks of a page: a form or a JSON object, with the same names in both, and no others."""

from __future__ import annotations

from tokenhouse.http.page_table import Page
from tokenhouse.interaction.moves import Wish
from tokenhouse.interaction.tickets import PARAMETER
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.exchange import HttpRequest
from tokenhouse.protocol.refusals import InvalidRequest, UnsupportedMediaType
from tokenhouse.protocol.secret import Secret
from tokenhouse.wire.accept import choose
from tokenhouse.wire.form import read_form, read_query, single
from tokenhouse.wire.json_body import read_json
from tokenhouse.wire.media import FORM, JSON, media_type

_SECRETS = frozenset({"password", "new_password", PARAMETER})
_HTML = "text/html"
_YES = "true"

Said = dict[str, str | bool]
"""What was typed, secrets among it; it goes no further than `wish_for` and `repeatable`."""


def read_said(request: HttpRequest, page: Page) -> Said:
    """Return what was said, empty values left out.

    Raises:
        InvalidRequest: it cannot be read, has a name that the page does not ask for, or a value of the wrong type.
        UnsupportedMediaType: it is neither a form nor JSON.
        TooLarge: a value is too long.

    """
    if request.query:
        raise InvalidRequest(Cause.MALFORMED)
    kind = media_type(request.header(b"content-type"))[0]
    if kind == FORM:
        fields = read_form(request.body)
        given: dict[str, object] = {name: single(fields, name) for name in fields}
    elif kind == JSON:
        given = read_json(request.body)
    else:
        raise UnsupportedMediaType(Cause.UNSUPPORTED_MEDIA)
    kinds = {each.name: each.kind for each in page.inputs}
    if page.purpose is not None:
        kinds[PARAMETER] = "text"
    said: Said = {}
    for name, value in given.items():
        if name not in kinds:
            raise InvalidRequest(Cause.MALFORMED, field=name)
        if value is None or value == "":
            continue
        said[name] = _read(value, name, kinds[name])
    return said


def _read(value: object, name: str, kind: str) -> str | bool:
    if kind == "checkbox":
        if isinstance(value, bool) or value == _YES:
            return bool(value)
        raise InvalidRequest(Cause.MALFORMED, field=name)
    if not isinstance(value, str):
        raise InvalidRequest(Cause.MALFORMED, field=name)
    return value


def read_link(request: HttpRequest) -> str:
    """Return what the link of a mail carries, empty if nothing; other parameters are what mail programs add.

    Raises:
        InvalidRequest: the query cannot be read.

    """
    return single(read_query(request.query), PARAMETER) or "" if request.query else ""


def wish_for(request: HttpRequest, said: Said, language: str) -> Wish:
    """Return the wish; secrets are wrapped."""
    wish = Wish(request.id, request.now, request.source, language)
    for name, value in said.items():
        setattr(wish, name, Secret(value) if name in _SECRETS and isinstance(value, str) else value)
    return wish


def repeatable(said: Said) -> Said:
    """Return what a form may show again: all but secrets."""
    return {name: value for name, value in said.items() if name not in _SECRETS}


def wants_json(request: HttpRequest) -> bool:
    """Return whether the answer is for a program: it sent JSON, or likes JSON better than a page."""
    sent, accept = request.header(b"content-type"), request.header(b"accept")
    if sent is not None and sent.split(b";")[0].strip().lower() == JSON.encode():
        return True
    return choose(accept.decode("latin-1") if accept else None, (_HTML, JSON)) == JSON
