"""Functions on text and numbers; each answers ``ABSENT`` where it does not apply."""

from __future__ import annotations

from typing import Any, Final

from tokenhouse.wire.dialect.values import ABSENT, INTEGER_LIMIT, LIST_LIMIT, TEXT_LIMIT, Fault, bounded, text_of

_BASE_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_PADDING_LIMIT: Final = 1_000


def replace(text: str, old: str, new: str) -> str:
    """Return ``text`` with every ``old`` replaced; an empty ``old`` changes nothing."""
    if not old:
        return text
    if len(text) + text.count(old) * len(new) > 2 * TEXT_LIMIT:
        msg = "a text became too long"
        raise Fault(msg)
    return bounded(text.replace(old, new))


def split(text: str, separator: str) -> Any:
    """Return the parts of ``text`` between separators."""
    return text.split(separator) if separator and text.count(separator) < LIST_LIMIT else ABSENT


def words(text: str) -> Any:
    """Return the words of ``text``, separated by any white space."""
    found = text.split()
    return found if len(found) <= LIST_LIMIT else ABSENT


def join(items: list[Any], separator: str) -> str:
    """Return the items as one text."""
    if len(items) * len(separator) > TEXT_LIMIT:
        msg = "a text became too long"
        raise Fault(msg)
    return bounded(separator.join(text_of(item) for item in items))


def before(text: str, separator: str) -> Any:
    """Return what stands before the first ``separator``."""
    head, found, _ = text.partition(separator) if separator else ("", "", "")
    return head if found else ABSENT


def after(text: str, separator: str) -> Any:
    """Return what stands behind the first ``separator``."""
    _, found, tail = text.partition(separator) if separator else ("", "", "")
    return tail if found else ABSENT


def before_last(text: str, separator: str) -> Any:
    """Return what stands before the last ``separator``."""
    head, found, _ = text.rpartition(separator) if separator else ("", "", "")
    return head if found else ABSENT


def after_last(text: str, separator: str) -> Any:
    """Return what stands behind the last ``separator``."""
    _, found, tail = text.rpartition(separator) if separator else ("", "", "")
    return tail if found else ABSENT


def strip_prefix(text: str, prefix: str) -> Any:
    """Return ``text`` without ``prefix``."""
    return text[len(prefix) :] if text.startswith(prefix) else ABSENT


def pad_left(text: str, length: int, character: str) -> Any:
    """Return ``text`` filled from the left to ``length`` characters."""
    if len(character) != 1 or not 0 <= length <= _PADDING_LIMIT:
        return ABSENT
    return text.rjust(length, character)


def as_text(value: Any) -> Any:
    """Return a number or a boolean as text, on purpose."""
    return text_of(value) if isinstance(value, str | int | float) else ABSENT


def integer(value: Any, base: int = 10) -> Any:
    """Return the integer that a text spells: digits with an optional minus, nothing else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if not isinstance(value, str) or not 2 <= base <= len(_BASE_DIGITS) or len(value) > 64:  # noqa: PLR2004
        return ABSENT
    digits = value.removeprefix("-").lower()
    if not digits or any(digit not in _BASE_DIGITS[:base] for digit in digits):
        return ABSENT
    number = int(value, base)
    return number if abs(number) < INTEGER_LIMIT else ABSENT


def in_base(number: int, base: int) -> Any:
    """Return ``number`` written in another base, lower case."""
    if not 2 <= base <= len(_BASE_DIGITS):  # noqa: PLR2004
        return ABSENT
    rest, digits = abs(number), ""
    while rest:
        rest, digit = divmod(rest, base)
        digits = _BASE_DIGITS[digit] + digits
    return ("-" if number < 0 else "") + (digits or "0")


def smallest(items: list[Any]) -> Any:
    """Return the smallest of a list of integers."""
    return min(items) if items and all(type(item) is int for item in items) else ABSENT


def largest(items: list[Any]) -> Any:
    """Return the largest of a list of integers."""
    return max(items) if items and all(type(item) is int for item in items) else ABSENT


def length(value: Any) -> Any:
    """Return how many characters, bytes, items or members there are."""
    return len(value) if isinstance(value, str | bytes | list | tuple | dict) else ABSENT
