"""The changelog is made of fragments, each a paragraph of whole sentences."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

Script = Callable[[str], ModuleType]
Plant = Callable[[dict[str, str]], Path]

HEAD = "# Changelog\n\n<!-- releases -->\n"
FRAGMENTS = {
    "CHANGELOG.md": HEAD,
    "changelog.d/README.md": "# About",
    "changelog.d/12.added.md": "Two words\nfor it.\n",
    "changelog.d/3.security.md": "Safer.\n",
    "changelog.d/3.2.added.md": "More.\n",
}
SECTION = "### Added\n\n- More. (#3)\n- Two words for it. (#12)\n\n### Security\n\n- Safer. (#3)\n"


def test_the_fragments_of_the_house_are_well_formed(root: Path, script: Script) -> None:
    assert script("changelog").main([]) == 0
    assert "<!-- releases -->\n" in (root / "CHANGELOG.md").read_text()


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("2.new.md", "Good.", "is not named"),
        ("two.added.md", "Good.", "is not named"),
        ("2.added.txt", "Good.", "is not named"),
        ("2.added.md", "", "one paragraph"),
        ("2.added.md", "One.\n\nTwo.", "one paragraph"),
        ("2.added.md", "- One.", "one paragraph"),
        ("2.added.md", "one.", "whole sentences"),
        ("2.added.md", "One", "whole sentences"),
        ("2.added.md", "O" * 120 + ".", "120 characters"),
    ],
)
def test_a_malformed_fragment_is_refused(name: str, text: str, why: str, script: Script, plant: Plant, capsys) -> None:
    tree = plant({"CHANGELOG.md": HEAD, f"changelog.d/{name}": text})
    assert script("changelog").main([], tree) == 1
    told = capsys.readouterr().err
    assert told.startswith(name)
    assert why in told


def test_the_next_release_is_shown_by_kind_and_issue(script: Script, plant: Plant, capsys) -> None:
    assert script("changelog").main([], plant(FRAGMENTS)) == 0
    assert capsys.readouterr().out == f"## Unreleased\n\n{SECTION}\n"


def test_a_release_takes_the_fragments_along(script: Script, plant: Plant) -> None:
    changelog, tree = script("changelog"), plant(FRAGMENTS)
    changelog.release(tree, "0.1.0", "2026-11-20")
    first = f"{HEAD}\n## 0.1.0 - 2026-11-20\n\n{SECTION}"
    assert (tree / "CHANGELOG.md").read_text() == first
    assert [path.name for path in (tree / "changelog.d").iterdir()] == ["README.md"]
    plant({"changelog.d/4.fixed.md": "Mended."})
    changelog.release(tree, "0.2.0", "2026-12-01")
    second = f"{HEAD}\n## 0.2.0 - 2026-12-01\n\n### Fixed\n\n- Mended. (#4)\n"
    assert (tree / "CHANGELOG.md").read_text() == second + first.removeprefix(HEAD)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [(["release", "next"], 1), (["release", "0.1.0"], 1), (["release"], 2), (["-h"], 2)],
)
def test_what_cannot_be_released_is_refused(arguments: list[str], status: int, script: Script, plant: Plant) -> None:
    tree = plant({**FRAGMENTS, "CHANGELOG.md": f"{HEAD}\n## 0.1.0 - 2026-11-20\n"})
    assert script("changelog").main(arguments, tree) == status
    assert (tree / "changelog.d/12.added.md").exists()


def test_nothing_to_release_is_refused(script: Script, plant: Plant, capsys) -> None:
    tree = plant({"CHANGELOG.md": HEAD, "changelog.d/README.md": ""})
    assert script("changelog").main(["release", "0.1.0"], tree) == 1
    assert "nothing to release" in capsys.readouterr().err


def test_today_is_the_day_of_a_release(script: Script, plant: Plant) -> None:
    tree = plant(FRAGMENTS)
    assert script("changelog").main(["release", "0.1.0rc1"], tree) == 0
    assert "## 0.1.0rc1 - 20" in (tree / "CHANGELOG.md").read_text()
