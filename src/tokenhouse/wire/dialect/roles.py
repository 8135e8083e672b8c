"""Roles: the closed list of what may be read from a request, and how a role is read strictly.

Spec: the dialect language, section 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.names import IdentifierKind
from tokenhouse.protocol.refusals import InvalidRequest, InvalidScope
from tokenhouse.wire.dialect.complaint import Code, Complaint
from tokenhouse.wire.dialect.desk import Desk, Keys
from tokenhouse.wire.dialect.places import ADDRESS_LIKE
from tokenhouse.wire.dialect.scope import Compiled
from tokenhouse.wire.dialect.stages import Names, Stage
from tokenhouse.wire.dialect.values import ABSENT, CURES, OMIT, Kind
from tokenhouse.wire.dialect.view import View
from tokenhouse.wire.scope import read_scope
from tokenhouse.wire.text import require_clean
from tokenhouse.written import did_you_mean

CLIENT_ROLES: Final = ("client_id", "client_secret")
IDENTIFIERS: Final = tuple(kind.value for kind in IdentifierKind)
COMMON: Final = frozenset({*CLIENT_ROLES, "scope", "device", "device_name"})
"""Roles that the ``[read]`` of the whole file may have."""

PROOF: Final = ("provider", "provider_token", "provider_secret", "assertion")
"""Roles of what a provider elsewhere says of a person."""

PROFILE: Final = ("new_username", "new_email", "new_phone", "new_name", "new_password")
"""Roles of what a person shall be called, and of a password that is chosen."""

ROLES: Final = frozenset({*COMMON, *IDENTIFIERS, *PROOF, *PROFILE, "password", "token"})
_READABLE: Final = frozenset({Kind.ANY, Kind.TEXT, Kind.DATA, Kind.NULL})
"""Kinds that a role can turn out to be; a list only where scopes are read."""

SECRETS: Final = frozenset({
    "client_secret", "password", "token", "provider_token", "provider_secret", "assertion", "new_password",
})  # fmt: skip
LATER: Final = frozenset({
    "client_key", "client_assertion", "client_label", "directory", "user_key", "otp", "device_token", "act_as",
    "caller", "companion", "step", "code", "redirect_uri", "code_verifier", "challenge", "audience", "tenant", "ttl",
    "bound_ip", "bound_referer",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Role:
    """One role and the expressions that give it; several are aliases."""

    name: str
    sources: tuple[Compiled, ...]

    @property
    def field(self) -> str:
        """What the caller calls it."""
        return next((source.place for source in self.sources if source.place), self.name)

    def read(self, view: View) -> Any:
        """Return the role's value and remember it; ``ABSENT`` if no source has one.

        Raises:
            InvalidRequest: not text, an unclean text, or aliases that differ.
            InvalidScope: the scope is none.

        """
        found: Any = ABSENT
        for source in self.sources:
            value = source.run(view)
            if value is ABSENT or value is None or value is OMIT or value == "":
                continue
            value = self._scope(value) if self.name == "scope" else self._text(value, source)
            if found is not ABSENT and value != found:
                raise InvalidRequest(Cause.MALFORMED, field=source.place or self.name)
            found = view.read[self.name] = value
        return found

    def _text(self, value: Any, source: Compiled) -> str:
        if not isinstance(value, str):
            raise InvalidRequest(Cause.MALFORMED, field=source.place or self.name)
        return require_clean(value, source.place)

    def _scope(self, value: Any) -> list[str]:
        parts = value if isinstance(value, list) else [value]
        tokens: list[str] = []
        for part in parts:
            read = read_scope(part) if isinstance(part, str) else None
            if read is None:
                raise InvalidScope(Cause.BAD_SCOPE, field=self.field)
            tokens += read
        return list(dict.fromkeys(tokens))


def compile_roles(
    desk: Desk, keys: Keys, table: Mapping[str, Any], names: Names, allowed: frozenset[str] = ROLES
) -> dict[str, Role]:
    """Return the roles of a ``read`` table."""
    roles: dict[str, Role] = {}
    for name, value in table.items():
        here = (*keys, name)
        if name not in allowed:
            _refuse(desk, here, name)
            continue
        several = value if isinstance(value, list) else [value]
        places = [(*here, index) for index in range(len(several))] if isinstance(value, list) else [here]
        if not several:
            desk.refuse(here, Code.WRONG_KIND, "a role needs an expression or a list of them")
        sources = [desk.expression(at, text, names.at(Stage.REQUEST)) for at, text in zip(places, several, strict=True)]
        for at, source in zip(places, sources, strict=True):
            _require_text(desk, at, name, source.kind)
        roles[name] = Role(name, tuple(sources))
    return roles


def _require_text(desk: Desk, keys: Keys, name: str, kind: Kind) -> None:
    if kind not in _READABLE and not (name == "scope" and kind is Kind.LIST):
        cure = CURES.get(kind, f"{name} takes text, not {kind}: write `| text`")
        desk.report(keys, Complaint(Code.TYPE, cure))


def _refuse(desk: Desk, keys: Keys, name: str) -> None:
    if name in ROLES:
        desk.refuse(keys, Code.ROLE, f"{name} belongs to an operation, not to the common [read]")
    elif name in LATER:
        desk.refuse(keys, Code.NOT_YET, f"the role {name} is not supported by this version yet")
    else:
        desk.refuse(
            keys, Code.ROLE, f"unknown role {name!r}", hint=did_you_mean(name, ROLES) or ", ".join(sorted(ROLES))
        )


def roots_of(source: Compiled, lets: Mapping[str, Compiled]) -> frozenset[str]:
    """Return the first words of all places that an expression reads, also through ``let``."""
    roots: set[str] = set()
    for name in source.names:
        root = name.partition(".")[0]
        roots |= roots_of(lets[root], lets) if root in lets else {root}
    return frozenset(roots)


def require_no_url_secrets(desk: Desk, keys: Keys, roles: Mapping[str, Role], lets: Mapping[str, Compiled]) -> None:
    """Report secret roles that are read from the address."""
    for name in sorted((SECRETS | {"device_key"}) & roles.keys()):
        if any(roots_of(source, lets) & ADDRESS_LIKE for source in roles[name].sources):
            desk.refuse((*keys, name), Code.URL_SECRET, f"{name} in the address needs `url_secrets = true`")
