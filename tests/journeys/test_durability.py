"""Kill the server between any two acknowledged calls: what was acknowledged is still true."""

from __future__ import annotations

import concurrent.futures
import contextlib
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

pytestmark = pytest.mark.slow

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
KILLS = 12


class Server:
    """A real `tokenhouse serve` on a folder of its own, with one app and one user; it can be killed and started again."""

    def __init__(self, folder: Path, first_port: int, call: Any, wait: Any) -> None:
        self.folder, self.port, self._call, self._wait = folder, first_port, call, wait
        self.process: subprocess.Popen[bytes] | None = None

    def command(self, *arguments: str, given: str = "") -> str:
        done = subprocess.run(
            [sys.executable, "-m", "tokenhouse", *arguments],
            cwd=self.folder, input=given, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def set_up(self) -> None:
        self.command("init")
        path = self.folder / "tokenhouse.toml"
        kept = [line for line in path.read_text().splitlines() if not line.startswith("issuer")]
        settings = {
            "TOKENHOUSE_ISSUER": f"http://127.0.0.1:{self.port}",
            "TOKENHOUSE_SERVER__BIND": f"127.0.0.1:{self.port}",
            "TOKENHOUSE_ADMIN__BIND": f"127.0.0.1:{self.port + 1}",
            "TOKENHOUSE_TOKENS__GRACE": "2s",
        }
        os.environ.update(settings)
        path.write_text("\n".join([f'issuer = "{settings["TOKENHOUSE_ISSUER"]}"', *kept]))
        told = self.command(
            "client", "create", "--name", "app", "--grant", "password", "--grant", "refresh_token",
            "--introspection", "own", "--password-until", f"{datetime.now(UTC) + timedelta(days=365):%Y-%m-%d}", "--json",
        )  # fmt: skip
        client = json.loads(told)
        self.pair = (client["client_id"], client["client_secret"])
        self.command("user", "create", "--username", "alice", "--password-stdin", given="correct horse battery\n")

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tokenhouse", "serve"],
            cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self._wait(self.port, self.process)

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(10)

    def post(self, path: str, **fields: str) -> tuple[int, Any]:
        client_id, secret = self.pair
        body = urlencode({**fields, "client_id": client_id, "client_secret": secret}).encode()
        reply = self._call(self.port, "POST", path, FORM, body)
        return reply.status, json.loads(reply.body) if reply.body else {}


@pytest.fixture
def server(tmp_path: Path, three_free_ports: int, call_port: Any, wait_ready: Any) -> Iterator[Server]:
    before = dict(os.environ)
    running = Server(tmp_path, three_free_ports, call_port, wait_ready)
    try:
        running.set_up()
        running.start()
        yield running
    finally:
        with contextlib.suppress(ProcessLookupError):
            running.kill()
        os.environ.clear()
        os.environ.update(before)


def test_sigkill_loses_nothing_that_was_acknowledged(server: Server) -> None:
    live: list[str] = []
    revoked: list[str] = []
    for kill in range(KILLS):
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            futures = [pool.submit(_work, server, live[n : n + 1]) for n in range(4)]
            time.sleep(random.uniform(0.05, 0.6))
            server.kill()
            done = [future.result() for future in futures]
        server.start()
        kept = live[4:]
        live = kept
        for grown, ended in done:
            live.extend(grown)
            revoked.extend(ended)
        for token in live:
            assert server.post("/oauth2/introspect", token=token)[1]["active"] is True, f"lost at kill {kill}"
        for token in revoked:
            assert server.post("/oauth2/introspect", token=token)[1] == {"active": False}, f"revived at kill {kill}"
    assert live
    assert revoked


def _work(server: Server, tokens: list[str]) -> tuple[list[str], list[str]]:
    """Refresh, log in and revoke until the server dies; return what was acknowledged as alive and as ended."""
    live, ended = list(tokens), []
    with contextlib.suppress(OSError, http.client.HTTPException):
        while True:
            if len(live) < 3:
                status, answer = server.post(
                    "/oauth2/token", grant_type="password", username="alice", password="correct horse battery"
                )
                if status == 200:
                    live.append(answer["refresh_token"])
            elif random.random() < 0.2:
                token = live.pop()
                ended_now = server.post("/oauth2/revoke", token=token)[0] == 200
                if ended_now:
                    ended.append(token)
            else:
                token = live.pop(0)
                status, answer = server.post("/oauth2/token", grant_type="refresh_token", refresh_token=token)
                assert status == 200
                live.append(answer["refresh_token"])
    return live, ended


def test_fifty_parallel_refreshes_have_one_successor(server: Server) -> None:
    _, login = server.post("/oauth2/token", grant_type="password", username="alice", password="correct horse battery")
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        answers = list(
            pool.map(
                lambda _: server.post(
                    "/oauth2/token", grant_type="refresh_token", refresh_token=login["refresh_token"]
                ),
                range(50),
            )
        )
    assert {status for status, _ in answers} == {200}
    assert len({answer["refresh_token"] for _, answer in answers}) == 1


def test_after_the_grace_window_a_repeated_refresh_ends_the_login(server: Server) -> None:
    _, login = server.post("/oauth2/token", grant_type="password", username="alice", password="correct horse battery")
    status, first = server.post("/oauth2/token", grant_type="refresh_token", refresh_token=login["refresh_token"])
    assert status == 200
    assert (
        server.post("/oauth2/token", grant_type="refresh_token", refresh_token=login["refresh_token"])[1][
            "refresh_token"
        ]
        == first["refresh_token"]
    )
    time.sleep(2.1)
    status, refused = server.post("/oauth2/token", grant_type="refresh_token", refresh_token=login["refresh_token"])
    assert (status, refused["error"]) == (400, "invalid_grant")
    status, _ = server.post("/oauth2/token", grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert status == 400
    assert server.post("/oauth2/introspect", token=first["access_token"])[1] == {"active": False}
