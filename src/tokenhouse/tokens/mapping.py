"""Mapping: what tokens of the standard contract say beside the registered claims, declared per client or resource.

A source is one of a closed list of facts about the person or the client, or a literal behind ``=``. Spec: RFC 9068
§2.2.2, §2.2.3.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from tokenhouse.model.records import Account, Client, Resource

MOST_CLAIMS = 20
LONGEST_SOURCE = 200
MOST_BYTES = 4096
"""What all custom claims of one token may take as JSON; one that goes beyond is left out."""

RESERVED = frozenset(
    {
        *("iss", "sub", "aud", "exp", "nbf", "iat", "jti", "client_id", "scope", "cnf", "act", "may_act", "typ"),
        *("auth_time", "acr", "amr", "azp", "nonce", "at_hash", "c_hash", "s_hash", "sid", "events"),
        *("authorization_details", "active", "username", "token_type", "device"),
    }
)
"""Names that mean something already: in a token (RFC 7519, RFC 9068), or in an introspection answer (RFC 7662)."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9._:/~-]{0,99}")
_ATTRIBUTES = "attributes."
_DEEPEST = 8

_USER: dict[str, Callable[[Account], Any]] = {
    "id": lambda account: account.user_id,
    "username": lambda account: account.username,
    "email": lambda account: account.email,
    "email_verified": lambda account: None if account.email is None else account.email_verified_at is not None,
    "phone": lambda account: account.phone,
    "name": lambda account: account.name,
    "roles": lambda account: list(account.roles) or None,
    "groups": lambda account: list(account.groups) or None,
}
_CLIENT: dict[str, Callable[[Client], Any]] = {
    "id": lambda client: client.client_id,
    "name": lambda client: client.name,
}
_FACTS: dict[str, Mapping[str, Callable[[Any], Any]]] = {"user": _USER, "client": _CLIENT}

SOURCES = tuple(f"{owner}.{fact}" for owner, facts in _FACTS.items() for fact in (*facts, "attributes.NAME"))
"""Every source but the literal, as an operator writes it."""


def fault_of(claims: Mapping[str, str]) -> str | None:
    """Return what is wrong with a mapping of claim names to sources, in words; None if it can be used."""
    if len(claims) > MOST_CLAIMS:
        return f"there are more than {MOST_CLAIMS} claims"
    for name, source in claims.items():
        if name in RESERVED:
            return f'the claim "{name}" is reserved'
        if _NAME.fullmatch(name) is None:
            return f'"{name}" is no name of a claim'
        if not _is_source(source):
            return f'the claim "{name}" has no source "{source[:LONGEST_SOURCE]}"'
    return None


def combined(client: Client, resources: Sequence[Resource]) -> Mapping[str, str]:
    """Return the sources of a token: a resource says over the client what its tokens say.

    Where two resources of one token disagree about a name, neither is told what the other means by it.
    """
    if not resources:
        return client.claims
    wanted: dict[str, str] = {}
    disputed: set[str] = set()
    for resource in resources:
        for name, source in resource.claims.items():
            if wanted.setdefault(name, source) != source:
                disputed.add(name)
    return {name: source for name, source in {**client.claims, **wanted}.items() if name not in disputed}


def mapped(sources: Mapping[str, str], client: Client, account: Account | None) -> dict[str, Any]:
    """Return the claims; what is absent, and what is too large, is left out."""
    claims: dict[str, Any] = {}
    left = MOST_BYTES
    for name, source in sources.items():
        value = None if name in RESERVED else _value(source, client, account)
        if value is None:
            continue
        size = len(msgspec.json.encode({name: value}))
        if size <= left:
            left -= size
            claims[name] = value
    return claims


def _is_source(source: str) -> bool:
    if len(source) > LONGEST_SOURCE or not source.isprintable():
        return False
    if source.startswith("="):
        return bool(_literal(source))
    owner, _, fact = source.partition(".")
    if owner not in _FACTS:
        return False
    if fact.startswith(_ATTRIBUTES):
        path = fact.removeprefix(_ATTRIBUTES).split(".")
        return all(path) and len(path) <= _DEEPEST
    return fact in _FACTS[owner]


def _literal(source: str) -> str:
    return source.removeprefix("=").strip()


def _value(source: str, client: Client, account: Account | None) -> Any:
    if source.startswith("="):
        return _literal(source)
    owner, _, fact = source.partition(".")
    record: Account | Client | None = account if owner == "user" else client
    if record is None or owner not in _FACTS:
        return None
    if fact.startswith(_ATTRIBUTES):
        return _attribute(record.attributes, fact.removeprefix(_ATTRIBUTES).split("."))
    read = _FACTS[owner].get(fact)
    return None if read is None else read(record)


def _attribute(found: Any, path: Sequence[str]) -> Any:
    for name in path:
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
    return found
