"""The README's code runs as it stands, from top to bottom."""

import re
from pathlib import Path

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


async def test_every_block_runs():
    assert len(BLOCKS) >= 4
    names: dict[str, object] = {"__name__": "readme"}
    for block in BLOCKS:
        exec(compile(block, "README.md", "exec"), names)
    await names["test_orders"]()


def test_every_block_is_marked():
    assert README.count("```") == 2 * len(re.findall(r"^```(?:python|sh)$", README, flags=re.MULTILINE))
