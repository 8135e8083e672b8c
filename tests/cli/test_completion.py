import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tokenhouse.cli.completion import client_ids, dialect_names, remember_clients


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME")
    return tmp_path


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_is_shown_and_installed(cli, home, shell):
    shown = cli("completion", "show", shell)
    assert "_TOKENHOUSE_COMPLETE" in shown.stdout
    assert json.loads(cli("completion", "show", shell, "--json").stdout)["script"] in shown.stdout
    answer = json.loads(cli("completion", "install", shell, "--json").stdout)
    assert Path(answer["file"]).read_text().strip() == shown.stdout.strip()


def test_another_shell_is_unknown(cli):
    assert cli("completion", "show", "csh").exit_code == 2


def test_a_place_that_cannot_be_written_says_so(cli, home):
    (home / ".zfunc").write_text("in the way")
    result = cli("completion", "install", "zsh")
    assert (result.exit_code, "cannot write" in result.stderr) == (1, True)


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
def test_the_script_of_bash_is_read_by_bash(cli, home):
    subprocess.run(["bash", "-n"], input=cli("completion", "show", "bash").stdout, text=True, check=True)


def test_commands_and_dialects_are_completed():
    def complete(words, number):
        environment = {
            **os.environ,
            "_TOKENHOUSE_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": str(number),
        }
        program = [sys.executable, "-c", "from tokenhouse.cli import main; import sys; sys.argv=['tokenhouse']; main()"]
        done = subprocess.run(program, env=environment, capture_output=True, text=True, check=True)
        return [line.partition(",")[2] for line in done.stdout.split()]

    assert complete("tokenhouse sess", 1) == ["session"]
    assert "rfc6749" in complete("tokenhouse dialect check ", 3)


def test_a_dialect_is_a_name_or_a_file():
    assert [item.value for item in dialect_names(None, None, "rfc")] == ["rfc6749"]
    assert [(item.value, item.type) for item in dialect_names(None, None, "./my")] == [("./my", "file")]


def test_clients_that_were_listed_are_completed(home):
    assert client_ids(None, None, "") == []
    remember_clients(["shop-1", "club-2"])
    remember_clients(["shop-3", "shop-1"])
    assert [item.value for item in client_ids(None, None, "shop")] == ["shop-3", "shop-1"]


@pytest.mark.parametrize("text", ["", "{}", "[1, 2]", "not json"])
def test_what_is_remembered_badly_is_nothing(home, text):
    remember_clients(["x"])
    (home / ".cache/tokenhouse/clients.json").write_text(text)
    assert client_ids(None, None, "") == []


def test_a_cache_that_cannot_be_written_is_no_failure(home):
    (home / ".cache").write_text("in the way")
    remember_clients(["x"])
    assert client_ids(None, None, "") == []
