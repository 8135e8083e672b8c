"""What the how-to pages show is settings that load and commands that run; that of TLS is `tests/config/`."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tokenhouse.config.loading import load

PAGES = Path(__file__).parents[2] / "docs" / "how-to"
SETTINGS = re.compile(r"^    (?:\[|development).*\n(?:(?:    .*)?\n)*", re.MULTILINE)
COMMANDS = re.compile(r"^    (tokenhouse .+)$", re.MULTILINE)
BLOCKS = [
    (page, block)
    for page in ("contracts", "people", "providers")
    for block in SETTINGS.findall((PAGES / f"{page}.md").read_text())
]


@pytest.mark.parametrize(("page", "block"), BLOCKS)
def test_settings_load(tmp_path: Path, page: str, block: str) -> None:
    (tmp_path / "mail.password").write_text("secret\n")
    path = tmp_path / "tokenhouse.toml"
    path.write_text('issuer = "https://id.example.com"\n' + re.sub("^    ", "", block, flags=re.MULTILINE))
    config = load(path, {"FACEBOOK_SECRET": "secret"}).config
    assert config.people or config.provider or config.mount, page


def test_every_page_with_settings_is_looked_at() -> None:
    assert len(BLOCKS) == 4
    assert {path.stem for path in PAGES.glob("*.md")} == {"contracts", "people", "providers", "resources", "tls"}


def test_commands_run_in_their_order(tmp_path: Path) -> None:
    commands = ["tokenhouse init", *COMMANDS.findall((PAGES / "resources.md").read_text())]
    assert len(commands) == 6
    for command in commands:
        done = subprocess.run(
            [sys.executable, "-m", *shlex.split(command)],
            cwd=tmp_path, input="correct horse battery staple\n", capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, (command, done.stderr)


def test_a_contract_is_taken_over_by_the_commands_of_its_page(tmp_path: Path) -> None:
    page = (PAGES / "contracts.md").read_text()
    commands = COMMANDS.findall(page)
    assert len(commands) == 10
    for command in ["tokenhouse init", *commands]:
        done = subprocess.run(
            [sys.executable, "-m", *shlex.split(command)],
            cwd=tmp_path, input="correct horse battery staple\n", capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, (command, done.stderr)
        if command == "tokenhouse init":
            settings = re.sub("^    ", "", SETTINGS.findall(page)[0], flags=re.MULTILINE)
            with (tmp_path / "tokenhouse.toml").open("a") as file:
                file.write(settings)


def test_the_end_of_the_password_grant_is_written_as_the_command_takes_it(tmp_path: Path) -> None:
    page = (PAGES / "resources.md").read_text()
    assert "--grant password --password-until 2027-06-30" in page
    until = f"{datetime.now(UTC) + timedelta(days=365):%Y-%m-%d}"
    for command in ("init", f"client create --name app --grant password --password-until {until}"):
        done = subprocess.run(
            [sys.executable, "-m", "tokenhouse", *command.split()],
            cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
