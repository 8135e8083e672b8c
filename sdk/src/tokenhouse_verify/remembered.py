"""A few answers, remembered for a few seconds: bounded in number, and shared by all threads."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Remembered(Generic[Value]):
    """Values by digest, each until its end; the oldest one goes first. ``clock`` counts seconds."""

    def __init__(self, size: int, clock: Callable[[], float]) -> None:
        self._size = size
        self._clock = clock
        self._lock = threading.Lock()
        self._held: OrderedDict[bytes, tuple[float, Value]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._held)

    def find(self, digest: bytes) -> Value | None:
        """Return what is remembered, None if nothing is, or not any more."""
        with self._lock:
            entry = self._held.get(digest)
            if entry is None or self._clock() < entry[0]:
                return None if entry is None else entry[1]
            del self._held[digest]
            return None

    def keep(self, digest: bytes, value: Value, seconds: float) -> None:
        """Remember ``value`` for so long; not at all if that is no time."""
        if seconds <= 0:
            return
        with self._lock:
            self._held[digest] = (self._clock() + seconds, value)
            self._held.move_to_end(digest)
            while len(self._held) > self._size:
                self._held.popitem(last=False)
