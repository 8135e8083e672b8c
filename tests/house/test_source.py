"""The rules of the house for the source: each is a small function over a tree, and fails on a bad example."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Check = Callable[[Path], Iterator[str]]

LONGEST_MODULE, LONGEST_FUNCTION = 300, 40
BANNED = {"base", "common", "core", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}
VENDORS = re.compile(
    r"(?<![a-z])mcs(?![a-z])|mediatek|blsct|bailun|coupang|yindo|social[ _-]?id(?![a-z])", re.IGNORECASE
)
# Alembic runs these by path; the journeys of the migrations are tests/sql/.
BY_PATH = "sql/migrations"
SOURCES = {"src/tokenhouse": "tests", "sdk/src/tokenhouse_verify": "sdk/tests"}


def modules(root: Path) -> Iterator[tuple[Path, Path, Path]]:
    """Yield every module of the two packages, its place below the package, and the folder of its tests."""
    for source, tests in SOURCES.items():
        for path in sorted((root / source).rglob("*.py")):
            yield path, path.relative_to(root / source), root / tests


def trees(root: Path) -> Iterator[tuple[Path, ast.Module]]:
    """Yield every module with its syntax tree."""
    for path, _, _ in modules(root):
        yield path.relative_to(root), ast.parse(path.read_text(encoding="utf-8"))


def every_module_has_its_test(root: Path) -> Iterator[str]:
    for _, place, tests in modules(root):
        if place.name == "__init__.py" or BY_PATH in place.as_posix():
            continue
        mirror = tests / place.parent / f"test_{place.stem.strip('_')}.py"
        if not mirror.is_file() or not re.search(
            r"^ *(async )?def test_", mirror.read_text(encoding="utf-8"), re.MULTILINE
        ):
            yield f"{place}: no test in {mirror.relative_to(root)}"


def every_package_says_what_it_is_for(root: Path) -> Iterator[str]:
    for folder in sorted({path.parent for path, place, _ in modules(root) if BY_PATH not in place.as_posix()}):
        init = folder / "__init__.py"
        docstring = ast.get_docstring(ast.parse(init.read_text(encoding="utf-8"))) if init.is_file() else None
        if len((docstring or "").splitlines()) < 3:
            yield f"{folder.relative_to(root)}: the package docstring is missing or shorter than three lines"


def modules_are_short(root: Path) -> Iterator[str]:
    for path, tree in trees(root):
        # What reads as a table may be long: module-level assignments do not count.
        tables = (node for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign))
        length = max((node.end_lineno or 0 for node in tree.body), default=0) - sum(map(lines, tables))
        if length > LONGEST_MODULE:
            yield f"{path}: {length} lines"


def functions_are_short(root: Path) -> Iterator[str]:
    for path, tree in trees(root):
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                docstring = node.body[0] if ast.get_docstring(node) is not None else None
                length = lines(node) - (lines(docstring) if docstring else 0)
                if length > LONGEST_FUNCTION:
                    yield f"{path}: {node.name} has {length} lines"


def lines(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def names_say_something(root: Path) -> Iterator[str]:
    for path, place, _ in modules(root):
        if BANNED & {part.strip("_") for part in place.with_suffix("").parts}:
            yield f"{path.relative_to(root)}: such a name says nothing"


def no_vendor_is_named(root: Path) -> Iterator[str]:
    for path in sorted((root / "src/tokenhouse").rglob("*.py")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if found := VENDORS.search(line):
                yield f"{path.relative_to(root)}:{number}: names {found[0]}"
        if VENDORS.search(path.name):
            yield f"{path.relative_to(root)}: is named after a vendor"


def what_is_public_is_described(root: Path) -> Iterator[str]:
    for path, tree in trees(root):
        for node in tree.body:
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or node.name.startswith("_"):
                continue
            if ast.get_docstring(node) is None:
                yield f"{path}:{node.lineno}: {node.name} has no docstring"


def no_error_is_swallowed(root: Path) -> Iterator[str]:
    wide = {None, "Exception", "BaseException"}
    for path, tree in trees(root):
        for node in ast.walk(tree):
            match node:
                case ast.ExceptHandler(type=caught, body=[ast.Pass() | ast.Continue() | ast.Expr(ast.Constant())]):
                    names = caught.elts if isinstance(caught, ast.Tuple) else [caught]
                case ast.Call(func=ast.Attribute(attr="suppress") | ast.Name(id="suppress"), args=names):
                    pass
                case _:
                    continue
            if wide & {each and getattr(each, "id", "") for each in names}:
                yield f"{path}:{getattr(node, 'lineno', 0)}: swallows every error"


FUNCTION = "def f():\n" + "    f()\n" * 40
NAMED = "from x import y\n\n\ndef name():\n    '''Say.'''\n"
BAD: list[tuple[Check, dict[str, str], str]] = [
    (every_module_has_its_test, {"src/tokenhouse/a/b.py": ""}, "a/b.py: no test in tests/a/test_b.py"),
    (
        every_module_has_its_test,
        {"src/tokenhouse/b.py": "", "tests/test_b.py": "x = 1"},
        "b.py: no test in tests/test_b.py",
    ),
    (every_module_has_its_test, {"sdk/src/tokenhouse_verify/c.py": ""}, "c.py: no test in sdk/tests/test_c.py"),
    (every_package_says_what_it_is_for, {"src/tokenhouse/a/b.py": ""}, "src/tokenhouse/a: the package docstring"),
    (
        every_package_says_what_it_is_for,
        {"src/tokenhouse/__init__.py": "'''One.\n\n'''"},
        "src/tokenhouse: the package",
    ),
    (modules_are_short, {"src/tokenhouse/a.py": "f()\n" * 301}, "src/tokenhouse/a.py: 301 lines"),
    (functions_are_short, {"src/tokenhouse/a.py": FUNCTION}, "src/tokenhouse/a.py: f has 41 lines"),
    (
        functions_are_short,
        {"src/tokenhouse/a.py": "class A:\n" + re.sub("^", " ", FUNCTION, flags=re.MULTILINE)},
        "f has 41 lines",
    ),
    (names_say_something, {"src/tokenhouse/wire/utils.py": ""}, "src/tokenhouse/wire/utils.py: such a name"),
    (names_say_something, {"src/tokenhouse/core/a.py": ""}, "src/tokenhouse/core/a.py: such a name"),
    (no_vendor_is_named, {"src/tokenhouse/a.py": "x = 1\n# as MCS does"}, "src/tokenhouse/a.py:2: names MCS"),
    (no_vendor_is_named, {"src/tokenhouse/a.py": "SOCIAL_ID = 1"}, "src/tokenhouse/a.py:1: names SOCIAL_ID"),
    (no_vendor_is_named, {"src/tokenhouse/yindo.py": ""}, "src/tokenhouse/yindo.py: is named"),
    (
        what_is_public_is_described,
        {"src/tokenhouse/a.py": NAMED + "class A:\n    x = 1\n"},
        "a.py:6: A has no docstring",
    ),
    (what_is_public_is_described, {"src/tokenhouse/a.py": "async def f(): pass"}, "a.py:1: f has no docstring"),
    (no_error_is_swallowed, {"src/tokenhouse/a.py": "try:\n  f()\nexcept Exception:\n  pass"}, "a.py:3: swallows"),
    (no_error_is_swallowed, {"src/tokenhouse/a.py": "try:\n  f()\nexcept:\n  ..."}, "a.py:3: swallows"),
    (
        no_error_is_swallowed,
        {"src/tokenhouse/a.py": "try:\n  f()\nexcept (A, BaseException):\n  pass"},
        "a.py:3: swallows",
    ),
    (no_error_is_swallowed, {"src/tokenhouse/a.py": "with contextlib.suppress(Exception):\n  f()"}, "a.py:1: swallows"),
]
GOOD: dict[str, str] = {
    "src/tokenhouse/__init__.py": "'''One.\n\nTwo.\n'''",
    "src/tokenhouse/a.py": "TABLE = {\n"
    + "  1: 2,\n" * 400
    + "}\n\n\ndef f():\n    '''Say.\n"
    + "\n" * 50
    + "    '''\n    f()\n",
    "src/tokenhouse/b.py": "try:\n  f()\nexcept ValueError:\n  pass\nwith suppress(OSError):\n  f()\n\n\ndef _g(): tcmcsx = socialidea = 1",
    "src/tokenhouse/__main__.py": "",
    "tests/test_a.py": "def test_a(): pass",
    "tests/test_b.py": "class TestB:\n    async def test_b(self): pass",
    "tests/test_main.py": "def test_a(): pass",
    "src/tokenhouse/sql/migrations/env.py": "",
    "src/tokenhouse/sql/__init__.py": "'''One.\n\nTwo.\n'''",
}
CHECKS = sorted({check for check, _, _ in BAD}, key=lambda check: check.__name__)


@pytest.mark.parametrize("check", CHECKS)
def test_the_house(check: Check, root: Path) -> None:
    findings = list(check(root))
    assert not findings, "\n".join(findings)


@pytest.mark.parametrize("check", CHECKS)
def test_a_good_tree_passes(check: Check, plant: Callable[[dict[str, str]], Path]) -> None:
    assert list(check(plant(GOOD))) == []


@pytest.mark.parametrize(("check", "files", "expected"), BAD)
def test_a_bad_tree_fails(
    check: Check, files: dict[str, str], expected: str, plant: Callable[[dict[str, str]], Path]
) -> None:
    (finding,) = check(plant(files))
    assert expected in finding
