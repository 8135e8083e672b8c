"""The bootstrap needs nothing but an old Python, does nothing when there is nothing to do, and says what is missing."""

import ast
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

Plant = Callable[[dict[str, str]], Path]


@pytest.fixture
def bootstrap(script: Callable[[str], ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, over a small repository of its own, on a machine without any tool on PATH."""
    module = script("bootstrap")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "TOOLS", tmp_path / ".tools")
    monkeypatch.setattr(module, "STAMP", tmp_path / ".venv" / ".in-sync")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("UV", raising=False)
    for name in module.INPUTS:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return module


def executable(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def in_sync(bootstrap: ModuleType) -> None:
    executable(bootstrap.VENV / "bin" / "python", "exit 0")
    bootstrap.STAMP.write_text(bootstrap.fingerprint())


def test_python_3_6_can_read_it(root: Path) -> None:
    tree = ast.parse((root / "scripts/bootstrap.py").read_text(), feature_version=(3, 6))
    futures = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
    assert futures == []


def test_it_pins_what_the_project_requires(root: Path, bootstrap: ModuleType) -> None:
    text = (root / "pyproject.toml").read_text()
    assert f'required-version = ">={bootstrap.UV_OLDEST[0]}.{bootstrap.UV_OLDEST[1]}"' in text
    oldest, newest = bootstrap.OLDEST, bootstrap.NEWEST
    assert f'requires-python = ">={oldest[0]}.{oldest[1]},<{newest[0]}.{newest[1] + 1}"' in text


def test_nothing_is_done_when_nothing_has_changed(bootstrap: ModuleType, capsys) -> None:
    in_sync(bootstrap)
    assert bootstrap.main([]) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("name", ["uv.lock", "pyproject.toml", "sdk/pyproject.toml"])
def test_a_change_is_noticed(name: str, bootstrap: ModuleType) -> None:
    in_sync(bootstrap)
    (bootstrap.ROOT / name).write_text("changed")
    assert not bootstrap.is_in_sync()


def test_a_lost_interpreter_is_noticed(bootstrap: ModuleType) -> None:
    in_sync(bootstrap)
    (bootstrap.VENV / "bin" / "python").unlink()
    assert not bootstrap.is_in_sync()


def test_uv_is_taken_from_the_path_and_brings_the_environment(bootstrap: ModuleType, monkeypatch) -> None:
    told = bootstrap.ROOT / "told"
    log = f'[ "$1" = --version ] && echo "uv 0.9.1" && exit; echo "$UV_PYTHON_DOWNLOADS $VIRTUAL_ENV $*" > {told}; /bin/mkdir -p .venv'
    executable(bootstrap.ROOT / "bin" / "uv", log)
    monkeypatch.setenv("VIRTUAL_ENV", "another")
    assert bootstrap.main([]) == 0
    assert told.read_text() == f"never  sync --frozen --quiet --all-packages --python {sys.executable}\n"
    assert bootstrap.STAMP.read_text() == bootstrap.fingerprint()


def test_a_failing_sync_leaves_no_stamp(bootstrap: ModuleType, capsys) -> None:
    executable(bootstrap.ROOT / "bin" / "uv", '[ "$1" = --version ] && echo "uv 0.9.1" && exit; exit 2')
    assert bootstrap.main([]) == 1
    assert "This failed: " in capsys.readouterr().err
    assert not bootstrap.STAMP.exists()


def test_uv_can_be_run(bootstrap: ModuleType) -> None:
    executable(
        bootstrap.ROOT / "bin" / "uv",
        '[ "$1" = --version ] && echo "uv 0.9.1" && exit; [ "$*" = "lock --check" ] && exit 7',
    )
    assert bootstrap.main(["uv", "lock", "--check"]) == 7


def test_an_old_uv_is_passed_over_for_our_own(bootstrap: ModuleType) -> None:
    executable(bootstrap.ROOT / "bin" / "uv", "echo uv 0.7.9")
    assert bootstrap.find_uv() is None
    own = executable(bootstrap.TOOLS / "uv" / "bin" / "uv", "echo uv 0.13.8")
    assert bootstrap.find_uv() == str(own)


@pytest.mark.parametrize("text", ["echo true 9.4", "echo uv 0.7.0", "exit 1"])
def test_a_variable_that_names_no_uv_is_refused(text: str, bootstrap: ModuleType, monkeypatch, capsys) -> None:
    monkeypatch.setenv("UV", str(executable(bootstrap.ROOT / "other", text)))
    assert bootstrap.main([]) == 1
    assert "$UV names no uv" in capsys.readouterr().err


def test_a_variable_that_names_a_uv_is_believed(bootstrap: ModuleType, monkeypatch) -> None:
    uv = executable(bootstrap.ROOT / "other", "echo uv 1.0.0")
    monkeypatch.setenv("UV", str(uv))
    assert bootstrap.find_uv() == str(uv)


def test_an_old_python_names_what_to_install(bootstrap: ModuleType, monkeypatch, capsys) -> None:
    monkeypatch.setattr(bootstrap, "OLDEST", (3, 98))
    monkeypatch.setattr(bootstrap, "NEWEST", (3, 99))
    assert bootstrap.main([]) == 1
    assert "Python 3.98 to 3.99 is needed" in capsys.readouterr().err
    executable(bootstrap.ROOT / "bin" / "python3.99", "echo not really")
    executable(bootstrap.ROOT / "bin" / "python3.98", "echo 3.98.1")
    assert bootstrap.find_python() == "python3.98"


def test_a_crippled_python_names_the_one_package(bootstrap: ModuleType, capsys) -> None:
    python = executable(bootstrap.ROOT / "python", '[ "$1" = --version ] && echo Python 3.12.1 && exit; exit 1')
    with pytest.raises(bootstrap.Missing, match=r"Install one package: apt install python3\.12-venv"):
        bootstrap.install_uv(str(python))


def test_uv_gets_a_cache_that_it_can_write(bootstrap: ModuleType, monkeypatch) -> None:
    monkeypatch.delenv("UV_CACHE_DIR", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(bootstrap.ROOT))
    assert "UV_CACHE_DIR" not in bootstrap.environment()
    monkeypatch.delenv("HOME")
    assert bootstrap.environment()["UV_CACHE_DIR"] == str(bootstrap.TOOLS / "cache")
