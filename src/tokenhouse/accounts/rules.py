"""What a name and a chosen password must be like, said once for operators, contracts and people themselves."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from tokenhouse.accounts.hashing import LONGEST_BYTES
from tokenhouse.accounts.identifiers import canonical
from tokenhouse.protocol.names import IdentifierKind
from tokenhouse.protocol.secret import Secret

LONGEST_NAME = 200
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Categories of what is not seen, or turns the text around it: one name could be written to look like another."""
_BLANKS = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and symbols that are nothing but space."""
_JOINERS = "\u200c\u200d"
"""Invisible, and part of how some languages are written; between Latin letters they do nothing but hide."""
_ADDRESS = re.compile(r"[^\s<>]+@[^\s<>@]+")
_SURROGATE = re.compile("[\ud800-\udfff]")


class Flaw(NamedTuple):
    """What is wrong with a value: ``field`` is username, email, phone, name or password."""

    field: str
    text: str
    hint: str = ""


def find_name_flaw(username: str | None, email: str | None, phone: str | None, name: str | None = None) -> Flaw | None:
    """Return what is wrong with the names of a person, None if they can be a person's."""
    given = {"username": username, "email": email, "phone": phone, "name": name}
    for field, value in given.items():
        if value is not None and (len(value) > LONGEST_NAME or not is_plain(value)):
            return Flaw(field, f"the {field} is longer than {LONGEST_NAME} characters, or not all of it can be seen")
    if not (username or email or phone):
        return Flaw("username", "nothing names this person", "give a user name, an e-mail address or a phone number")
    if username and "@" in canonical(IdentifierKind.USERNAME, username):
        return Flaw("username", "a user name must not contain @: it would look like somebody's e-mail address")
    if email and _ADDRESS.fullmatch(canonical(IdentifierKind.EMAIL, email)) is None:
        return Flaw("email", "an e-mail address contains @ between a name and a domain, and no space")
    for kind, value in (("username", username), ("email", email), ("phone", phone)):
        if value is not None and not canonical(IdentifierKind(kind), value):
            return Flaw(kind, f"the {kind} is blank")
    return None


def is_plain(text: str) -> bool:
    """Return whether all of a name can be seen, and none of it turns the text around it."""
    seen = "".join(character for character in text if character not in _JOINERS)
    if seen != text and seen.isascii():
        return False
    return all(character not in _BLANKS and unicodedata.category(character) not in _INVISIBLE for character in seen)


def find_password_flaw(password: Secret, least: int, names: Iterable[str | None] = ()) -> Flaw | None:
    """Return what is wrong with a password that is chosen here and now; ``least`` is in characters.

    ``names`` are what the person is called: no password is one of them.
    """
    text = unicodedata.normalize("NFKC", password.reveal())
    if _SURROGATE.search(text):
        return Flaw("password", "the password is no text that can be typed again")
    if len(text) < least:
        return Flaw("password", f"the password is shorter than {least} characters", "a few words in a row do well")
    if len(text.encode()) > LONGEST_BYTES:
        return Flaw("password", f"the password is longer than {LONGEST_BYTES} bytes")
    if any(name and canonical(IdentifierKind.LOGIN, name) == canonical(IdentifierKind.LOGIN, text) for name in names):
        return Flaw("password", "the password is a name of the person", "a few words in a row do well")
    return None
