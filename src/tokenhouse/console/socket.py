"""The local management socket: ``POST /v1/{operation}`` with JSON. Who may open the socket may do everything."""

from __future__ import annotations

import re

import msgspec
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from tokenhouse.console.errors import ManagementError, Unusable
from tokenhouse.console.management import Management

ACTOR_HEADER = "x-tokenhouse-actor"
_LARGEST_BYTES = 256 * 1024
_ACTOR = re.compile(r"[!-~]{1,64}")
_UNNAMED = "socket"


def socket_app(management: Management) -> ASGIApp:
    """Return the application that serves ``management``; its listener is a Unix socket with mode 0600."""

    async def answer(request: Request) -> Response:
        try:
            body = await _read(request)
            answered = await management.call(request.path_params["operation"], body, _actor(request))
        except ManagementError as error:
            told = {"code": error.code, "message": error.message, "hint": error.hint}
            return _json(msgspec.json.encode(told), error.status)
        return _json(answered, 200)

    return Starlette(routes=[Route("/v1/{operation}", answer, methods=["POST"])])


async def _read(request: Request) -> bytes:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > _LARGEST_BYTES:
                raise Unusable("the input is too large")
    except ClientDisconnect:
        raise Unusable("the input ended early") from None
    return bytes(body)


def _actor(request: Request) -> str:
    """Return who says to be asking: told for the audit log, trusted as far as the socket is."""
    actor = request.headers.get(ACTOR_HEADER, "")
    return actor if _ACTOR.fullmatch(actor) else _UNNAMED


def _json(body: bytes, status: int) -> Response:
    return Response(body, status, {"cache-control": "no-store"}, "application/json")
