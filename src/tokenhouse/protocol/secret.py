"""A value that must not be seen: passwords, client secrets, tokens on their way in."""

from __future__ import annotations


class Secret:
    """Text that reaches no log, no exception and no test name by accident.

    It has no useful ``repr`` and no ``==``; comparison is the business of whoever holds the verifier.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself; every call is a place to look at in a review."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __reduce__(self) -> str:
        msg = "a secret is not pickled"
        raise TypeError(msg)
