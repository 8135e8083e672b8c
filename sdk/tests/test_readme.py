"""The README's code runs as it stands, from top to bottom, with the issuer that its settings name."""

import inspect
import re
import tomllib
from pathlib import Path

import pytest

from tokenhouse_verify.testing import Issuer

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(python|json|toml)\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture
def described(tmp_path, monkeypatch):
    """The folder that a reader would be in, with the description that the README shows."""
    (description,) = (text for kind, text in BLOCKS if kind == "json")
    (tmp_path / "acme.json").write_text(description, encoding="utf-8")
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("described")
async def test_every_block_runs():
    (settings,) = (tomllib.loads(text)["tool"]["pytest"]["ini_options"] for kind, text in BLOCKS if kind == "toml")
    names: dict[str, object] = {"__name__": "readme"}
    run = []
    with Issuer(settings["tokenhouse_issuer"], audience=settings["tokenhouse_audience"]).in_process() as issuer:
        for text in (text for kind, text in BLOCKS if kind == "python"):
            exec(compile(text, "README.md", "exec"), names)
            for name in [name for name in names if name.startswith("test_")]:
                run.append(name)
                test = names.pop(name)
                found = test(issuer) if inspect.signature(test).parameters else test()
                if inspect.isawaitable(found):
                    await found
        assert (await names["who"]([]))[0] == 401
    assert run == ["test_data", "test_orders"]


def test_every_block_is_marked():
    assert README.count("```") == 2 * len(re.findall(r"^```(?:python|json|toml|sh)$", README, flags=re.MULTILINE))
