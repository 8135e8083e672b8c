"""What is wrong with a written text, and where: the sentence a person gets to read."""

from __future__ import annotations

from tokenhouse.written.position import Position


class Problem(Exception):
    """One mistake at one place.

    Args:
        code: stable id that documentation explains, such as ``TH-W001``.
        path: the file's name as it was given.
        position: where to look.
        message: what is wrong there.
        hint: what may have been meant; empty if unknown.

    """

    def __init__(self, code: str, path: str, position: Position, message: str, hint: str = "") -> None:
        super().__init__(code, path, position, message, hint)
        self.code = code
        self.path = path
        self.position = position
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        line, column = self.position
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.path}:{line}:{column}: {self.code} {self.message}{hint}"


class Problems(Exception):
    """Several mistakes, so that a person can mend them in one go."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))
