"""The README's commands, pasted: what it prints is what comes."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.xdist_group("demo")
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="without curl nothing can be pasted")

README = (Path(__file__).parents[2] / "README.md").read_text()
BLOCK = re.compile(r"```(\w*)\n(.*?)```", re.DOTALL)
BLOCKS = BLOCK.findall(README)
PASTED = [(command, answer) for (language, command), (_, answer) in pairwise(BLOCKS) if language == "sh"]


def local(text: str, demo: Any) -> str:
    for documented, real in ((8400, demo.port), (8401, demo.admin_port), (8402, demo.resource_port)):
        text = text.replace(f"127.0.0.1:{documented}", f"127.0.0.1:{real}")
    return text


@needs_curl
@pytest.mark.parametrize("number", range(len(PASTED)))
def test_a_pasted_command_answers_as_printed(demo: Any, number: int) -> None:
    command, answer = (local(text, demo) for text in PASTED[number])
    done = subprocess.run(["bash", "-ec", command], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    wanted = ".+?".join(re.escape(part) for part in answer.strip().split("…"))
    assert re.fullmatch(wanted, done.stdout.strip(), re.DOTALL), done.stdout


def test_there_is_a_command_for_each_contract() -> None:
    assert len(PASTED) == 9


def test_the_dialect_of_the_readme_holds(tmp_path: Path) -> None:
    dialect = next(text for language, text in BLOCKS if language == "toml")
    (tmp_path / "acme.toml").write_text(dialect)
    done = subprocess.run(
        [sys.executable, "-m", "tokenhouse", "dialect", "check", "acme.toml"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_commands_of_running_it_for_real_work_as_printed(tmp_path: Path) -> None:
    section = README.partition("## Run it for real")[2]
    commands = BLOCK.search(section)
    assert commands is not None
    for line in commands[2].strip().splitlines():
        words = line.partition("#")[0].split()
        if words[1] == "serve":
            continue
        done = subprocess.run(
            [sys.executable, "-m", *words],
            cwd=tmp_path, input="correct horse battery staple\n", capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, (line, done.stderr)
