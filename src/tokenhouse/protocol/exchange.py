"""One HTTP exchange as the rooms see it: no framework's types, bytes in and bytes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(slots=True)
class HttpRequest:
    """A whole request.

    ``headers`` have lower-case names, in the order in which they came. ``path`` is decoded, without any mount prefix;
    ``query`` is raw. ``source`` is the client's address as far as it can be trusted, else empty. ``secure`` says that
    the call came over TLS (or from a trusted proxy that says so). ``certificate`` is that of the client in DER, as TLS
    has verified it; nobody can forward one.
    """

    method: str
    path: str
    query: str
    headers: Headers
    body: bytes
    id: str
    now: datetime
    source: str = ""
    host: str = ""
    secure: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)
    certificate: bytes | None = None

    def header(self, name: bytes) -> bytes | None:
        """Return the value of the only header of that lower-case name, None if absent; the first if repeated."""
        for key, value in self.headers:
            if key == name:
                return value
        return None


@dataclass(slots=True)
class HttpAnswer:
    """A whole answer; the door adds the headers that every answer carries."""

    status: int
    headers: Headers
    body: bytes
