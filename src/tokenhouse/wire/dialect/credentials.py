"""How a client proves itself in a dialect: which ways, and what a request says.

Spec: the dialect language, section 5, Ways.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.messages import Credentials
from tokenhouse.protocol.names import AuthMethod
from tokenhouse.protocol.refusals import InvalidRequest, Refusal
from tokenhouse.protocol.secret import Secret
from tokenhouse.wire.dialect.complaint import Code
from tokenhouse.wire.dialect.desk import Desk, Keys
from tokenhouse.wire.dialect.places import HEADER_LIKE
from tokenhouse.wire.dialect.roles import Role, roots_of
from tokenhouse.wire.dialect.scope import Compiled
from tokenhouse.wire.dialect.values import ABSENT, OMIT
from tokenhouse.wire.dialect.view import View
from tokenhouse.wire.text import require_clean

_WAYS: Final = ("client_secret", "public", "none")
_SLOT: Final = re.compile(r"client_secret\.([a-z]{1,16})")
_LATER: Final = ("client_key", "client_assertion", "label")


class _Source(NamedTuple):
    """One alias of a client role."""

    expression: Compiled
    field: str
    in_header: bool


@dataclass(frozen=True, slots=True)
class ClientReader:
    """Reads who calls. ``ways`` are those by which a client may prove itself here, ``slot`` which secret that takes."""

    ways: frozenset[str]
    ids: tuple[_Source, ...] = ()
    secrets: tuple[_Source, ...] = ()
    slot: str = ""

    def read(self, view: View) -> tuple[Credentials, Refusal | None]:
        """Return the credentials and what is wrong beside them: two ways at once, ids that differ.

        Raises:
            InvalidRequest: a client's id or secret is not text.

        """
        if not self.ids and not self.secrets:
            return Credentials(AuthMethod.NONE), None
        ids = self._values(view, self.ids)
        if ids:
            view.read["client_id"] = ids[0][0]
        secrets = self._values(view, self.secrets)
        if self._is_unreadable(view, ids):
            return Credentials(AuthMethod.BASIC, malformed=True), None
        fault = next((_malformed(source) for value, source in ids[1:] if value != ids[0][0]), None)
        first = secrets[0] if secrets else None
        for value, source in secrets[1:]:
            # The same secret twice in one place is an alias; in header and body it is two ways at once.
            if first is not None and (value != first[0] or source.in_header is not first[1].in_header):
                fault = _malformed(source)
        return self._credentials(ids, secrets), fault

    def _credentials(self, ids: list[tuple[str, _Source]], secrets: list[tuple[str, _Source]]) -> Credentials:
        if (ids or not self.ids) and secrets and "client_secret" in self.ways:
            secret, source = secrets[0]
            method = AuthMethod.BASIC if source.in_header else AuthMethod.POST
            return Credentials(method, ids[0][0] if ids else None, Secret(secret), slot=self.slot)
        if ids and not secrets and "public" in self.ways:
            return Credentials(AuthMethod.NONE, ids[0][0])
        if not ids and not secrets and "none" in self.ways:
            return Credentials(AuthMethod.NONE)
        in_header = not self.secrets or self.secrets[0].in_header
        return Credentials(AuthMethod.BASIC if in_header else AuthMethod.POST, malformed=True, slot=self.slot)

    def _values(self, view: View, sources: tuple[_Source, ...]) -> list[tuple[str, _Source]]:
        """Return what each source has; an empty secret in a header was given, elsewhere it is absent."""
        found: list[tuple[str, _Source]] = []
        for source in sources:
            value = source.expression.run(view)
            given = source.in_header and sources is self.secrets and value == ""
            if value is ABSENT or value is None or value is OMIT or (value == "" and not given):
                continue
            if not isinstance(value, str):
                raise _malformed(source)
            found.append((require_clean(value, source.field), source))
        return found

    def _is_unreadable(self, view: View, ids: list[tuple[str, _Source]]) -> bool:
        """Return whether an Authorization header came that names no client, although one is looked for in it."""
        if not any(source.field == "authorization" for source in self.ids):
            return False
        if any(source.field == "authorization" for _, source in ids):
            return False
        return any(name == b"authorization" for name, _ in view.request.headers)


def _malformed(source: _Source) -> Refusal:
    return InvalidRequest(Cause.MALFORMED, field=source.field)


def compile_client(
    desk: Desk,
    keys: Keys,
    ways: list[Any] | None,
    roles: Mapping[str, Role],
    lets: Mapping[str, Compiled],
    *,
    has_token: bool = False,
) -> ClientReader:
    """Return the reader of the client; without ``client_by`` the ways follow from what is read.

    ``has_token``: where no id is read, the client is the one to whom the token of the call was issued.
    """
    known, slots = _ways(desk, keys, ways, roles)
    if "client_secret" in roles and "client_id" not in roles and not has_token:
        desk.refuse((*keys, "read", "client_secret"), Code.NO_ROLE, "client_secret needs client_id beside it")
    return ClientReader(
        known,
        _sources(roles.get("client_id"), lets),
        _sources(roles.get("client_secret"), lets),
        slots[0] if slots else "",
    )


def _ways(
    desk: Desk, keys: Keys, ways: list[Any] | None, roles: Mapping[str, Role]
) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the ways, and the slots of the secrets that they name."""
    if ways is None:
        only = "client_secret" if "client_secret" in roles else "public" if "client_id" in roles else "none"
        return frozenset({only}), ()
    known: set[str] = set()
    slots: list[str] = []
    for index, way in enumerate(ways):
        here = (*keys, "client_by", index)
        slotted = _SLOT.fullmatch(way) if isinstance(way, str) else None
        name = "client_secret" if slotted else way
        if not _is_way(desk, here, name, roles):
            continue
        if name == "client_secret":
            slots.append(slotted[1] if slotted else "")
        known.add(name)
        if len(slots) > 1:
            desk.refuse(here, Code.NOT_YET, "a choice between secrets is not supported by this version yet")
    return frozenset(known), tuple(slots)


def _is_way(desk: Desk, keys: Keys, way: Any, roles: Mapping[str, Role]) -> bool:
    if way in _LATER or isinstance(way, list):
        desk.refuse(keys, Code.NOT_YET, f"the way {way!r} is not supported by this version yet")
        return False
    if way not in _WAYS:
        hint = f"one of: {', '.join(_WAYS)}, client_secret.SLOT"
        desk.refuse(keys, Code.BAD_VALUE, f"unknown way {way!r}", hint=hint)
        return False
    needs = {"client_secret": "client_secret", "public": "client_id"}.get(str(way))
    if needs is not None and needs not in roles:
        desk.refuse(keys, Code.NO_ROLE, f"the way {way} needs the role {needs}, which is not read")
        return False
    return True


def _sources(role: Role | None, lets: Mapping[str, Compiled]) -> tuple[_Source, ...]:
    if role is None:
        return ()
    found: list[_Source] = []
    for source in role.sources:
        place = source.place or role.name
        found.append(_Source(source, place, bool(roots_of(source, lets) & HEADER_LIKE)))
    return tuple(found)
