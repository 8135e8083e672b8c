"""Starlette: a middleware that knows how tokens are checked, a decorator that says where one is needed."""

from __future__ import annotations

import functools
import inspect
import logging
from collections.abc import Awaitable, Callable, Collection
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tokenhouse_verify.authentication import TokenAuthentication
from tokenhouse_verify.errors import InsufficientScope, Refusal, require_scope_tokens
from tokenhouse_verify.introspection import Introspection
from tokenhouse_verify.presentation import Presentation
from tokenhouse_verify.token import Token
from tokenhouse_verify.verifier import Verifier

_log = logging.getLogger("tokenhouse_verify")
_KEY = "tokenhouse_verify"
_POLICY_VIOLATION = 1008  # RFC 6455 §7.4.1


class TokenMiddleware:
    """Makes ``require`` work in the application behind it; a page without ``require`` stays open.

    Give a ``verifier``, or an ``issuer`` and the ``audience`` that this service is (the keys are then found by the
    issuer's metadata); ``introspection`` for opaque tokens. ``headers`` names the headers a token may come in.
    ``refusal`` makes the answer to a refused call where the default, RFC 6750 with a JSON body, does not fit.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        verifier: Verifier | None = None,
        issuer: str | None = None,
        audience: str | None = None,
        introspection: Introspection | None = None,
        headers: Collection[str] = ("Authorization",),
        realm: str = "api",
        refusal: Callable[[Refusal], Response] | None = None,
    ) -> None:
        if issuer is not None:
            if verifier is not None or audience is None:
                raise ValueError("issuer goes with audience and without verifier")
            verifier = Verifier(issuer, audience=audience)
        self._app = app
        self._presentation = Presentation(headers)
        self._authentication = TokenAuthentication(verifier=verifier, introspection=introspection)
        self._refusal = refusal or functools.partial(refusal_response, realm=realm)

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

        try:
            await self._app({**scope, _KEY: self._token_of}, receive, watched)
        except Refusal as refusal:
            if begun:
                raise
            _log.info("token_refused reason=%s status=%d", refusal.reason, refusal.status)
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
            else:
                await self._refusal(refusal)(scope, receive, send)

    async def _token_of(self, connection: HTTPConnection) -> Token:
        return await self._authentication.authenticate(self._presentation.find(connection.headers.raw))


def require(*scope: str) -> Callable[[Callable[..., Any]], Callable[..., Awaitable[Any]]]:
    """Let an endpoint be called with a good token that carries all of ``scope`` only; it is then ``state.token``.

    Raises:
        Refusal: at the call, answered by ``TokenMiddleware``.
        RuntimeError: at the call, when there is no ``TokenMiddleware`` in front.
        ValueError: at once, for a scope that nobody can have.

    """
    require_scope_tokens(scope)

    def decorate(endpoint: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
        @functools.wraps(endpoint)
        async def guarded(*args: Any, **kwargs: Any) -> Any:
            connection = _connection((*args, *kwargs.values()))
            if _KEY not in connection.scope:
                raise RuntimeError("require() needs TokenMiddleware in front of it")
            token: Token = await connection.scope[_KEY](connection)
            if not set(scope) <= set(token.scope):
                raise InsufficientScope(*scope)
            connection.state.token = token
            if inspect.iscoroutinefunction(endpoint):
                return await endpoint(*args, **kwargs)
            return await run_in_threadpool(endpoint, *args, **kwargs)

        return guarded

    return decorate


def refusal_response(refusal: Refusal, *, realm: str = "api") -> Response:
    """Return the answer to a refused call: RFC 6750 headers, and the same in a JSON body."""
    return JSONResponse(refusal.body(), refusal.status, refusal.headers(realm))


def _connection(arguments: tuple[Any, ...]) -> HTTPConnection:
    for argument in arguments:
        if isinstance(argument, HTTPConnection):
            return argument
    raise RuntimeError("an endpoint under require() takes the request or the websocket")
