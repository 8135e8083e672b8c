"""The way to the store: through the running server's local socket, or directly while no server has the store open."""

from __future__ import annotations

import asyncio
import getpass
import http.client
import json
import re
import socket
from typing import Any

from tokenhouse.cli.failures import Exit, Failure
from tokenhouse.cli.opening import told
from tokenhouse.config.settings import Config

_TIMEOUT_SECONDS = 30
_OK = 200
_EXITS = {
    "not_found": Exit.NOT_FOUND,
    "already_exists": Exit.CONFLICT,
    "unusable": Exit.USAGE,
    "unavailable": Exit.FAILURE,
}


class Link:
    """Runs management operations wherever they have to run."""

    def __init__(self, config: Config) -> None:
        self._config = config

    def call(self, operation: str, **values: Any) -> Any:
        """Run an operation and return its answer as plain values.

        Raises:
            Failure: it was not done, or the store cannot be reached.

        """
        payload = json.dumps(values).encode()
        connected = self._connect()
        if connected is None:
            return json.loads(asyncio.run(self._directly(operation, payload)))
        try:
            return _ask(connected, operation, payload)
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise Failure(
                Exit.UNREACHABLE,
                f"the server at {self._config.admin.socket} did not answer ({type(error).__name__}); "
                "whether the change was made is unknown",
                "look at the server's log, then list what is there",
            ) from None

    def _connect(self) -> socket.socket | None:
        """Return a connection to the server, None if no server listens."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(_TIMEOUT_SECONDS)
        try:
            connection.connect(str(self._config.admin.socket))
        except PermissionError:
            connection.close()
            raise Failure(
                Exit.UNREACHABLE,
                f"the socket {self._config.admin.socket} is another user's",
                "run this command as the user that runs the server",
            ) from None
        except OSError:
            # No such file, nobody listens, or a path longer than the system takes: no server can be there.
            connection.close()
            return None
        return connection

    async def _directly(self, operation: str, payload: bytes) -> bytes:
        from tokenhouse.console.errors import ManagementError
        from tokenhouse.server import manage
        from tokenhouse.sql.lock import StoreLocked

        try:
            with told(self._config):
                async with manage(self._config) as management:
                    return await management.call(operation, payload, actor())
        except StoreLocked:
            raise Failure(
                Exit.UNREACHABLE,
                f"another process has the store open, and nobody answers at {self._config.admin.socket}",
                "if the server is just starting or stopping, try again in a moment",
            ) from None
        except ManagementError as error:
            raise failure(error.code, error.message, error.hint) from None


def _ask(connected: socket.socket, operation: str, payload: bytes) -> Any:
    connection = http.client.HTTPConnection("localhost")
    connection.sock = connected
    try:
        headers = {"Content-Type": "application/json", "X-Tokenhouse-Actor": actor()}
        connection.request("POST", f"/v1/{operation}", payload, headers)
        response = connection.getresponse()
        answer = json.loads(response.read())
    finally:
        connection.close()
    if response.status == _OK:
        return answer
    if not isinstance(answer, dict):
        raise http.client.HTTPException("neither an answer nor an error")
    raise failure(str(answer.get("code")), str(answer.get("message")), str(answer.get("hint", "")))


def failure(code: str, message: str, hint: str) -> Failure:
    """Return the failure of an operation that was not done."""
    return Failure(_EXITS.get(code, Exit.FAILURE), message, hint)


def actor() -> str:
    """Return who is at the keyboard, for the audit log."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = "unknown"
    return "cli:" + re.sub(r"[^!-~]", "_", name)[:60]
