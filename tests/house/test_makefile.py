"""make alone lists what there is."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

TARGETS = {"help", "setup", "demo", "token", "test", "lint", "audit", "bench", "changelog", "clean"}


def listed(root: Path) -> dict[str, str]:
    make = shutil.which("make")
    if make is None:
        pytest.fail("make is not installed")
    told = subprocess.run([make, "--no-print-directory"], cwd=root, capture_output=True, text=True, check=True).stdout
    return dict(re.findall(r"^  make (\w+) +(.+)$", told, re.MULTILINE))


def test_make_alone_lists_every_target(root: Path) -> None:
    assert listed(root).keys() == TARGETS


def test_no_target_is_a_file(root: Path) -> None:
    (phony,) = re.findall(r"^\.PHONY: (.+)$", (root / "Makefile").read_text(), re.MULTILINE)
    assert set(phony.split()) == TARGETS


def test_the_ci_script_does_what_a_contributor_does(root: Path) -> None:
    script = root / ".ci/run"
    assert script.stat().st_mode & 0o111
    assert script.read_text().splitlines()[-2:] == ["make lint", "make test"]
