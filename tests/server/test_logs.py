"""The log: one event a line."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from tokenhouse.config.settings import Log
from tokenhouse.server.logs import configure


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    before, library = structlog.get_config(), logging.getLogger("uvicorn.error")
    handlers, propagate, level = library.handlers, library.propagate, library.level
    yield
    structlog.configure(**before)
    library.handlers, library.propagate = handlers, propagate
    library.setLevel(level)


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure(Log(format="json"))
    structlog.get_logger("x").info("request.refused", reason="wrong\npassword")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    event = json.loads(lines[0])
    assert (event["event"], event["reason"], event["level"]) == ("request.refused", "wrong\npassword", "info")


def test_an_incident_carries_its_trace(capsys: pytest.CaptureFixture[str]) -> None:
    configure(Log(format="json"))
    try:
        raise ValueError("broken")
    except ValueError as error:
        structlog.get_logger("x").error("request.broke", exc_info=error)
    assert "ValueError: broken" in json.loads(capsys.readouterr().out)["exception"]


def test_the_level_filters(capsys: pytest.CaptureFixture[str]) -> None:
    configure(Log(level="error", format="console"))
    structlog.get_logger("x").info("request.refused")
    assert capsys.readouterr().out == ""
    structlog.get_logger("x").error("request.broke")
    assert "request.broke" in capsys.readouterr().out


def test_the_server_library_speaks_in_events_and_only_of_errors(capsys: pytest.CaptureFixture[str]) -> None:
    configure(Log(format="json"))
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
    assert capsys.readouterr().out == ""
    logging.getLogger("uvicorn.error").error("Exception in ASGI application")
    event = json.loads(capsys.readouterr().out)
    assert (event["event"], event["text"]) == ("server.library", "Exception in ASGI application")
