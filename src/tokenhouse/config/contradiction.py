"""What is wrong with settings that are sound one by one."""

from __future__ import annotations

from typing import NamedTuple

from tokenhouse.written.marks import Keys


class Contradiction(NamedTuple):
    """A sentence, and the settings it is about, the most likely culprit first."""

    about: tuple[Keys, ...]
    message: str
    hint: str = ""
