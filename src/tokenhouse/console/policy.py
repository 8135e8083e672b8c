"""What a new client may do when its registration says nothing, and what it can never be allowed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from tokenhouse.console.errors import Unusable
from tokenhouse.protocol.contract import Contract, Mount
from tokenhouse.protocol.names import DEFAULT_TENANT, STANDARD_CONTRACT, AuthMethod, GrantType
from tokenhouse.tokens.mapping import SOURCES, fault_of
from tokenhouse.written import did_you_mean

Introspection = Literal["none", "own", "tenant"]

CONFIDENTIAL = (AuthMethod.BASIC.value, AuthMethod.POST.value)
PUBLIC = (AuthMethod.NONE.value,)
LONGEST_PASSWORD_GRANT = timedelta(days=731)
"""How far away the end of the password grant may be: long enough to leave it, too short to forget it."""


def chosen(names: Sequence[str], contracts: Mapping[str, Contract]) -> tuple[Contract, ...]:
    """Return the contracts of those names.

    Raises:
        Unusable: one of them is not mounted here.

    """
    if not names:
        raise Unusable("a client needs a contract", f"known: {', '.join(contracts)}")
    for name in names:
        if name not in contracts:
            mount = f'mount it ([[mount]] dialect = "{name}"), then tokenhouse keys prepare'
            raise Unusable(f'there is no contract "{name}" here', did_you_mean(name, sorted(contracts)) or mount)
    return tuple(contracts[name] for name in dict.fromkeys(names))


def tenant_of(asked: str | None, contracts: Sequence[Contract], mounts: Sequence[Mount]) -> str:
    """Return the tenant of a new client: as asked, else the one that its first legacy contract serves.

    Raises:
        Unusable: a contract does not serve that tenant, so the client could never speak it.

    """
    served = {contract.name: [m.tenant for m in mounts if m.contract.name == contract.name] for contract in contracts}
    named = (tenant for tenants in served.values() for tenant in tenants if tenant is not None)
    tenant = asked or next(named, DEFAULT_TENANT)
    for name, tenants in served.items():
        if tenant not in tenants and None not in tenants:
            hint = f"it serves {', '.join(each for each in tenants if each is not None)}"
            if name == STANDARD_CONTRACT:
                hint += '; [standard] tenant = "*" in the configuration makes it serve all'
            raise Unusable(f'the contract "{name}" does not serve the tenant "{tenant}"', hint)
    return tenant


def grants_of(asked: Sequence[str] | None, contracts: Sequence[Contract], *, public: bool) -> tuple[str, ...]:
    """Return the grant types of a new client: as asked, else those of its legacy contracts.

    Raises:
        Unusable: a contract does not offer one, or a public client would act for itself (RFC 6749 §4.4).

    """
    offered = {grant for contract in contracts for grant in contract.grants}
    if asked is None:
        legacy = {grant for contract in contracts if contract.name != STANDARD_CONTRACT for grant in contract.grants}
        return tuple(sorted((legacy or {GrantType.CLIENT_CREDENTIALS}) - _impossible(public=public)))
    for grant in asked:
        if grant not in offered:
            raise Unusable(f'the contract does not offer the grant "{grant}"', _nearest(grant, offered))
        if grant in _impossible(public=public):
            raise Unusable(f'a public client cannot use the grant "{grant}"', "leave out --public")
    return tuple(dict.fromkeys(asked))


def scopes_of(asked: Sequence[str] | None, contracts: Iterable[Contract]) -> tuple[str, ...]:
    """Return the scopes of a new client: as asked, else those that its contracts grant by default."""
    if asked is None:
        return tuple(dict.fromkeys(scope for contract in contracts for scope in contract.default_scope))
    return tuple(dict.fromkeys(asked))


def introspection_of(asked: Introspection | None, contracts: Iterable[Contract], *, public: bool) -> Introspection:
    """Return whose tokens a new client may ask about: a legacy one about its own."""
    if asked is not None:
        return asked
    return "own" if not public and any(contract.name != STANDARD_CONTRACT for contract in contracts) else "none"


def require_claims(claims: Mapping[str, str]) -> None:
    """Pass if custom claims can be mapped.

    Raises:
        Unusable: a name is reserved or none, a source is unknown, or there are too many.

    """
    fault = fault_of(claims)
    if fault is not None:
        raise Unusable(fault, f"sources: {', '.join(SOURCES)}, or = and a text")


def require_password_end(
    ends_at: datetime | None, grants: Sequence[str], contracts: Iterable[Contract], now: datetime
) -> None:
    """Pass if the password grant may be had until ``ends_at``; with OAuth 2.0 itself it always has an end.

    Spec: RFC 9700 §2.4 (which forbids it: the end is there for leaving it).

    Raises:
        Unusable: there is none, or none that is near enough; or there is one and no password grant.

    """
    has_password = GrantType.PASSWORD in grants
    if ends_at is None:
        if has_password and any(contract.name == STANDARD_CONTRACT for contract in contracts):
            raise Unusable("the password grant needs an end", "--password-until, such as 2027-06-30; at most two years")
        return
    if not has_password:
        raise Unusable("without the password grant there is nothing to end", "leave out --password-until")
    if ends_at.tzinfo is None:
        raise Unusable("the end of the password grant has no time zone", "such as 2027-06-30T00:00:00Z")
    if not now < ends_at <= now + LONGEST_PASSWORD_GRANT:
        raise Unusable(
            "the end of the password grant lies in the past, or is further than two years away", "such as 2027-06-30"
        )


def _impossible(*, public: bool) -> set[str]:
    return {GrantType.CLIENT_CREDENTIALS.value} if public else set()


def _nearest(word: str, known: Iterable[Any]) -> str:
    names = sorted(map(str, known))
    return did_you_mean(word, names) or f"known: {', '.join(names)}"
