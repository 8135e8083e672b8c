"""What a good token says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Token:
    """A token that was found good; it does not hold the token itself.

    ``sub`` is None where the contract names no person, ``expires_at`` None where introspection names no end.
    """

    sub: str | None
    client_id: str | None
    scope: tuple[str, ...]
    expires_at: datetime | None
    claims: Mapping[str, Any] = field(repr=False, hash=False)
