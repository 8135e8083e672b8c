"""Assemble CHANGELOG.md from the fragments in changelog.d.

python scripts/changelog.py                  print what the next release would say
python scripts/changelog.py release 0.2.0    write it and remove the fragments
"""

import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
KINDS = ("added", "changed", "deprecated", "removed", "fixed", "security")
MARKER = "<!-- releases -->\n"
_NAME = re.compile(rf"(?P<issue>[0-9]+)(?:\.[0-9]+)?\.(?P<kind>{'|'.join(KINDS)})\.md")
_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+(?:(?:a|b|rc)[0-9]+)?")
_WIDTH = 120


class Fragment(NamedTuple):
    """One change, for the people who use the server."""

    kind: str
    issue: int
    text: str


def fault(name: str, text: str) -> str:
    """Return what is wrong with a fragment, empty if nothing is."""
    if _NAME.fullmatch(name) is None:
        return f"is not named ISSUE.KIND.md or ISSUE.N.KIND.md, KIND one of {', '.join(KINDS)}"
    if not text.strip() or "\n\n" in text.strip() or text.lstrip().startswith(("-", "*", "#")):
        return "is not one paragraph of plain text"
    if not text.rstrip().endswith(".") or not text.lstrip()[0].isupper():
        return "is not made of whole sentences"
    if any(len(line) > _WIDTH for line in text.splitlines()):
        return f"has a line of more than {_WIDTH} characters"
    return ""


def read_fragments(directory: Path) -> list[Fragment]:
    """Return all fragments, by kind and issue.

    Raises:
        ValueError: one of them is malformed.

    """
    fragments = []
    for path in sorted(directory.glob("*")):
        if path.name == "README.md":
            continue
        text = path.read_text(encoding="utf-8")
        wrong = fault(path.name, text)
        match = _NAME.fullmatch(path.name)
        if wrong or match is None:
            raise ValueError(f"{path.name} {wrong}")
        fragments.append(Fragment(match["kind"], int(match["issue"]), " ".join(text.split())))
    return sorted(fragments, key=lambda each: (KINDS.index(each.kind), each.issue))


def section(title: str, fragments: list[Fragment]) -> str:
    """Return a release's part of the changelog."""
    lines = [f"## {title}", ""]
    for kind in KINDS:
        changes = [f"- {each.text} (#{each.issue})" for each in fragments if each.kind == kind]
        lines += [f"### {kind.capitalize()}", "", *changes, ""] if changes else []
    return "\n".join(lines)


def release(root: Path, version: str, day: str) -> None:
    """Write a release into CHANGELOG.md and remove its fragments.

    Raises:
        ValueError: the version is none, is there already, or nothing has changed.

    """
    changelog, directory = root / "CHANGELOG.md", root / "changelog.d"
    before, marker, after = changelog.read_text(encoding="utf-8").partition(MARKER)
    fragments = read_fragments(directory)
    if _VERSION.fullmatch(version) is None or f"## {version} " in after:
        raise ValueError(f"{version} is no version, or was released before")
    if not marker or not fragments:
        raise ValueError("there is nothing to release")
    text = section(f"{version} - {day}", fragments)
    changelog.write_text(f"{before}{marker}\n{text}{after.lstrip() and after}", encoding="utf-8")
    for path in directory.glob("*.md"):
        if path.name != "README.md":
            path.unlink()


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Do what the command line asks for; return the exit status."""
    try:
        match arguments:
            case []:
                print(section("Unreleased", read_fragments(root / "changelog.d")))
            case ["release", version]:
                release(root, version, datetime.now(UTC).date().isoformat())
            case _:
                print(__doc__, file=sys.stderr)
                return 2
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
