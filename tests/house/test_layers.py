"""Nothing imports upward: import-linter holds the contracts of pyproject.toml, and every room has its layer."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

LAYERED = """\
[tool.importlinter]
root_packages = ["house"]
[[tool.importlinter.contracts]]
name = "Nothing imports upward"
type = "layers"
layers = ["house.upper", "house.lower"]
"""


def lint_imports(root: Path) -> tuple[int, str]:
    program = "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports; sys.exit(lint_imports())"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=False, timeout=120
    )
    return done.returncode, done.stdout + done.stderr


def rooms_without_a_layer(root: Path) -> set[str]:
    contracts = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = {
        name.strip("() ")
        for contract in contracts
        if contract["type"] == "layers"
        for layer in contract["layers"]
        for name in re.split("[|:]", layer)
    }
    package = root / "src/tokenhouse"
    places = [*package.glob("*.py"), *(path.parent for path in package.glob("*/__init__.py"))]
    rooms = {f"tokenhouse.{place.stem}" for place in places if not place.stem.startswith("__")}
    return rooms - layers


def test_the_house_keeps_its_layers(root: Path) -> None:
    status, told = lint_imports(root)
    assert status == 0, told


def test_every_room_has_a_layer(root: Path) -> None:
    assert rooms_without_a_layer(root) == set()


def test_an_import_upward_is_found(plant: Callable[[dict[str, str]], Path]) -> None:
    files = {"pyproject.toml": LAYERED, "house/__init__.py": "", "house/upper.py": "", "house/lower.py": ""}
    assert lint_imports(plant(files))[0] == 0
    status, told = lint_imports(plant({"house/lower.py": "from house import upper"}))
    assert status == 1
    assert "house.lower is not allowed to import house.upper" in told


def test_a_room_without_a_layer_is_found(plant: Callable[[dict[str, str]], Path]) -> None:
    tree = plant(
        {
            "pyproject.toml": LAYERED.replace("house.upper", "tokenhouse.upper | tokenhouse.side").replace(
                "house.lower", "(tokenhouse.lower)"
            ),
            "src/tokenhouse/__main__.py": "",
            "src/tokenhouse/upper/__init__.py": "",
            "src/tokenhouse/side.py": "",
            "src/tokenhouse/lower/__init__.py": "",
        }
    )
    assert rooms_without_a_layer(tree) == set()
    assert rooms_without_a_layer(plant({"src/tokenhouse/attic/__init__.py": ""})) == {"tokenhouse.attic"}
