"""An operator at three in the morning: who is in, end it, what happened, what is wrong; against a running server."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import urlencode

import pytest

pytestmark = pytest.mark.xdist_group("demo")

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
API = "Basic " + base64.b64encode(b"yindo-api:th_cs_H5pLw2sVd8nQz1xCb7mTk4yRj0gFf6aUe3iOo9tNrXK").decode()


def log_in(demo: Any, device: str, password: str = "thepass") -> Any:
    form = {"grant_type": "password", "username": "theuser", "password": password, "clientKey": device}
    return demo.call("POST", "/token", FORM, urlencode(form).encode())


def run(demo: Any, *arguments: str, code: int = 0) -> Any:
    done = demo.cli(*arguments, "--json")
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def test_a_session_is_found_by_its_device_and_ended_by_the_key_that_the_answer_said(demo: Any) -> None:
    said = json.loads(log_in(demo, "kitchen-tablet").body)
    other = json.loads(log_in(demo, "phone").body)
    wanted = ("session", "list", "--tenant", "yindo", "--user", "theuser", "--device", "kitchen-tablet")
    (found,) = run(demo, *wanted)["items"]
    assert (found["session_key"], found["contract"]) == (said["sessionKey"], "yindo")
    assert run(demo, "session", "revoke", said["sessionKey"])["sessions"] == [found["session"]]
    assert demo.introspect(said["access_token"], API) == {"active": False}
    assert demo.introspect(other["access_token"], API)["active"] is True
    assert run(demo, *wanted)["items"] == []


def test_everything_of_a_person_is_ended_at_once(demo: Any) -> None:
    tokens = [json.loads(log_in(demo, device).body)["access_token"] for device in ("a", "b", "c")]
    assert run(demo, "session", "revoke", "--tenant", "yindo", "--user", "theuser")["ended"] >= 3
    assert [demo.introspect(token, API) for token in tokens] == [{"active": False}] * 3


def test_a_refused_login_is_explained_by_the_id_of_its_answer(demo: Any) -> None:
    refused = log_in(demo, "tv", password="wrong")
    request_id = refused.headers["x-request-id"]
    (record,) = run(demo, "explain", request_id)["items"]
    assert (record["reason"], record["contract"]) == ("wrong_password", "yindo")
    words = demo.cli("explain", request_id).stdout
    assert "the password is wrong" in words
    assert "tokenhouse user set-password" in words
    assert "thepass" not in words
    tail = run(demo, "audit", "tail", "--outcome", "refused", "--contract", "yindo")["items"]
    assert request_id in {item["request_id"] for item in tail}


def test_a_granted_login_is_explained_too(demo: Any) -> None:
    granted = log_in(demo, "tv")
    (record,) = run(demo, "explain", granted.headers["x-request-id"])["items"]
    assert (record["event"], record["means"]) == ("login", "a person logged in")


def test_the_doctor_finds_nothing_wrong_with_the_demo(demo: Any) -> None:
    findings = run(demo, "doctor")["items"]
    assert {item["state"] for item in findings} <= {"ok", "warning"}
    assert {item["check"] for item in findings} >= {"server", "database", "keys", "clients", "mounts", "contracts"}
    assert run(demo, "doctor", "--quick")["items"] == [
        {"check": "server", "state": "ok", "message": "runs and is ready", "hint": ""}
    ]
