"""`python -m tokenhouse` is the command line."""

from __future__ import annotations

import subprocess
import sys

import tokenhouse


def test_it_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tokenhouse", "--version"], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0
    assert tokenhouse.__version__ in done.stdout
