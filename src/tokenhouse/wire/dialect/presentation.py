"""Presentation: in which ways a contract's APIs are called, and how the token of such a call is found.

Spec: the dialect language, section 10; RFC 6750 §2 for what holds of every way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import InvalidRequest
from tokenhouse.wire.dialect.answers import AnswerSetting
from tokenhouse.wire.dialect.complaint import Code
from tokenhouse.wire.dialect.desk import Desk, Keys
from tokenhouse.wire.dialect.errors import ErrorRows, Layer, compile_errors
from tokenhouse.wire.dialect.roles import LATER, Role, compile_roles, require_no_url_secrets
from tokenhouse.wire.dialect.scope import Compiled
from tokenhouse.wire.dialect.stages import Names
from tokenhouse.wire.dialect.values import ABSENT, OMIT, Marker
from tokenhouse.wire.dialect.view import View
from tokenhouse.wire.text import require_clean
from tokenhouse.written import Document, did_you_mean

CREDENTIALS: Final = ("token", "client_secret", "device_key")
"""What an API can be called with; a way has one of them."""

_BESIDE: Final[dict[str, frozenset[str]]] = {
    "token": frozenset(),
    "client_secret": frozenset({"client_id"}),
    "device_key": frozenset({"device"}),
}
"""What may stand beside a credential: whose it is said to be."""

_ROLES: Final = frozenset({*CREDENTIALS, *frozenset().union(*_BESIDE.values())})
_PRESENT: Final[Keys] = ("present",)


@dataclass(frozen=True, slots=True)
class Way:
    """One way to call an API: every role is there, or the way is not used. ``index`` is its place in the file."""

    index: int
    credential: str
    roles: tuple[Role, ...]
    reads_authorization: bool

    def find(self, view: View) -> str | Marker:
        """Return the credential if the whole way is used, else ``ABSENT``.

        Raises:
            InvalidRequest: a place is repeated, is no clean text, or aliases of one role differ.

        """
        if self.reads_authorization and len(view.headers().get(b"authorization", ())) > 1:
            raise InvalidRequest(Cause.MALFORMED, field="authorization")
        found = {role.name: _value(role, view) for role in self.roles}
        return ABSENT if ABSENT in found.values() else found[self.credential]


def _value(role: Role, view: View) -> str | Marker:
    """Return what a role's sources have, without leaving a trace: an error row must not say a credential."""
    found: str | Marker = ABSENT
    for source in role.sources:
        value = source.run(view)
        if value is ABSENT or value is OMIT or value is None or value == "":
            continue
        if not isinstance(value, str) or (found is not ABSENT and value != found):
            raise InvalidRequest(Cause.MALFORMED, field=source.place or role.name)
        found = require_clean(value, source.place)
    return found


@dataclass(frozen=True, slots=True)
class Presentation:
    """The ``[present]`` of a contract.

    ``errors`` are the rows for refused calls, ``layer`` is where they stand; ``document`` is kept so that a
    description that cannot be made says where.
    """

    contract: str
    ways: tuple[Way, ...]
    errors: ErrorRows
    layer: Layer
    document: Document

    @property
    def presents(self) -> frozenset[str]:
        """The kinds of credentials that APIs are called with; a file that does not say has tokens."""
        return frozenset(way.credential for way in self.ways) or frozenset({"token"})

    @property
    def has_token(self) -> bool:
        """Whether a token can be found at all."""
        return any(way.credential == "token" for way in self.ways)

    def find(self, view: View) -> str | Marker:
        """Return the token that a request presents, ``ABSENT`` if it presents none.

        Raises:
            InvalidRequest: two ways are used at once, or what one way reads is repeated or no text.

        """
        token: str | Marker = ABSENT
        used = 0
        for way in self.ways:
            value = way.find(view)
            used += value is not ABSENT
            if way.credential == "token" and value is not ABSENT:
                token = value
        if used > 1:
            raise InvalidRequest(Cause.MALFORMED)
        return token


def compile_present(desk: Desk, told: Mapping[str, Any], setting: AnswerSetting, rows: ErrorRows) -> Presentation:
    """Return the ``[present]`` of the file whose top-level keys are ``told``; ``rows`` speak where it has none."""
    layer: Layer = (("errors",), told.get("errors", {}))
    ways: list[Way] = []
    if "present" in told:
        present = desk.table(_PRESENT, told["present"], "present")
        for index, value in enumerate(present.get("ways", [])):
            way = _way(desk, index, value, setting.names, url_secrets=told.get("url_secrets", False))
            ways += [way] if way is not None else []
        if present.get("ways") == []:
            desk.refuse((*_PRESENT, "ways"), Code.MISSING_KEY, "a contract has one way at least")
        if "errors" in present:
            layer = ((*_PRESENT, "errors"), present["errors"])
            rows = compile_errors(desk, [layer], setting, frozenset({"present"}))
    return Presentation(told.get("name", ""), tuple(ways), rows, layer, desk.document)


def _way(desk: Desk, index: int, value: Any, names: Names, *, url_secrets: bool) -> Way | None:
    keys: Keys = (*_PRESENT, "ways", index)
    if not isinstance(value, dict):
        desk.refuse(keys, Code.WRONG_KIND, "a way is a table from roles to expressions")
        return None
    told = {role: text for role, text in value.items() if _is_role(desk, (*keys, role), role)}
    roles = compile_roles(desk, keys, told, names, _ROLES)
    if not url_secrets:
        require_no_url_secrets(desk, keys, roles, names.lets)
    shown = [name for name in CREDENTIALS if name in roles]
    if not shown:
        desk.refuse(keys, Code.NO_ROLE, f"a way needs one of the roles {', '.join(CREDENTIALS)}")
        return None
    credential, *more = shown
    for name in (*more, *sorted(roles.keys() - _BESIDE[credential] - set(shown))):
        desk.refuse((*keys, name), Code.NOT_YET, f"{name} beside {credential} is not supported by this version yet")
    if credential == "client_secret" and "client_id" not in roles:
        desk.refuse((*keys, credential), Code.NO_ROLE, "client_secret needs client_id beside it")
    sources = [source for role in roles.values() for source in role.sources]
    return Way(index, credential, tuple(roles.values()), any(_reads_authorization(s, names.lets) for s in sources))


def _is_role(desk: Desk, keys: Keys, role: str) -> bool:
    if role in _ROLES:
        return True
    if role in LATER or role in {"client_by", "user_by"}:
        desk.refuse(keys, Code.NOT_YET, f"{role} is not supported by this version yet")
    else:
        hint = did_you_mean(role, _ROLES) or f"one of: {', '.join(sorted(_ROLES))}"
        desk.refuse(keys, Code.ROLE, f"unknown role {role!r}", hint=hint)
    return False


def _reads_authorization(source: Compiled, lets: Mapping[str, Compiled]) -> bool:
    """Return whether an expression looks at the Authorization header, also through ``let``."""
    for name in source.names:
        root, _, field = name.partition(".")
        if root in lets and _reads_authorization(lets[root], lets):
            return True
        if root in {"auth", "basic"} or (root == "header" and field.lower() in {"", "authorization"}):
            return True
    return False
