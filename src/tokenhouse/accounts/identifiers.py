"""One canonical form of each name that a person goes by; uniqueness and lookup use nothing else."""

from __future__ import annotations

import unicodedata

from tokenhouse.model.records import Account
from tokenhouse.protocol.messages import Identifier
from tokenhouse.protocol.names import IdentifierKind

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


def names(account: Account) -> tuple[tuple[str, str], ...]:
    """Return every (kind, canonical form) that an account occupies."""
    given = (
        (IdentifierKind.USERNAME, account.username),
        (IdentifierKind.EMAIL, account.email),
        (IdentifierKind.PHONE, account.phone),
    )
    return tuple((kind.value, canonical(kind, value)) for kind, value in given if value)
