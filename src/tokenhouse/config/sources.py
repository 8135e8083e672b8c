"""Where a value came from, and how a problem points there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from tokenhouse.written.document import Document
from tokenhouse.written.marks import Keys
from tokenhouse.written.position import Position
from tokenhouse.written.problem import Problem

DEFAULT = "default"
ENVIRONMENT = "environment"


class Source(Protocol):
    """A place that gives values."""

    @property
    def is_text(self) -> bool:
        """Whether values are bare text instead of TOML values."""
        ...

    def origin(self, keys: Keys) -> str:
        """Return what ``config show --origin`` says of a value."""
        ...

    def problem(self, keys: Keys, message: str, code: str, hint: str = "") -> Problem:
        """Return a problem that points at a value."""
        ...


@dataclass(frozen=True, slots=True)
class FileSource:
    """A TOML document; its values have TOML types. ``moved`` names the place when the text is no file."""

    document: Document
    moved: str = ""
    is_text: bool = False

    def origin(self, keys: Keys) -> str:
        """Return ``file:line``."""
        return self.moved or f"{self.document.path}:{self.document.position(keys).line}"

    def problem(self, keys: Keys, message: str, code: str, hint: str = "") -> Problem:
        """Return a problem at the key's line and column."""
        return self.document.problem(keys, message, code=code, hint=hint)


@dataclass(frozen=True, slots=True)
class TextSource:
    """An environment variable or a file with one value; the value is text."""

    label: str
    is_text: bool = True

    def origin(self, keys: Keys) -> str:  # noqa: ARG002  it holds one value, whatever its key
        """Return the label itself."""
        return self.label

    def problem(self, keys: Keys, message: str, code: str, hint: str = "") -> Problem:
        """Return a problem at the beginning of the text, naming the setting because the text does not."""
        return Problem(code, self.label, Position(1, 1), f"{dotted(keys)}: {message}", hint)


@dataclass(frozen=True, slots=True)
class Given:
    """A value with its source."""

    value: Any
    source: Source


def dotted(keys: Keys) -> str:
    """Return the name of a setting, such as ``tokens.access_ttl`` or ``mount.0.dialect``."""
    return ".".join(map(str, keys))
