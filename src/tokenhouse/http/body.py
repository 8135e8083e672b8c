"""The body of a request: whole, within size and time, or refused."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.exchange import Headers
from tokenhouse.protocol.refusals import InvalidRequest, TimedOut, TooLarge, UnsupportedMediaType

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


_LONGEST_LENGTH = 18
"""Digits of a content length that are worth reading as a number."""


class ClientGone(Exception):
    """The client went away before its request was whole; nobody is left to answer."""


async def read_body(receive: Receive, headers: Headers, limit: int, deadline: float) -> bytes:
    """Return the body; ``limit`` in bytes, ``deadline`` in seconds for all of it.

    Raises:
        TooLarge: it is, or says it is, larger than ``limit``.
        UnsupportedMediaType: it is compressed.
        TimedOut: it did not arrive in time.
        ClientGone: the connection closed.

    """
    for name, value in headers:
        if name == b"content-encoding" and value.strip().lower() != b"identity":
            raise UnsupportedMediaType(Cause.UNSUPPORTED_MEDIA)
        if name == b"content-length":
            if not value.isdigit():
                raise InvalidRequest(Cause.MALFORMED)
            if len(value) > _LONGEST_LENGTH or int(value) > limit:
                raise TooLarge(Cause.TOO_LARGE)
    try:
        async with asyncio.timeout(deadline):
            return await _gather(receive, limit)
    except TimeoutError as error:
        raise TimedOut(Cause.MALFORMED) from error


async def _gather(receive: Receive, limit: int) -> bytes:
    message = await receive()
    parts = [_part(message)]
    size = len(parts[0])
    while message.get("more_body"):
        if size > limit:
            break
        message = await receive()
        parts.append(_part(message))
        size += len(parts[-1])
    if size > limit:
        raise TooLarge(Cause.TOO_LARGE)
    return b"".join(parts)


def _part(message: MutableMapping[str, Any]) -> bytes:
    if message["type"] == "http.disconnect":
        raise ClientGone
    part: bytes = message.get("body", b"")
    return part
