"""The rules of the house for everything else that is written: no loose ends, links that lead somewhere, shaped records."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

Check = Callable[[Path], Iterator[str]]

NOT_OURS = {
    ".git",
    ".venv",
    ".tools",
    ".demo",
    ".bench",
    ".cache",
    "__pycache__",
    "dist",
    "build",
    "htmlcov",
    "node_modules",
}
CACHES = re.compile(r"\.[a-z_]+_cache|\.hypothesis|\.coverage.*")
# Put together here, so that this file does not find itself.
LOOSE_END = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
MACHINE = re.compile(r"(?<![\w.$}~-])/(?:work|tmp|home|root|Users)/[\w.]|\.\./" + r"shared\b")
INDEX = re.compile(r"https?://(?!pypi\.org/simple\"|files\.pythonhosted\.org/)[^\"]*")
LINK = re.compile(r"\[[^\]\n]*\]\((?P<target>[^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
MAKE = re.compile(r"(?:^[ \t]*(?:\$ )?|`)make (?P<target>[a-z]+)", re.MULTILINE)
TARGET = re.compile(r"^(?P<name>[a-z]+):.*## ", re.MULTILINE)
RECORD = re.compile(r"(?P<number>[0-9]{3})-[a-z0-9]+(?:-[a-z0-9]+)*\.md")
SHAPE = ["# {number}. ", "## Status", "## Context", "## Decision", "## Consequences"]
STATUS = re.compile(r"## Status\n\n(?:Proposed|Accepted|Rejected|Superseded by [0-9]{3})\b")


def texts(root: Path, pattern: str = "*") -> Iterator[tuple[Path, str]]:
    """Yield every text file of the repository, without what tools leave behind."""
    for path in sorted(root.rglob(pattern)):
        parts = path.relative_to(root).parts
        if path.is_dir() or any(part in NOT_OURS or CACHES.fullmatch(part) for part in parts):
            continue
        try:
            yield path, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # an image, a font


def found(root: Path, pattern: re.Pattern[str]) -> Iterator[str]:
    for path, text in texts(root):
        for number, line in enumerate(text.splitlines(), 1):
            if path.name != "uv.lock" and (match := pattern.search(line)):
                yield f"{path.relative_to(root)}:{number}: {match[0]}"


def nothing_is_left_to_do(root: Path) -> Iterator[str]:
    yield from found(root, LOOSE_END)


def no_machine_is_named(root: Path) -> Iterator[str]:
    yield from found(root, MACHINE)


def packages_come_from_the_public_index(root: Path) -> Iterator[str]:
    for path, text in texts(root, "uv.lock"):
        yield from (f"{path.relative_to(root)}: {other}" for other in INDEX.findall(text))


def links_lead_somewhere(root: Path) -> Iterator[str]:
    for path, text in texts(root, "*.md"):
        for match in LINK.finditer(FENCE.sub("", text)):
            place, _, anchor = match["target"].partition("#")
            if re.match(r"[a-z]+:", place):
                continue
            target = path.parent / unquote(place) if place else path
            if not target.exists():
                yield f"{path.relative_to(root)}: {match['target']} leads nowhere"
            elif anchor and anchor not in anchors(target.read_text(encoding="utf-8")):
                yield f"{path.relative_to(root)}: {match['target']} has no such heading"


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#{1,6} (.+)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def make_has_the_targets_that_are_written_about(root: Path) -> Iterator[str]:
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    targets = {match["name"] for match in TARGET.finditer(makefile)}
    for path, text in texts(root, "*.md"):
        for name in sorted({match["target"] for match in MAKE.finditer(text)} - targets):
            yield f"{path.relative_to(root)}: make {name} does not exist"


def decisions_are_numbered_and_shaped(root: Path) -> Iterator[str]:
    folder = root / "docs/decisions"
    names = sorted(path.name for path in folder.glob("*.md") if path.name != "README.md")
    index = (folder / "README.md").read_text(encoding="utf-8")
    for number, name in enumerate(names):
        text = (folder / name).read_text(encoding="utf-8")
        headings = [line for line in text.splitlines() if line.startswith(("# ", "## "))]
        shape = [each.format(number=f"{number:03}") for each in SHAPE]
        if RECORD.fullmatch(name) is None or int(name[:3]) != number:
            yield f"{name}: is not number {number:03} of the records, or not named NNN-title.md"
        elif len(headings) != len(shape) or not all(map(str.startswith, headings, shape)):
            yield f"{name}: its headings are not {', '.join(shape)}"
        elif not STATUS.search(text):
            yield f"{name}: its status is not one of ours"
        elif f"]({name})" not in index:
            yield f"{name}: is not in the list of README.md"


def record(number: str, status: str = "Accepted") -> str:
    return f"# {number}. Title\n\n## Status\n\n{status}\n\n## Context\n\n## Decision\n\n## Consequences\n"


TO_DO = "TO" + "DO"
HERE = "/wo" + "rk/main"
DECISIONS = "docs/decisions"
GOOD: dict[str, str] = {
    "README.md": (
        "# The title\n[a](docs/a.md#a-heading-of-its-own) [b](https://example.com/x#y) [c](#the-title) [d](docs)\n"
        "Run `make demo`.\n```\n$ make demo\n[x](nowhere)\n```\nSo make sure; these make sense.\n"
    ),
    "docs/a.md": "## A `heading`, of its own!\n[up](../README.md)\n",
    "Makefile": "demo: setup ## Start\n",
    "uv.lock": 'registry = "https://pypi.org/simple"\nurl = "https://files.pythonhosted.org/a.whl"\n',
    f"{DECISIONS}/README.md": "[0](000-template.md) [1](001-one-row.md)",
    f"{DECISIONS}/000-template.md": record("000"),
    f"{DECISIONS}/001-one-row.md": record("001", "Superseded by 002"),
    ".venv/README.md": f"{TO_DO} [a](b)",
    ".mypy_cache/a.md": HERE,
    "page.html": "https://example.com/work/a ~/work/x.y",
}
BAD: list[tuple[Check, dict[str, str], str]] = [
    (nothing_is_left_to_do, {"src/a.py": f"x = 1\n# {TO_DO}: more"}, f"src/a.py:2: {TO_DO}"),
    (no_machine_is_named, {"docs/b.md": f"see {HERE}"}, f"docs/b.md:1: {HERE[:7]}"),
    (no_machine_is_named, {"docs/b.md": "see ../" + "shared/design"}, "docs/b.md:1: ../"),
    (packages_come_from_the_public_index, {"uv.lock": 'url = "https://mirror.example/a"'}, "uv.lock: https://mirror"),
    (
        packages_come_from_the_public_index,
        {"uv.lock": 'r = "https://pypi.org/simple/x"'},
        "uv.lock: https://pypi.org/s",
    ),
    (links_lead_somewhere, {"docs/b.md": "[a](c.md)"}, "docs/b.md: c.md leads nowhere"),
    (links_lead_somewhere, {"CONTRIBUTING.md": "# A\n[a](#b)"}, "CONTRIBUTING.md: #b has no such heading"),
    (make_has_the_targets_that_are_written_about, {"docs/b.md": "`make dmo`"}, "docs/b.md: make dmo"),
    (make_has_the_targets_that_are_written_about, {"docs/b.md": "```\n  $ make tea\n```"}, "docs/b.md: make tea"),
    (decisions_are_numbered_and_shaped, {f"{DECISIONS}/003-gap.md": record("003")}, "003-gap.md: is not number 002"),
    (decisions_are_numbered_and_shaped, {f"{DECISIONS}/002_a.md": record("002")}, "002_a.md: is not number 002"),
    (decisions_are_numbered_and_shaped, {f"{DECISIONS}/001-one-row.md": "# 001. A\n"}, "001-one-row.md: its headings"),
    (decisions_are_numbered_and_shaped, {f"{DECISIONS}/001-one-row.md": record("002")}, "001-one-row.md: its headings"),
    (decisions_are_numbered_and_shaped, {f"{DECISIONS}/001-one-row.md": record("001", "Maybe")}, "its status is not"),
    (decisions_are_numbered_and_shaped, {f"{DECISIONS}/002-new.md": record("002")}, "002-new.md: is not in the list"),
]
CHECKS = sorted({check for check, _, _ in BAD}, key=lambda check: check.__name__)


@pytest.mark.parametrize("check", CHECKS)
def test_the_house(check: Check, root: Path) -> None:
    findings = list(check(root))
    assert not findings, "\n".join(findings)


@pytest.mark.parametrize("check", CHECKS)
def test_a_good_tree_passes(check: Check, plant: Callable[[dict[str, str]], Path]) -> None:
    tree = plant(GOOD)
    (tree / "image.png").write_bytes(b"\x89PNG\xff")
    assert list(check(tree)) == []


@pytest.mark.parametrize(("check", "files", "expected"), BAD)
def test_a_bad_tree_fails(
    check: Check, files: dict[str, str], expected: str, plant: Callable[[dict[str, str]], Path]
) -> None:
    (finding,) = check(plant({**GOOD, **files}))
    assert expected in finding
