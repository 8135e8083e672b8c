"""The ASGI application of the public listener.

A request is matched before its body is read, so that whatever is wrong with it is said in the right contract's words.
"""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import datetime
from typing import Any

from tokenhouse.http.body import ClientGone, Receive, read_body
from tokenhouse.http.records import Recorder
from tokenhouse.http.routing import Match, Router
from tokenhouse.http.sources import CERTIFICATE, Source, Sources
from tokenhouse.http.visits import Visit
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.exchange import Headers, HttpAnswer, HttpRequest
from tokenhouse.protocol.refusals import Refusal, ServerFault, WrongMethod

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_ALWAYS: Headers = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
_NOT_A_PAGE: Headers = ((b"content-security-policy", b"default-src 'none'; sandbox; frame-ancestors 'none'"),)
"""For what is no page for a browser; a page brings a policy of its own."""
_PRIVATE: Headers = (
    (b"cache-control", b"no-store"),
    (b"pragma", b"no-cache"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_SECURED: Headers = ((b"strict-transport-security", b"max-age=31536000; includeSubDomains"),)
_USUAL: Headers = (*_ALWAYS, *_NOT_A_PAGE, *_PRIVATE)
_REPLACEABLE = frozenset({b"content-security-policy", b"cache-control"})
"""What an answer may say in its own way."""

_NOT_FOUND = HttpAnswer(404, (), b"")


class Door:
    """Matches, bounds, reads, answers.

    ``plain_http`` lets it pass for https: development, or an issuer on loopback. ``keep_https`` tells browsers that
    have come over TLS never to call this host otherwise.
    """

    def __init__(
        self,
        router: Router,
        recorder: Recorder,
        sources: Sources,
        clock: Callable[[], datetime],
        *,
        body_limit: int,
        request_timeout: float,
        plain_http: bool = False,
        keep_https: bool = False,
    ) -> None:
        self._router = router
        self._recorder = recorder
        self._sources = sources
        self._clock = clock
        self._body_limit = body_limit
        self._request_timeout = request_timeout
        self._plain_http = plain_http
        self._secured = _SECURED if keep_https else ()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one ASGI event stream."""
        if scope["type"] != "http":
            return
        started = time.perf_counter()
        headers: Headers = tuple(scope["headers"])
        source = self._sources.judge(_peer(scope), scope.get("scheme", "http"), headers)
        secured = self._secured if source.secure else ()
        host = _host(headers)
        match = self._router.find(scope["method"], scope["path"], host)
        request_id = os.urandom(8).hex()
        if match is None:
            self._recorder.unknown()
            await _send(send, _NOT_FOUND, request_id, scope["method"], secured)
            return
        request = self._request(scope, headers, source, host, match, request_id)
        try:
            answer = await self._answer(request, match, receive, started)
        except ClientGone:
            return
        await _send(send, answer, request_id, scope["method"], secured)

    def _request(  # noqa: PLR0917 -- what is known of it
        self, scope: Scope, headers: Headers, source: Source, host: str, match: Match, request_id: str
    ) -> HttpRequest:
        return HttpRequest(
            method=scope["method"],
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
            headers=headers,
            body=b"",
            id=request_id,
            now=self._clock(),
            source=source.address,
            host=host,
            secure=source.secure or self._plain_http,
            variables=match.variables,
            certificate=self._certificate(scope),
        )

    def _certificate(self, scope: Scope) -> bytes | None:
        """Return the certificate that the caller has shown; that of a proxy is not its callers'."""
        shown: bytes | None = scope["state"].get(CERTIFICATE) if "state" in scope else None
        return None if shown is None or self._sources.is_proxy(_peer(scope)) else shown

    async def _answer(self, request: HttpRequest, match: Match, receive: Receive, started: float) -> HttpAnswer:
        """Answer or refuse, or tell of an incident, in the endpoint's own shape."""
        visit = match.endpoint.open(request)
        try:
            return await self._judge(visit, request, match, receive, started)
        except ClientGone:
            raise
        except Exception as error:  # noqa: BLE001 -- the handler of last resort: an incident, logged once
            fault = ServerFault(Cause.SERVER_ERROR)
            self._recorder.broke(visit, error, request, time.perf_counter() - started)
            return self._refuse(visit, fault, match)

    async def _judge(
        self, visit: Visit, request: HttpRequest, match: Match, receive: Receive, started: float
    ) -> HttpAnswer:
        """Answer or refuse; the one place where a refusal is caught."""
        try:
            answer = await self._hear(visit, request, match, receive)
        except Refusal as refusal:
            remembered = await self._recorder.refused(visit, refusal, request, time.perf_counter() - started)
            # Its trace leads back to this frame: a ring that would keep the request until the collector comes.
            return self._refuse(visit, remembered.with_traceback(None), match)
        self._recorder.answered(visit, time.perf_counter() - started)
        return answer

    async def _hear(self, visit: Visit, request: HttpRequest, match: Match, receive: Receive) -> HttpAnswer:
        if not match.is_allowed:
            raise WrongMethod(Cause.WRONG_METHOD)
        request.body = await read_body(receive, request.headers, self._body_limit, self._request_timeout)
        return await visit.answer()

    def _refuse(self, visit: Visit, refusal: Refusal, match: Match) -> HttpAnswer:
        answer = visit.refuse(refusal)
        if not isinstance(refusal, WrongMethod):
            return answer
        allow = ", ".join(sorted(set(match.methods))).encode()
        return HttpAnswer(answer.status, (*answer.headers, (b"allow", allow)), answer.body)


def _peer(scope: Scope) -> str:
    peer = scope.get("client")
    return peer[0] if peer else ""


def _host(headers: Headers) -> str:
    for key, value in headers:
        if key == b"host":
            host = value.decode("latin-1").lower()
            name, colon, port = host.rpartition(":")
            return name if colon and port.isdigit() else host
    return ""


async def _send(send: Send, answer: HttpAnswer, request_id: str, method: str, secured: Headers) -> None:
    own = [name for name, _ in answer.headers if name in _REPLACEABLE]
    headers = [
        *answer.headers,
        *(_usual(own) if own else _USUAL),
        *secured,
        (b"x-request-id", request_id.encode()),
        (b"content-length", b"%d" % len(answer.body)),
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else answer.body})


def _usual(own: list[bytes]) -> Headers:
    """Return what every answer carries, but for what this one says itself."""
    page = () if b"content-security-policy" in own else _NOT_A_PAGE
    return (*_ALWAYS, *page, *(() if b"cache-control" in own else _PRIVATE))
