"""What an operation answers when it does not do what was asked: a closed hierarchy, told the same way everywhere."""

from __future__ import annotations

from typing import ClassVar


class ManagementError(Exception):
    """An operation that was not done.

    Args:
        message: what happened, for the operator to read.
        hint: what to do next; empty if unknown.

    """

    code: ClassVar[str]
    status: ClassVar[int]

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class NotFound(ManagementError):
    """What was named does not exist."""

    code = "not_found"
    status = 404


class AlreadyExists(ManagementError):
    """The name is taken."""

    code = "already_exists"
    status = 409


class Unusable(ManagementError):
    """The input cannot be used; nothing was changed."""

    code = "unusable"
    status = 422


class Unavailable(ManagementError):
    """The store cannot take the change now; nothing was changed."""

    code = "unavailable"
    status = 503
