"""The servers that are measured, each in a process of its own: `echo PORT` and `house CONFIG`, pinned with `--cpu N`.

The echo runs behind the very listeners of the house, so both pay the same for HTTP.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
from pathlib import Path
from typing import Any

import uvloop
from processes import pin

from tokenhouse.config.loading import load
from tokenhouse.http.listeners import Listener, Listeners
from tokenhouse.server.running import run

# As long as an answer with a signed token.
_BODY = b'{"access_token":"%s","token_type":"Bearer","expires_in":300}' % (b"x" * 480)
_HEADERS = [
    (b"content-type", b"application/json"),
    (b"cache-control", b"no-store"),
    (b"pragma", b"no-cache"),
    (b"content-length", b"%d" % len(_BODY)),
]


async def echo(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Read the body, answer always the same."""
    del scope
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": _BODY})


async def _serve_echo(port: int) -> None:
    listeners = Listeners([Listener(echo, f"127.0.0.1:{port}")], 2)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, listeners.stop)
    await listeners.run()


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cpu", type=int)
    parser.add_argument("what", choices=("echo", "house"))
    parser.add_argument("where")
    asked = parser.parse_args()
    pin(asked.cpu)
    if asked.what == "echo":
        uvloop.run(_serve_echo(int(asked.where)))
    else:
        run(load(Path(asked.where), {}).config)


if __name__ == "__main__":
    main()
