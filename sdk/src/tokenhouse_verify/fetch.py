"""One bounded HTTP call that answers a JSON object: no redirects, no large answers, no waiting without end."""

from __future__ import annotations

import contextlib
import ipaddress
import time
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

from tokenhouse_verify.strict_json import NotAnObject, read_object

MAX_ANSWER_BYTES = 64 * 1024
_CHUNK_BYTES = 16 * 1024
_OK = 200


class FetchError(Exception):
    """The call brought no usable answer; the text names the kind of failure and nothing that was sent.

    ``status`` is set if it was another one than 200.
    """

    def __init__(self, text: str, *, status: int | None = None) -> None:
        super().__init__(text)
        self.status = status


class _NoRedirect(HTTPRedirectHandler):
    """Keys and verdicts come from the configured place or not at all."""

    def redirect_request(self, *_: object) -> None:
        return None


_in_process: dict[str, Callable[[str, Mapping[str, str]], bytes]] = {}


@contextlib.contextmanager
def answering(origin: str, answer: Callable[[str, Mapping[str, str]], bytes]) -> Iterator[None]:
    """Let ``answer(path, form)`` speak for ``origin`` inside the block, without a network: for tests. May be nested."""
    before = _in_process.copy()
    _in_process[origin] = answer
    try:
        yield
    finally:
        _in_process.clear()
        _in_process.update(before)


def require_safe_url(url: str) -> str:
    """Return ``url`` as it came.

    Raises:
        ValueError: not ``https``, and not ``http`` to this very machine; or credentials in the URL.

    """
    parts = urlsplit(url)
    safe = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname))
    if not safe or not parts.hostname or parts.username is not None:
        raise ValueError("a URL of the issuer is https, or http on the loopback, and carries no credentials")
    return url


def fetch_object(
    url: str,
    *,
    timeout_seconds: float = 5.0,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return the JSON object behind ``url``; blocks, so it is called in a thread. With ``form``, a POST.

    Raises:
        FetchError: no connection, another status than 200, a redirect, more than 64 KiB, too slow, or not one object.

    """
    parts = urlsplit(url)
    speaker = _in_process.get(f"{parts.scheme}://{parts.netloc}")
    body = None if form is None else urlencode(form).encode("ascii")
    request = Request(  # noqa: S310 - only what require_safe_url let through comes here
        url, data=body, headers={"Accept": "application/json", "User-Agent": "tokenhouse-verify", **(headers or {})}
    )
    try:
        if speaker is not None:
            return read_object(speaker(parts.path, form or {}))
        with _opener(url).open(request, timeout=timeout_seconds) as response:
            if response.status != _OK:
                raise FetchError(f"status {response.status}", status=response.status)
            return read_object(_read(response, time.monotonic() + timeout_seconds))
    except HTTPError as error:
        error.close()
        raise FetchError(f"status {error.code}", status=error.code) from None
    except NotAnObject:
        raise FetchError("not a JSON object") from None
    except (OSError, HTTPException, ValueError) as error:
        raise FetchError(type(error).__name__) from None


def _read(response: HTTPResponse, deadline: float) -> bytes:
    body = bytearray()
    while chunk := response.read1(_CHUNK_BYTES):
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise FetchError("more than 64 KiB")
        if time.monotonic() > deadline:  # the socket's own timeout starts anew with every drop
            raise FetchError("too slow")
    return bytes(body)


def _opener(url: str) -> OpenerDirector:
    if _is_loopback(urlsplit(url).hostname):
        return build_opener(_NoRedirect, ProxyHandler({}))  # what a proxy calls loopback is another machine
    return build_opener(_NoRedirect)


def _is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False
