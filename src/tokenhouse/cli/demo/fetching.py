"""Talking to the running demo: is it ready, and may I have a token."""

from __future__ import annotations

import base64
import http.client
import json
from contextlib import closing
from urllib.parse import urlsplit

from tokenhouse.cli.demo.data import TokenWish
from tokenhouse.cli.failures import Exit, Failure

_TIMEOUT_SECONDS = 5
_OK = 200


def is_ready(server: str) -> bool:
    """Return whether the server answers that it is ready."""
    try:
        with closing(http.client.HTTPConnection(urlsplit(server).netloc, timeout=_TIMEOUT_SECONDS)) as connection:
            connection.request("GET", "/readyz")
            response = connection.getresponse()
            response.read()
            return response.status == _OK
    except (OSError, http.client.HTTPException):
        return False


def fetch_token(server: str, asked: TokenWish) -> str:
    """Return an access token for the demo's own client.

    Raises:
        Failure: the demo does not run there, or answers otherwise.

    """
    pair = base64.b64encode(f"{asked.client_id}:{asked.secret}".encode()).decode()
    headers = {"Authorization": f"Basic {pair}", "Content-Type": "application/x-www-form-urlencoded"}
    parts = urlsplit(server)
    if parts.scheme != "http" or not parts.netloc:
        raise Failure(Exit.USAGE, f"the demo is at an http URL, not at {server!r}")
    try:
        with closing(http.client.HTTPConnection(parts.netloc, timeout=_TIMEOUT_SECONDS)) as connection:
            connection.request("POST", "/oauth2/token", asked.body, headers)
            answer = json.loads(connection.getresponse().read())
    except (OSError, ValueError, http.client.HTTPException) as error:
        message = f"nothing that answers like the demo runs at {server} ({type(error).__name__})"
        raise Failure(Exit.UNREACHABLE, message, "start it in another terminal: make demo") from None
    value = answer.get("access_token") if isinstance(answer, dict) else None
    if not isinstance(value, str):
        raise Failure(Exit.FAILURE, f"the server at {server} gave no token: is it the demo?", "make demo")
    return value
