"""Probes and metrics: the operators' listener. Loopback by default, never on the public port but for readiness."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tokenhouse.http.metrics import Metrics
from tokenhouse.protocol.exchange import HttpAnswer

Check = Callable[[], Awaitable[str]]
"""Returns "ok", or in a few words what is wrong."""


class Readiness:
    """The checks that a server must pass before it is sent traffic; draining fails them."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = checks
        self.draining = False

    async def answer(self) -> HttpAnswer:
        """Return 200 or 503 with one line per check."""
        lines = {name: await _ask(check) for name, check in self._checks.items()}
        if self.draining:
            lines["draining"] = "yes"
        ready = all(state == "ok" for state in lines.values())
        body = msgspec.json.encode({"ready": ready, "checks": lines})
        return HttpAnswer(200 if ready else 503, ((b"content-type", b"application/json"),), body)


async def _ask(check: Check) -> str:
    try:
        return await check()
    except Exception as error:  # noqa: BLE001 -- a check that breaks has failed
        return f"failed: {type(error).__name__}"


def admin_app(readiness: Readiness, metrics: Metrics) -> Starlette:
    """Return the application of the operators' listener."""

    async def healthz(_: Request) -> Response:
        return Response("ok\n", media_type="text/plain")

    async def readyz(_: Request) -> Response:
        answer = await readiness.answer()
        return Response(answer.body, answer.status, media_type="application/json")

    async def exposition(_: Request) -> Response:
        return Response(metrics.render(), headers={"content-type": CONTENT_TYPE_LATEST})

    return Starlette(
        routes=[
            Route("/healthz", healthz, methods=["GET"]),
            Route("/readyz", readyz, methods=["GET"]),
            Route("/metrics", exposition, methods=["GET"]),
        ]
    )
