"""A provider's secret comes from a file or the environment; what cannot be had is refused at its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tokenhouse.config.loading import load
from tokenhouse.config.showing import MASK, render
from tokenhouse.written.problem import Problems

TEXT = """\
issuer = "https://a"
[[provider]]
name = "signed"
kind = "oauth1"
client_ids = ["key"]
userinfo = "https://api.example/verify"
subject = "id_str"
"""
APPLE = '[[provider]]\nname = "apple"\nkind = "oidc"\nissuer = "https://b.example"\nclient_ids = ["a"]\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tokenhouse.toml"


def test_a_file_below_the_configuration_gives_it(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(TEXT + 'client_secret_file = "keys/signed"\n' + APPLE)
    (file.parent / "keys").mkdir()
    (file.parent / "keys/signed").write_text("hunter2\n")
    monkeypatch.chdir("/")
    loaded = load(file, {})
    signed, apple = loaded.config.provider
    assert signed.client_secret is not None
    assert signed.client_secret.reveal() == "hunter2"
    assert apple.client_secret is None
    rows = {row.name: row for row in render(loaded, origin=True)}
    assert rows["provider.0.client_secret"][1:] == (MASK, str(file.parent / "keys/signed"))
    assert "hunter2" not in str(rows)


def test_a_variable_gives_it(file: Path) -> None:
    file.write_text(TEXT + 'client_secret_env = "SIGNED_SECRET"\n')
    loaded = load(file, {"SIGNED_SECRET": "hunter2"})
    secret = loaded.config.provider[0].client_secret
    assert secret is not None
    assert secret.reveal() == "hunter2"
    assert loaded.origins["provider.0.client_secret"] == "environment SIGNED_SECRET"


@pytest.mark.parametrize(
    ("line", "content", "environ", "why"),
    [
        ('client_secret_file = "none"', None, {}, "No such file"),
        ('client_secret_file = "secret"', "", {}, "expected a password"),
        ('client_secret_file = "secret"', "hunter2\nhunter3", {}, "expected a password"),
        ('client_secret_env = "NONE"', None, {}, "from environment NONE: it is not set"),
        ('client_secret_env = "SECRET"', None, {"SECRET": "hunter2\x07"}, "expected a password"),
    ],
)
def test_what_cannot_be_had_is_refused(
    file: Path, line: str, content: str | None, environ: dict[str, str], why: str
) -> None:
    file.write_text(f"{TEXT}{line}\n")
    if content is not None:
        (file.parent / "secret").write_text(content)
    with pytest.raises(Problems) as problems:
        load(file, environ)
    assert str(problems.value).startswith(f"{file}:8:")
    assert "TH-C005 cannot take the secret from" in str(problems.value)
    assert why in str(problems.value)
    assert "hunter" not in str(problems.value)


def test_all_problems_are_told_at_once(file: Path) -> None:
    lines = TEXT + 'client_secret_env = "ONE"\n' + TEXT.partition("\n")[2].replace("signed", "other")
    file.write_text(lines + 'client_secret_env = "TWO"\n')
    with pytest.raises(Problems) as problems:
        load(file, {})
    assert "ONE" in str(problems.value)
    assert "TWO" in str(problems.value)
