"""One canonical form of each name that a person goes by; uniqueness and lookup use nothing else."""

from __future__ import annotations

import string
import unicodedata

from tokenhouse.model.records import Account
from tokenhouse.protocol.messages import Identifier
from tokenhouse.protocol.names import IdentifierKind

_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_LOGIN_ORDER = (IdentifierKind.USERNAME, IdentifierKind.EMAIL, IdentifierKind.PHONE)


def canonical(kind: IdentifierKind, value: str) -> str:
    """Return the form under which ``value`` is unique: compatibility-normalised, caseless, without outer space.

    A user id is taken as it is.
    """
    if kind is IdentifierKind.USER_ID:
        return value
    folded = unicodedata.normalize("NFKC", value).casefold()
    return unicodedata.normalize("NFKC", folded).strip()


def candidates(identifier: Identifier) -> list[tuple[IdentifierKind, str]]:
    """Return what a login may mean, in the order in which it is tried."""
    kinds = _LOGIN_ORDER if identifier.kind is IdentifierKind.LOGIN else (identifier.kind,)
    return [(kind, canonical(kind, identifier.value)) for kind in kinds]


def is_same_address(one: str | None, other: str | None) -> bool:
    """Return whether two e-mail addresses are one mailbox for certain: what proves one proves the other.

    The canonical form does not say so. It keeps apart what could be mistaken, and takes ``ß`` for ``ss``: two domains.
    """
    return (one or "").translate(_LOWER) == (other or "").translate(_LOWER)


def names(account: Account) -> tuple[tuple[str, str], ...]:
    """Return every (kind, canonical form) that an account occupies."""
    given = (
        (IdentifierKind.USERNAME, account.username),
        (IdentifierKind.EMAIL, account.email),
        (IdentifierKind.PHONE, account.phone),
    )
    return tuple((kind.value, canonical(kind, value)) for kind, value in given if value)


def alike(account: Account) -> tuple[tuple[str, str, str], ...]:
    """Return (own kind, other kind, canonical form): nobody else may go by that form under the other kind.

    Who calls himself by somebody's phone number would be taken for him wherever any name will do.
    """
    return tuple((kind, also, name) for kind, name in names(account) for also in _ALIKE[kind])


_ALIKE = {"username": ("username", "phone"), "email": ("email",), "phone": ("phone", "username")}
