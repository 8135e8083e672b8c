"""Make the development environment in .venv, from nothing but a Python and the package index.

    python3 scripts/bootstrap.py             make or refresh .venv; a moment when nothing has changed
    python3 scripts/bootstrap.py uv ARGS...  run the uv that was found

Runs on Python 3.6 and later, so that it can say in words what is missing.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

UV_VERSION = "0.13.8"
UV_OLDEST = (0, 8)  # pyproject.toml, tool.uv.required-version
OLDEST, NEWEST = (3, 11), (3, 13)

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
TOOLS = ROOT / ".tools"
STAMP = VENV / ".in-sync"
INPUTS = ("uv.lock", "pyproject.toml", "sdk/pyproject.toml", "scripts/bootstrap.py")


class Missing(Exception):
    """Something that this machine lacks; the text says what to do."""


def fingerprint() -> str:
    """Return what .venv depends on, as one hash."""
    digest = hashlib.sha256(str(ROOT).encode())
    for name in INPUTS:
        digest.update((ROOT / name).read_bytes() + b"\0")
    return digest.hexdigest()


def is_in_sync() -> bool:
    """Return whether .venv was made from the files as they are now, and its interpreter is still there."""
    return STAMP.is_file() and STAMP.read_text() == fingerprint() and (VENV / "bin" / "python").exists()


def output(*command: str) -> str:
    """Return what a command prints, empty if it fails."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    except OSError:
        return ""
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else ""


def version(text: str) -> "tuple[int, ...]":
    """Return the first dotted number in a text, empty if there is none."""
    found = re.search(r"\d+(?:\.\d+)+", text)
    return tuple(int(part) for part in found.group().split(".")) if found else ()


def find_python() -> str:
    """Return an interpreter that can run the server: this one, or the newest on PATH."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return sys.executable
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        name = f"python3.{minor}"
        if shutil.which(name) and version(output(name, "-c", "import sys; print(sys.version)"))[:2] == (3, minor):
            return name
    this = ".".join(map(str, sys.version_info[:2]))
    raise Missing(
        f"Python 3.{OLDEST[1]} to 3.{NEWEST[1]} is needed; this is {this}, and no other is on PATH.\n"
        "Install one, for example: apt install python3.11 python3.11-venv, or: brew install python@3.13"
    )


def is_recent(uv: str) -> bool:
    """Return whether a command is a uv that understands this project."""
    told = output(uv, "--version")
    return told.startswith("uv ") and version(told) >= UV_OLDEST


def find_uv() -> "str | None":
    """Return a uv that is recent enough: $UV, on PATH, or the one that this script installed."""
    if os.environ.get("UV"):
        if not is_recent(os.environ["UV"]):
            raise Missing("$UV names no uv, or one that is too old: " + os.environ["UV"])
        return os.environ["UV"]
    own = str(TOOLS / "uv" / "bin" / "uv")
    for candidate in (shutil.which("uv"), own):
        if candidate and is_recent(candidate):
            return candidate
    return None


def install_uv(python: str) -> str:
    """Install the pinned uv into a virtual environment of its own below .tools."""
    place = TOOLS / "uv"
    if not output(python, "-c", "import ensurepip, venv; print(1)"):
        minor = version(output(python, "--version"))[1]
        raise Missing(
            f"This Python makes no virtual environments. Install one package: apt install python3.{minor}-venv"
        )
    say("Installing uv " + UV_VERSION + " into .tools")
    run(python, "-m", "venv", "--clear", str(place))
    pip = (str(place / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--no-input")
    run(*pip, "install", "--quiet", "uv==" + UV_VERSION)
    return str(place / "bin" / "uv")


def sync(uv: str, python: str) -> None:
    """Make .venv exactly what uv.lock says."""
    say("Bringing .venv in line with uv.lock")
    run(uv, "sync", "--frozen", "--quiet", "--all-packages", "--python", python, env=environment())
    STAMP.write_text(fingerprint())


def environment() -> "dict[str, str]":
    """Return the environment for uv: this project's .venv, no downloaded interpreter, a cache that can be written."""
    env = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT")}
    env["UV_PYTHON_DOWNLOADS"] = "never"
    home = Path(env.get("XDG_CACHE_HOME") or Path(env.get("HOME") or "/nonexistent") / ".cache")
    is_writable = os.access(str(next(place for place in (home, *home.parents) if place.exists())), os.W_OK)
    if not is_writable or not env.get("HOME"):
        env.setdefault("UV_CACHE_DIR", str(TOOLS / "cache"))
    return env


def run(*command: str, env: "dict[str, str] | None" = None) -> None:
    """Run a command in the repository.

    Raises:
        Missing: it fails; its own words are on the terminal already.

    """
    if subprocess.run(command, cwd=str(ROOT), env=env, check=False).returncode != 0:
        raise Missing("This failed: " + " ".join(command))


def say(text: str) -> None:
    """Tell a person what takes time."""
    print(text, file=sys.stderr, flush=True)


def main(arguments: "list[str]") -> int:
    """Do what the command line asks for; return the exit status."""
    wants_uv = arguments[:1] == ["uv"]
    if not wants_uv and is_in_sync():
        return 0
    try:
        python = find_python()
        uv = find_uv() or install_uv(python)
        if wants_uv:
            return subprocess.run([uv, *arguments[1:]], cwd=str(ROOT), env=environment(), check=False).returncode
        sync(uv, python)
    except Missing as missing:
        say(str(missing))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
