from __future__ import annotations

import json

import pytest

from tokenhouse.http.probes import Readiness, admin_app


async def fine():
    return "ok"


async def missing():
    return "no active key"


async def broken():
    raise OSError("/a/path/that/nobody/should/see")


@pytest.fixture
def get(ask_door, metrics):
    async def get(path, readiness=None, method="GET"):
        app = admin_app(readiness or Readiness({"database": fine}), metrics)
        return await ask_door(app, method, path, content_type=None)

    return get


async def test_health_says_that_the_process_answers(get):
    reply = await get("/healthz", Readiness({"database": missing}))
    assert (reply.status, reply.body) == (200, b"ok\n")


async def test_readiness_tells_each_check(get):
    reply = await get("/readyz", Readiness({"database": fine, "keys": fine}))
    assert reply.status == 200
    assert json.loads(reply.body) == {"ready": True, "checks": {"database": "ok", "keys": "ok"}}


async def test_one_failed_check_is_not_ready(get):
    reply = await get("/readyz", Readiness({"database": fine, "keys": missing}))
    assert reply.status == 503
    assert json.loads(reply.body) == {"ready": False, "checks": {"database": "ok", "keys": "no active key"}}


async def test_a_check_that_breaks_has_failed_and_gives_nothing_away(get):
    reply = await get("/readyz", Readiness({"database": broken, "keys": fine}))
    assert reply.status == 503
    assert json.loads(reply.body)["checks"] == {"database": "failed: OSError", "keys": "ok"}


async def test_a_server_that_drains_is_not_ready(get):
    readiness = Readiness({"database": fine})
    readiness.draining = True
    reply = await get("/readyz", readiness)
    assert reply.status == 503
    assert json.loads(reply.body)["checks"]["draining"] == "yes"


async def test_metrics_are_exposed_as_text(get, metrics):
    metrics.observe("standard", "token", "ok", 0.001)
    reply = await get("/metrics")
    assert reply.headers["content-type"].startswith("text/plain; version=")
    assert b'tokenhouse_requests_total{contract="standard",operation="token",outcome="ok"} 1.0' in reply.body


@pytest.mark.parametrize(("path", "method", "status"), [("/", "GET", 404), ("/metrics", "POST", 405)])
async def test_there_is_nothing_else(get, path, method, status):
    assert (await get(path, method=method)).status == status
