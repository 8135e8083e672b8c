"""What a request presents: a token, or what a contract's APIs take in place of one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, get_args

Kind = Literal["token", "client_secret", "device_key"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
STANDARD: Final = "standard"
"""The contract of RFC 6750: the name that is counted and kept where no dialect speaks."""


@dataclass(frozen=True, slots=True)
class Credential:
    """What was found in a request; nothing in it is proven.

    ``id`` is what was said beside the secret: the client's id, the device's. ``contract`` is whose way was used.
    """

    kind: Kind
    value: str = field(repr=False)
    id: str | None = None
    contract: str = STANDARD
