"""The calls as bytes: those of the documented contracts come from the dialects' own examples, never from a copy."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from urllib.parse import urlencode

from seeding import PASSWORD, authorization, person

from tokenhouse.protocol.exchange import HttpAnswer
from tokenhouse.server.mounting import read_dialect
from tokenhouse.wire.dialect import Dialect, Example
from tokenhouse.wire.dialect.comparison import compare
from tokenhouse.wire.dialect.examples import ExampleRequest, expected_answer, read_request, request_line
from tokenhouse.wire.dialect.routes import fits_path

_FORM = ("content-type", "application/x-www-form-urlencoded")


def to_bytes(request: ExampleRequest) -> bytes:
    """Return the request as it goes over a keep-alive connection."""
    target = f"{request.path}?{request.query}" if request.query else request.path
    headers = [("host", "127.0.0.1"), *request.headers, ("content-length", str(len(request.body)))]
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"{request.method} {target} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + request.body


def ask(port: int, request: ExampleRequest) -> HttpAnswer:
    """Send one request.

    Raises:
        OSError, http.client.HTTPException: there is no answer.

    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        target = f"{request.path}?{request.query}" if request.query else request.path
        connection.request(request.method, target, request.body, dict(request.headers))
        answer = connection.getresponse()
        headers = tuple((name.lower().encode(), value.encode("latin-1")) for name, value in answer.getheaders())
        return HttpAnswer(answer.status, headers, answer.read())
    finally:
        connection.close()


def documented(port: int, name: str, operation: str) -> ExampleRequest:
    """Return the first granted example of an operation, mounted below the dialect's name.

    What it needs of earlier examples is asked of the running server.

    Raises:
        LookupError: there is none, or an example before it does not hold.

    """
    dialect = read_dialect(name)
    routes = next((one.routes for one in dialect.operations if one.name == operation), ())
    for example in dialect.examples:
        target = request_line(example.request)[1].partition("?")[0]
        granted = expected_answer(example.answer).status == 200
        if granted and any(fits_path(target, route) for route in routes):
            return _mounted(name, read_request(example.request, _captures(port, dialect, example)))
    raise LookupError(f"{name} has no granted example of {operation}")


def _captures(port: int, dialect: Dialect, example: Example) -> Mapping[str, str]:
    if example.after is None:
        return {}
    earlier = next(one for one in dialect.examples if one.name == example.after)
    known = _captures(port, dialect, earlier)
    answer = ask(port, _mounted(dialect.name, read_request(earlier.request, known)))
    comparison = compare(answer, earlier.answer, known)
    if comparison.diff:
        raise LookupError(f"{dialect.name}: {earlier.name} does not hold: {comparison.diff}")
    return comparison.captures


def _mounted(name: str, request: ExampleRequest) -> ExampleRequest:
    return ExampleRequest(request.method, f"/{name}{request.path}", request.query, request.headers, request.body)


def form(path: str, client_id: str, fields: Mapping[str, str]) -> ExampleRequest:
    """Return a call of the standard contract."""
    headers = (_FORM, ("authorization", authorization(client_id)))
    return ExampleRequest("POST", path, "", headers, urlencode(fields).encode())


def client_credentials(client_id: str) -> ExampleRequest:
    """Return a request for a token of the client's own."""
    return form("/oauth2/token", client_id, {"grant_type": "client_credentials", "scope": "read"})


def refresh(token: str) -> ExampleRequest:
    """Return a refresh."""
    return form("/oauth2/token", "app", {"grant_type": "refresh_token", "refresh_token": token})


def introspection(token: str) -> ExampleRequest:
    """Return a question about a token."""
    return form("/oauth2/introspect", "api", {"token": token})


def login(number: int, *, right: bool) -> ExampleRequest:
    """Return a login of one of the people, with the right or a wrong password."""
    password = PASSWORD if right else PASSWORD + "?"
    return form("/oauth2/token", "app", {"grant_type": "password", "username": person(number), "password": password})
