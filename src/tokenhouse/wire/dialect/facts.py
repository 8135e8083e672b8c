"""Facts: what is known of client, user, session, tokens and keys, and how a name finds its fact.

A fact that is not there is absent; nothing here can name a secret.

Spec: the dialect language, section 3, "Who sees what".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

from tokenhouse.protocol.messages import IssuedToken
from tokenhouse.wire.dialect.complaint import Code, Complaint
from tokenhouse.wire.dialect.scope import Path, Resolved, Run, walk
from tokenhouse.wire.dialect.values import ABSENT, LIST_LIMIT, Kind
from tokenhouse.wire.dialect.view import View
from tokenhouse.written import did_you_mean

Schema = Mapping[str, Any]
"""Names to kinds; a nested mapping is an object with known members."""

Owner = Callable[[Any], Mapping[str, Any] | None]

_T, _I, _TIME, _L, _TRUTH = Kind.TEXT, Kind.INT, Kind.TIME, Kind.LIST, Kind.BOOL
BUILT_IN: Final[dict[str, dict[str, Kind]]] = {
    "server": {"url": _T, "issuer": _T, "host": _T},
    "client": {"id": _T, "name": _T},
    "user": {
        "id": _T, "username": _T, "email": _T, "phone": _T, "name": _T, "created_at": _TIME, "signed_in_at": _TIME,
        "active": _TRUTH, "confirmed": _TRUTH, "locked": _TRUTH, "roles": _L, "groups": _L,
    },
    "session": {
        "id": _T, "key": _T, "device": _T, "device_name": _T, "created_at": _TIME, "expires_at": _TIME,
    },
    "granted": {"scope": _L, "audience": _L},
    "token": {"id": Kind.BYTES, "issued_at": _TIME, "expires_at": _TIME, "lifetime": _I},
    "key": {"alg": _T, "kid": _T, "thumbprint_sha1": Kind.BYTES},
}  # fmt: skip
"""The facts that every contract can say, beside its own attributes."""

ATTRIBUTE_KINDS: Final = {
    "text": Kind.TEXT, "int": Kind.INT, "bool": Kind.BOOL, "time": Kind.TIME, "list": Kind.LIST, "object": Kind.OBJECT,
}  # fmt: skip

_REGISTERED: Final = frozenset(HTTPStatus)

_TOKEN_FACTS: Final[dict[str, Kind]] = {
    "expires_in": _I, "lifetime": _I, "expires_at": _TIME, "issued_at": _TIME, "is_new": Kind.BOOL,
}  # fmt: skip


class FactView:
    """The facts of one token being made, as the templates of its header and claims see them."""

    __slots__ = ("budget", "facts", "locals")

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.facts = facts
        self.locals: dict[str, Any] = {}
        self.budget = LIST_LIMIT


def resolve_fact(path: Path, owner: Owner, schema: Schema) -> Resolved:
    """Return the closure for a fact of ``path[0]``.

    Raises:
        Complaint: no such fact, or the name of the owner alone.

    """
    node: Any = schema
    used = 1
    while used < len(path) and isinstance(node, Mapping):
        name = str(path[used])
        if name not in node:
            raise Complaint(
                Code.UNKNOWN_NAME,
                f"{'.'.join(map(str, path[:used]))} has no {name!r}",
                hint=did_you_mean(name, node) or f"known: {', '.join(node)}",
            )
        node = node[name]
        used += 1
    if used == 1:
        raise Complaint(
            Code.UNKNOWN_NAME, f"{path[0]} needs the name of a fact", hint=f"{path[0]}.{next(iter(schema))}"
        )
    kind = Kind.OBJECT if isinstance(node, Mapping) else node
    return Resolved(_reader(owner, path[1:used]), kind, used)


def _reader(owner: Owner, inner: Path) -> Run:
    if len(inner) == 1:
        name = inner[0]

        def one(env: Any) -> Any:
            facts = owner(env)
            value = None if facts is None else facts.get(str(name))
            return ABSENT if value is None else value

        return one

    def deep(env: Any) -> Any:
        value = walk(owner(env), inner)
        return ABSENT if value is None else value

    return deep


def resolve_token(path: Path, declared: Mapping[str, Any]) -> Resolved:
    """Return the closure for ``tokens.NAME`` or a fact of it.

    Raises:
        Complaint: the contract has no such token, or a token has no such fact.

    """
    name = str(path[1]) if len(path) > 1 else ""
    if name not in declared:
        hint = did_you_mean(name, declared) or f"known: {', '.join(declared) or 'none'}"
        raise Complaint(Code.UNKNOWN_NAME, f"the contract has no token {name!r}", hint=hint)
    if len(path) == 2:  # noqa: PLR2004

        def value(view: View) -> Any:
            token = _token(view, name)
            return ABSENT if token is None else token.value

        return Resolved(value, Kind.TEXT, 2)
    fact = str(path[2])
    if fact not in _TOKEN_FACTS:
        hint = did_you_mean(fact, _TOKEN_FACTS) or f"known: {', '.join(_TOKEN_FACTS)}"
        raise Complaint(Code.UNKNOWN_NAME, f"a token has no {fact!r}", hint=hint)
    return Resolved(_token_fact(name, fact), _TOKEN_FACTS[fact], 3)


def _token(view: View, name: str) -> IssuedToken | None:
    return None if view.response is None else view.response.tokens.get(name)


def _token_fact(name: str, fact: str) -> Run:
    if fact == "expires_in":
        return lambda view: _seconds_left(view, name)

    def run(view: View) -> Any:
        token = _token(view, name)
        value = None if token is None else getattr(token, fact)
        return ABSENT if value is None else value

    return run


def _seconds_left(view: View, name: str) -> Any:
    """Return whole seconds; those of a new token are its lifetime, whatever fraction of a second its making took."""
    token = _token(view, name)
    if token is None or token.expires_at is None or view.response is None:
        return ABSENT
    if token.is_new:
        return token.lifetime
    return max(0, int((token.expires_at - view.response.now).total_seconds()))


def _refused(fact: Callable[[Any], Any]) -> Run:
    def run(view: View) -> Any:
        value = None if view.refusal is None else fact(view.refusal)
        return ABSENT if value is None else value

    return run


def _reason(view: View) -> Any:
    """Return the phrase of the status; one that nobody has registered has none."""
    return HTTPStatus(view.status).phrase if view.status in _REGISTERED else ABSENT


ERROR_FACTS: Final[dict[str, tuple[Run, Kind]]] = {
    "cause": (_refused(lambda refusal: refusal.public_cause.value), Kind.TEXT),
    "status": (lambda view: view.status, Kind.INT),
    "reason": (_reason, Kind.TEXT),
    "field": (_refused(lambda refusal: refusal.field), Kind.TEXT),
    "fields": (_refused(lambda refusal: [refusal.field] if refusal.field else []), Kind.LIST),
    "description": (_refused(lambda refusal: refusal.description), Kind.TEXT),
    "retry_after": (_refused(lambda refusal: refusal.retry_after), Kind.INT),
    "id": (lambda view: view.request.id, Kind.TEXT),
}
"""What an error row can say of the refusal; its own variables come beside these."""
