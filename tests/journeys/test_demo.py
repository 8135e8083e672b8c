"""The demo as a stranger meets it: what it prints can be pasted, the command line works beside it, Ctrl-C ends it."""

from __future__ import annotations

import base64
import json
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.xdist_group("demo")
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="without curl nothing can be pasted")


def blocks(printed: str) -> list[str]:
    """The commands of a demo's output, one for each comment line before them."""
    found = re.split(r"(?m)^(?:# .*|== .*|Paste one .*|  [a-z].*)$", printed)
    return [block.strip() for block in found if block.strip().startswith(("curl", "TOKEN="))]


@needs_curl
def test_every_printed_command_can_be_pasted(demo: Any) -> None:
    commands = blocks(demo.printed.read_text())
    assert len(commands) >= 7
    for command in commands:
        done = subprocess.run(["bash", "-ec", command], capture_output=True, text=True, timeout=30, check=False)
        assert done.returncode == 0, command
        assert "oken" in done.stdout or "caught me" in done.stdout or '"active":true' in done.stdout, (command, done)
        assert '"error' not in done.stdout.replace('"errMsg":null', ""), (command, done.stdout)


def test_it_prints_its_addresses(demo: Any) -> None:
    printed = demo.printed.read_text()
    for port in (demo.port, demo.admin_port, demo.resource_port):
        assert f"http://127.0.0.1:{port}" in printed


def test_it_listens_on_loopback_only(demo: Any) -> None:
    """Whoever listens everywhere also answers at another address of this machine."""
    for port in (demo.port, demo.admin_port, demo.resource_port):
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) == 0
        with socket.socket() as probe:
            probe.settimeout(2)
            assert probe.connect_ex(("127.0.0.2", port)) != 0


def test_probes_and_metrics_live_on_the_admin_listener(demo: Any, call_port: Any) -> None:
    assert call_port(demo.admin_port, "GET", "/healthz").status == 200
    assert json.loads(call_port(demo.admin_port, "GET", "/readyz").body)["ready"] is True
    assert b"tokenhouse_requests_total" in call_port(demo.admin_port, "GET", "/metrics").body
    assert demo.call("GET", "/metrics").status == 404
    assert demo.call("GET", "/healthz").status == 404
    assert demo.call("GET", "/readyz").status == 200


def test_metadata_names_addresses_that_answer(demo: Any) -> None:
    metadata = json.loads(demo.call("GET", "/.well-known/oauth-authorization-server").body)
    assert metadata["issuer"] == f"http://127.0.0.1:{demo.port}"
    assert "password" not in metadata["grant_types_supported"]
    for name in ("token_endpoint", "introspection_endpoint", "revocation_endpoint"):
        path = metadata[name].removeprefix(metadata["issuer"])
        assert demo.call("POST", path, {"Content-Type": "application/x-www-form-urlencoded"}, b"").status in {400, 401}
    assert json.loads(demo.call("GET", metadata["jwks_uri"].removeprefix(metadata["issuer"])).body)["keys"]


def test_the_command_line_writes_through_the_running_server(demo: Any) -> None:
    made = demo.cli("client", "create", "--name", "journey", "--grant", "client_credentials", "--scope", "a", "--json")
    assert made.returncode == 0, made.stderr
    client = json.loads(made.stdout)
    pair = base64.b64encode(f"{client['client_id']}:{client['client_secret']}".encode()).decode()
    headers = {"Authorization": f"Basic {pair}", "Content-Type": "application/x-www-form-urlencoded"}
    assert demo.call("POST", "/oauth2/token", headers, b"grant_type=client_credentials").status == 200
    assert demo.cli("client", "disable", client["client_id"]).returncode == 0
    assert demo.call("POST", "/oauth2/token", headers, b"grant_type=client_credentials").status == 401


def test_a_pair_in_the_vendors_words_and_alphabet(demo: Any) -> None:
    made = demo.cli("client", "create", "--contract", "mcs", "--tenant", "mcs", "--name", "a third party", "--json")
    assert made.returncode == 0, made.stderr
    client = json.loads(made.stdout)
    assert re.fullmatch("[A-Za-z0-9]{20}", client["client_id"])
    assert re.fullmatch("[A-Za-z0-9]{40}", client["client_secret"])
    shown = demo.cli("client", "create", "--contract", "mcs", "--tenant", "mcs", "--name", "another")
    assert "AppKey" in shown.stdout
    assert "AppSecret" in shown.stdout


def test_a_new_client_of_a_contract_gets_its_scope_without_asking(demo: Any) -> None:
    made = json.loads(demo.cli("client", "create", "--contract", "blsct", "--name", "another", "--json").stdout)
    body = json.dumps({"app_id": made["client_id"], "app_key": made["client_secret"]}).encode()
    reply = demo.call("POST", "/oauth/token/get", {"Content-Type": "application/json"}, body)
    claims = json.loads(reply.body)["accessToken"].split(".")[1]
    assert json.loads(base64.urlsafe_b64decode(claims + "=="))["scope"] == ["bailunApi"]


def test_every_login_and_refusal_is_in_the_audit_log(demo: Any) -> None:
    body = b'{"app_id":"coupang","app_secret":"nope nope"}'
    assert demo.call("POST", "/oauth/token/get", {"Content-Type": "application/json"}, body).status == 401
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert demo.call("POST", "/token", form, b"grant_type=password&username=theuser&password=thepass").status == 200
    listed = demo.cli("audit", "tail", "--json")
    assert listed.returncode == 0, listed.stderr
    records = json.loads(listed.stdout)["items"]
    assert any(r["contract"] == "blsct" and r["outcome"] == "refused" for r in records)
    assert any(r["contract"] == "yindo" and r["event"] == "login" for r in records)
    assert "thepass" not in listed.stdout
    assert "nope nope" not in listed.stdout


def test_no_secret_is_in_the_log_or_in_the_database(demo: Any) -> None:
    canary = b"canary-7f3a-password"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    demo.call("POST", "/token", form, b"grant_type=password&username=theuser&password=" + canary)
    demo.call(
        "POST", "/oauth2/token", {**form, "Authorization": "Basic Y2FuYXJ5LTdmM2E6Y2FuYXJ5LTdmM2EtcGFzc3dvcmQ="}, b""
    )
    written = demo.printed.read_bytes() + b"".join(
        path.read_bytes() for path in (demo.folder / ".demo").rglob("*") if path.is_file()
    )
    assert canary not in written
    assert b"o1uBjWTzuqbaMnQzSmDp5UhR6M33NOhb3YL0b1YK" not in b"".join(
        path.read_bytes() for path in (demo.folder / ".demo").glob("*.db*")
    )


def test_the_management_socket_is_its_owners(demo: Any) -> None:
    sockets = [path for path in (demo.folder / ".demo").rglob("*") if stat.S_ISSOCK(path.stat().st_mode)]
    assert sockets
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in sockets)


def test_a_taken_port_is_said_so(tmp_path: Path, demo: Any) -> None:
    again = subprocess.run(
        [sys.executable, "-m", "tokenhouse", "demo", "--port", str(demo.port)],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert again.returncode == 1
    assert str(demo.port) in again.stderr
    assert "Traceback" not in again.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly(tmp_path: Path, start_demo: Any, stop: Any, number: int) -> None:
    running = start_demo(tmp_path)
    assert stop(running.process, number) == 0
    assert "Traceback" not in running.printed.read_text()
    for port in (running.port, running.admin_port, running.resource_port):
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_killing_it_leaves_nothing_behind(tmp_path: Path, start_demo: Any, stop: Any) -> None:
    running = start_demo(tmp_path)
    stop(running.process, signal.SIGKILL)
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", running.resource_port)) != 0:
                return
        time.sleep(0.05)
    pytest.fail("the sample resource server outlived the demo")
