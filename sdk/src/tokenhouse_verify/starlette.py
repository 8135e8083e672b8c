"""Starlette: a middleware that knows how callers are checked, a decorator that says where one must be known."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable, Collection
from typing import Any, Unpack

try:
    from starlette.concurrency import run_in_threadpool
    from starlette.requests import HTTPConnection
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send
except ModuleNotFoundError as error:
    raise ImportError("Starlette is missing: pip install 'tokenhouse-verify[starlette]'") from error

from tokenhouse_verify.answers import Answer
from tokenhouse_verify.credential import Kind
from tokenhouse_verify.errors import Refusal
from tokenhouse_verify.gate import Visit, make_requirement
from tokenhouse_verify.options import Options, make_gate
from tokenhouse_verify.presentation import Presentation

_KEY = "tokenhouse_verify"
_POLICY_VIOLATION = 1008  # RFC 6455 §7.4.1


class TokenMiddleware:
    """Makes ``require`` work in the application behind it; a page without ``require`` stays open.

    ``Options`` says what it is made with. ``refusal`` makes the answer to a refused call where neither RFC 6750 with a
    JSON body nor the contract's own words fit.
    """

    def __init__(
        self, app: ASGIApp, *, refusal: Callable[[Refusal], Response] | None = None, **options: Unpack[Options]
    ) -> None:
        self._app = app
        self._gate = make_gate(**options)
        self._refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection; what the application refuses is answered here."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        visit = self._gate.visit(scope.get("headers", ()), scope.get("query_string", b""))
        try:
            await self._app({**scope, _KEY: visit}, receive, watched)
        except Refusal as refusal:
            if begun:
                raise
            answer = visit.refuse(refusal)
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
                return
            response = response_of(answer) if self._refusal is None else self._refusal(refusal)
            await response(scope, receive, send)


def require(
    *scope: str, kinds: Collection[Kind] | None = None, presentation: Presentation | None = None
) -> Callable[[Callable[..., Any]], Callable[..., Awaitable[Any]]]:
    """Let an endpoint be called with a good token that carries all of ``scope`` only; it is then ``state.token``.

    ``kinds`` are the credentials it takes, else every one that can be presented; ``presentation`` is where they are
    looked for here, else where the middleware says.

    Raises:
        Refusal: at the call, answered by ``TokenMiddleware``.
        RuntimeError: at the call, when there is no ``TokenMiddleware`` in front.
        ValueError: at once, for a scope that nobody can have.

    """
    requirement = make_requirement(scope, kinds, presentation)

    def decorate(endpoint: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
        @functools.wraps(endpoint)
        async def guarded(*args: Any, **kwargs: Any) -> Any:
            connection = _connection((*args, *kwargs.values()))
            visit: Visit | None = connection.scope.get(_KEY)
            if visit is None:
                raise RuntimeError("require() needs TokenMiddleware in front of it")
            connection.state.token = await visit.admit(requirement)
            if inspect.iscoroutinefunction(endpoint):
                return await endpoint(*args, **kwargs)
            return await run_in_threadpool(endpoint, *args, **kwargs)

        return guarded

    return decorate


def response_of(answer: Answer) -> Response:
    """Return the response that says ``answer``, byte for byte."""
    response = Response(answer.body, answer.status)
    for name, value in answer.headers:
        response.headers[name] = value
    return response


def _connection(arguments: tuple[Any, ...]) -> HTTPConnection:
    for argument in arguments:
        if isinstance(argument, HTTPConnection):
            return argument
    raise RuntimeError("an endpoint under require() takes the request or the websocket")
