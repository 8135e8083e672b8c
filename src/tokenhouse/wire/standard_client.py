"""What all standard calls share: a form, and a client that says who it is.

Spec: RFC 6749 §2.3.1, §3.1, §3.2.
"""

from __future__ import annotations

from dataclasses import dataclass

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.exchange import HttpRequest
from tokenhouse.protocol.messages import Credentials
from tokenhouse.protocol.names import AuthMethod
from tokenhouse.protocol.refusals import Insecure, InvalidRequest, Refusal, UnsupportedMediaType
from tokenhouse.protocol.secret import Secret
from tokenhouse.wire.basic import form_decode, read_basic
from tokenhouse.wire.form import Fields, read_form
from tokenhouse.wire.media import FORM, media_type

Parameters = dict[str, str]

_CLIENT = ("client_id", "client_secret")
_RESOURCE = "resource"


@dataclass(slots=True)
class StandardCall:
    """A standard request taken apart: its non-empty parameters, who asks, and what is wrong with it.

    ``resources`` are the values of the one parameter that may be repeated, where a call has it.
    """

    values: Parameters
    credentials: Credentials
    fault: Refusal | None
    resources: tuple[str, ...] = ()


def read_call(request: HttpRequest, *, for_resources: bool = False) -> StandardCall:
    """Return the parameters and the client of a standard request; an empty parameter counts as left out.

    ``for_resources``: ``resource`` is a parameter of this call, and may be repeated (RFC 8707 §2).

    Raises:
        Insecure: it came over plain http (RFC 6749 §3.2); nothing of it is looked at.
        UnsupportedMediaType: the body is not called a form.
        InvalidRequest: it is not a form, a repeated parameter leaves open who asks, or the query has parameters.
        TooLarge: a value is longer than one may be.

    """
    if not request.secure:
        raise Insecure(Cause.INSECURE)
    content_types: list[bytes] = []
    authorizations: list[bytes] = []
    for name, value in request.headers:
        if name == b"content-type":
            content_types.append(value)
        elif name == b"authorization":
            authorizations.append(value)
    if request.query or len(content_types) > 1:
        raise InvalidRequest(Cause.MALFORMED)
    if media_type(content_types[0] if content_types else None)[0] != FORM:
        raise UnsupportedMediaType(Cause.UNSUPPORTED_MEDIA)
    fields = read_form(request.body)
    resources = tuple(filter(None, fields.pop(_RESOURCE))) if for_resources and _RESOURCE in fields else ()
    values, fault = _once(fields)
    if not authorizations:
        return StandardCall(values, _from_body(values), fault, resources)
    credentials = _from_header(authorizations)
    return StandardCall(values, credentials, fault or _second(values, credentials), resources)


def _once(fields: Fields) -> tuple[Parameters, Refusal | None]:
    values: Parameters = {}
    fault: Refusal | None = None
    for name, found in fields.items():
        if len(found) != 1:
            fault = InvalidRequest(Cause.MALFORMED, field=name)
            if name in _CLIENT:
                raise fault
        elif found[0]:
            values[name] = found[0]
    return values, fault


def _from_body(values: Parameters) -> Credentials:
    secret = values.get("client_secret")
    if secret is None:
        return Credentials(AuthMethod.NONE, values.get("client_id"))
    return Credentials(AuthMethod.POST, values.get("client_id"), Secret(secret))


def _from_header(authorizations: list[bytes]) -> Credentials:
    found = read_basic(authorizations[0]) if len(authorizations) == 1 else None
    if found is not None:
        client_id, secret = form_decode(found[0]), form_decode(found[1])
        if client_id and secret is not None:
            return Credentials(AuthMethod.BASIC, client_id, Secret(secret))
    return Credentials(AuthMethod.BASIC, malformed=True)


def _second(values: Parameters, credentials: Credentials) -> Refusal | None:
    """Return what is wrong if the body authenticates as well; a client that only repeats its id does not."""
    if "client_secret" in values:
        return InvalidRequest(Cause.MALFORMED, field="client_secret")
    if values.get("client_id", credentials.client_id) != credentials.client_id:
        return InvalidRequest(Cause.MALFORMED, field="client_id")
    return None
