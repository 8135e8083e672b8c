"""What a good token says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NoReturn

from tokenhouse_verify.credential import STANDARD, Kind


@dataclass(frozen=True, slots=True)
class Token:
    """A token, a client's pair or a device's key that was found good; it does not hold the secret itself.

    ``sub`` is None where the contract names no person, ``expires_at`` None where introspection names no end. ``kind``
    says what was presented, ``contract`` in whose way; ``device`` is whose key it was.
    """

    sub: str | None
    client_id: str | None
    scope: tuple[str, ...]
    expires_at: datetime | None
    claims: Mapping[str, Any] = field(repr=False, hash=False)
    kind: Kind = "token"
    device: str | None = None
    contract: str = STANDARD

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> NoReturn:
        """Refuse to be read from a request: a parameter whose dependency was forgotten would be a body to FastAPI.

        Raises:
            TypeError: always, when the endpoint is defined.

        """
        raise TypeError("a Token comes from require(...), never from what a caller sends: were the brackets forgotten?")
