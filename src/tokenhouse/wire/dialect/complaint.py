"""What the loader refuses, by code.

A reader of one value raises a ``Complaint`` with an offset inside that value; only the loader knows where the value
stands in the file.
"""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """Stable identities of load problems; the documentation has a section for each."""

    UNKNOWN_KEY = "TH-D002"
    WRONG_KIND = "TH-D003"
    MISSING_KEY = "TH-D004"
    NOT_YET = "TH-D005"
    NEWER_LANGUAGE = "TH-D006"
    BAD_VALUE = "TH-D007"
    SYNTAX = "TH-D010"
    BRACES = "TH-D011"
    UNKNOWN_NAME = "TH-D012"
    UNKNOWN_FUNCTION = "TH-D013"
    TYPE = "TH-D014"
    NOT_ALLOWED = "TH-D015"
    TOO_LARGE = "TH-D016"
    BODY = "TH-D020"
    DUPLICATE_KEY = "TH-D021"
    NOT_A_LIST = "TH-D022"
    FORMATS = "TH-D023"
    SAME_ROUTE = "TH-D030"
    ROUTE = "TH-D031"
    NO_ROLE = "TH-D032"
    ROLE = "TH-D033"
    URL_SECRET = "TH-D034"
    READER = "TH-D035"
    TOKEN_FORM = "TH-D040"
    CLAIMS = "TH-D041"
    NO_DEFAULT = "TH-D050"
    ROW_VARIABLE = "TH-D051"
    UNREACHABLE = "TH-D052"
    NO_BRANCH = "TH-D060"
    TOKEN_NOT_CARRIED = "TH-D061"
    EXAMPLE = "TH-D070"


class Complaint(Exception):
    """One value of the file is refused.

    Args:
        code: which rule.
        message: what was found and what was expected.
        hint: the nearest valid name, or a cure.
        offset: characters from the beginning of the value.

    """

    def __init__(self, code: Code, message: str, *, hint: str = "", offset: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.offset = offset

    def moved(self, offset: int) -> Complaint:
        """Return this complaint, ``offset`` characters further on."""
        return Complaint(self.code, self.message, hint=self.hint, offset=self.offset + offset)
