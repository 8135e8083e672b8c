"""The codes of configuration problems, as the documentation lists them."""

from __future__ import annotations

from typing import Final

UNKNOWN: Final = "TH-C001"
"""A key, or a variable of the environment, that no setting has."""

WRONG: Final = "TH-C002"
"""A value that its setting does not take."""

MISSING: Final = "TH-C003"
"""A setting without a default that nobody gave."""

CONTRADICTION: Final = "TH-C004"
"""Two settings that do not go together."""

UNREADABLE: Final = "TH-C005"
"""A file that cannot be read."""
