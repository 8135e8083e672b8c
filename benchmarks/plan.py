"""What a load driver is told, and what it tells: values that travel as JSON between processes."""

from __future__ import annotations

import msgspec
from watching import Shares

FOREIGN_LIMIT = 0.15
"""A slice during which others used more than this share of a processor is taken again, ``tries`` times in all."""


class Rotation(msgspec.Struct):
    """A closed pool of tokens that work once: each request takes one, each 200 puts its successor back.

    ``before`` and ``after`` are the bytes of the request around the token; all tokens have the same length.
    """

    before: bytes
    after: bytes
    tokens: list[str]
    member: str = "refresh_token"


class Stream(msgspec.Struct):
    """Requests of one kind. ``per_second`` None: closed loop, each connection sends as soon as it was answered."""

    name: str
    connections: int
    requests: list[bytes] = []
    per_second: float | None = None
    rotation: Rotation | None = None


class Plan(msgspec.Struct):
    """One slice of load: ``lead_seconds`` that do not count, then ``seconds`` that do. The server is watched.

    ``background``: another driver on this processor goes first, so that its figures are the server's.
    """

    port: int
    seconds: float
    streams: list[Stream]
    lead_seconds: float = 0.2
    host: str = "127.0.0.1"
    server_pid: int | None = None
    background: bool = False


class Timing(msgspec.Struct):
    """How many answers there were, and how long they took in milliseconds."""

    count: int
    p50: float
    p99: float


class Outcome(msgspec.Struct):
    """What came of a stream: all answers inside the window, and by status. ``tokens`` is what the pool holds now."""

    name: str
    seconds: float
    all: Timing
    by_status: dict[int, Timing]
    starved: int
    lost: int
    shares: Shares
    tokens: list[str] = []

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.all.count / self.seconds

    @property
    def bad(self) -> int:
        """Answers that were not 2xx."""
        return sum(timing.count for status, timing in self.by_status.items() if status // 100 != 2)

    @property
    def is_void(self) -> bool:
        """Whether something happened that a figure must not hide."""
        return bool(self.bad or self.starved or self.lost) or not self.all.count
