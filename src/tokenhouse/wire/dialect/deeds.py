"""What an operation can do, as a table: which roles it uses, and which it cannot be without.

Spec: the dialect language, section 4.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from tokenhouse.protocol.names import Bearer, CallKind, GrantType
from tokenhouse.wire.dialect.complaint import Code
from tokenhouse.wire.dialect.desk import Desk, Keys
from tokenhouse.wire.dialect.roles import COMMON, IDENTIFIERS, PROFILE, PROOF, ROLES, Role


class Deed(NamedTuple):
    """One of the things that operations do.

    ``uses`` are its roles beside the common ones. Of each tuple in ``needs`` one role must be read by the file, and be
    there in the request; one of ``reads`` must be read, and may be missing there.
    """

    uses: frozenset[str] = frozenset()
    needs: tuple[tuple[str, ...], ...] = ()
    reads: tuple[str, ...] = ()


_NAMES: Final = ("new_username", "new_email", "new_phone")
_WHOM: Final = frozenset({*IDENTIFIERS, "token"})
DEEDS: Final[dict[str, Deed]] = {
    GrantType.PASSWORD.value: Deed(frozenset({*IDENTIFIERS, "password"}), (IDENTIFIERS, ("password",))),
    GrantType.CLIENT_CREDENTIALS.value: Deed(),
    GrantType.REFRESH_TOKEN.value: Deed(frozenset({"token"}), (("token",),)),
    GrantType.NAMED_SUBJECT.value: Deed(frozenset(IDENTIFIERS), (IDENTIFIERS,)),
    GrantType.ASSERTION.value: Deed(frozenset(PROOF), (("provider",), ("provider_token", "assertion"))),
    CallKind.INTROSPECT.value: Deed(_WHOM),
    CallKind.UNLOCK.value: Deed(_WHOM),
    CallKind.REVOKE.value: Deed(_WHOM),
    CallKind.REGISTER.value: Deed(frozenset({*PROFILE, "token"}), (_NAMES,)),
    CallKind.UPDATE.value: Deed(frozenset({*PROFILE, *_WHOM}), (), PROFILE),
    "static": Deed(),
}
"""What an operation does, by the name that ``does`` takes."""

LATER: Final = ("authorization_code", "token_exchange", "challenge", "continue")
CALLS: Final = frozenset(kind.value for kind in CallKind)
"""The deeds of protected calls: they take a token and hand out none."""

_ABOUT_SOMEBODY: Final = frozenset({CallKind.UNLOCK.value, CallKind.UPDATE.value})
"""Calls that are about a person: an app that makes one with its own token has to say about whom."""

ROOM_NAMES: Final[dict[str, str]] = {
    **{role: role for role in IDENTIFIERS},
    "provider": "provider",
    "provider_token": "access_token",
    "provider_secret": "access_secret",
    "assertion": "id_token",
    **{role: role.removeprefix("new_") for role in PROFILE},
}
"""What the rooms behind the wire call a role when they refuse it: names of `ProviderProof`, and last of `Profile`."""


def needs_of(does: str, bearer: Bearer) -> tuple[tuple[str, ...], ...]:
    """Return the roles of which one must be there in each request, group by group."""
    if does in _ABOUT_SOMEBODY and bearer is Bearer.CLIENT:
        return (*DEEDS[does].needs, IDENTIFIERS)
    return DEEDS[does].needs


def require_roles(desk: Desk, keys: Keys, does: str, bearer: Bearer, roles: Mapping[str, Role]) -> None:
    """Report roles without which the operation cannot be, and roles that it has no use for."""
    deed = DEEDS[does]
    for group in (*needs_of(does, bearer), *((deed.reads,) if deed.reads else ())):
        if not roles.keys() & set(group):
            several = f"one of the roles {', '.join(group)}" if len(group) > 1 else f"the role {group[0]}"
            desk.refuse((*keys, "does"), Code.NO_ROLE, f"{does} needs {several}", hint=f"read.{group[-1]}")
    for name in sorted(ROLES & roles.keys() - COMMON - deed.uses):
        desk.refuse((*keys, "read", name), Code.ROLE, f"{does} does not use the role {name}")
    if does in CALLS and bearer is Bearer.USER:
        for name in sorted(set(IDENTIFIERS) & roles.keys() & deed.uses):
            message = f'{name} says whom an app asks about: it needs bearer = "client" or "either"'
            desk.refuse((*keys, "read", name), Code.ROLE, message)


def fields_of(roles: Mapping[str, Role]) -> dict[str, str]:
    """Return what the caller calls each role, by what the rooms call it."""
    return {room: roles[role].field for role, room in ROOM_NAMES.items() if role in roles}
