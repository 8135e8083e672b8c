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
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
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
        if value is not None and (len(value) > LONGEST_NAME or _UNPRINTABLE.search(value)):
            return Flaw(field, f"the {field} is longer than {LONGEST_NAME} characters, or not printable")
    if not (username or email or phone):
        return Flaw("username", "nothing names this person", "give a user name, an e-mail address or a phone number")
    if username and "@" in canonical(IdentifierKind.USERNAME, username):
        return Flaw("username", "a user name must not contain @: it would look like somebody's e-mail address")
    if email and "@" not in canonical(IdentifierKind.EMAIL, email):
        return Flaw("email", "an e-mail address contains @")
    for kind, value in (("username", username), ("email", email), ("phone", phone)):
        if value is not None and not canonical(IdentifierKind(kind), value):
            return Flaw(kind, f"the {kind} is blank")
    return None


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
