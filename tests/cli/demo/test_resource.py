import subprocess
import sys
import time

import pytest

from tokenhouse.cli.demo.data import DemoData, DemoMount, TokenWish
from tokenhouse.cli.demo.ports import addresses
from tokenhouse.cli.demo.resource import arguments, running

WISH = TokenWish(client_id="x", secret="y", scope="a")


@pytest.mark.parametrize(
    ("issuer", "said"), [("http://localhost:1", "http://localhost:1"), (None, "http://127.0.0.1:8400/contracts/b/b")]
)
def test_it_is_told_issuer_keys_and_port_of_the_contract_that_has_one(issuer, said):
    data = DemoData(token=WISH, mount={"a": DemoMount(), "b": DemoMount(issuer=issuer, resource_server=True)})
    assert arguments(addresses(8400), data)[3:] == [
        *("--issuer", said),
        *("--jwks", "http://127.0.0.1:8400/.well-known/jwks/b.json"),
        *("--port", "8402"),
    ]


def test_without_one_nothing_runs():
    assert arguments(addresses(8400), DemoData(token=WISH)) is None
    with running(None):
        pass


def test_the_process_ends_with_the_block(tmp_path):
    mark = tmp_path / "mark"
    program = f"import pathlib,time; pathlib.Path({str(mark)!r}).touch(); time.sleep(60)"
    begun = time.monotonic()
    with running([sys.executable, "-c", program]):
        while not mark.exists():
            time.sleep(0.01)
    assert time.monotonic() - begun < 30


def test_a_process_that_does_not_listen_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr("tokenhouse.cli.demo.resource._STOP_SECONDS", 0.1)
    mark = tmp_path / "mark"
    program = (
        "import pathlib,signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"pathlib.Path({str(mark)!r}).touch(); time.sleep(60)"
    )
    started: list[subprocess.Popen[bytes]] = []

    class Remembered(subprocess.Popen):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Remembered)
    with running([sys.executable, "-c", program]):
        while not mark.exists():
            time.sleep(0.01)
    assert started[0].returncode == -9
