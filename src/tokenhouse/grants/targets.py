"""Targets: which resources the tokens of a request are for, and which scopes go with them.

Nothing is asked for and nothing can be: the client's own audience. Spec: RFC 8707 §2, RFC 9068 §3.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from tokenhouse.model.decision import Caller, Decision
from tokenhouse.model.records import Authorization, Resource, ScopeRecord
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.messages import TokenRequest
from tokenhouse.protocol.names import STANDARD_CONTRACT, GrantType
from tokenhouse.protocol.refusals import InvalidScope, InvalidTarget
from tokenhouse.store.ports import ResourceReader

_FRESH = timedelta(seconds=1)
_MOST_CACHED = 10_000


class Target(NamedTuple):
    """What tokens are for; ``withheld`` are the scopes that belong to other resources."""

    resources: tuple[Resource, ...] = ()
    withheld: frozenset[str] = frozenset()


NOWHERE = Target()
"""No resource: the audience rule of RFC 9068 §3 for clients that have none."""


class Targets:
    """Chooses targets; what it has read of resources and scopes is at most one second old."""

    def __init__(self, reader: ResourceReader) -> None:
        self._reader = reader
        self._resources: dict[tuple[str, str], tuple[datetime, Resource | None]] = {}
        self._scopes: dict[tuple[str, str], tuple[datetime, ScopeRecord | None]] = {}

    async def choose(self, request: TokenRequest, caller: Caller) -> Target:
        """Return what a login, or a client for itself, gets tokens for; judged before a password is looked at.

        Raises:
            InvalidTarget: a resource that is unknown, or not the client's.
            InvalidScope: scopes were asked for that belong to other resources, or to several when none was named.

        """
        client = caller.client
        if not request.resources and not client.resources:
            return NOWHERE
        if caller.mount.contract.name != STANDARD_CONTRACT or request.grant_type == GrantType.REFRESH_TOKEN:
            return NOWHERE
        wanted = request.resources or await self._default(request, caller)
        resources = await self._require_all(wanted, client.resources, client.tenant, request.now)
        withheld = await self._withheld(client.scopes, wanted, client.tenant, request.now)
        return Target(resources, _unasked(withheld, request))

    async def apply(self, decision: Decision, target: Target, request: TokenRequest) -> Decision:
        """Return the decision with its target; a refresh may have what its login has, or less.

        Raises:
            InvalidTarget: more than the login was given, or nothing of it is left.
            InvalidScope: a scope was asked for whose resource was not.

        """
        row = decision.authorization
        if row is not None and (row.resources or request.resources):
            target = await self._of_login(decision, row, request)
        if target is NOWHERE:
            return decision
        scope = tuple(name for name in decision.scope if name not in target.withheld)
        return dataclasses.replace(decision, scope=scope, resources=target.resources)

    def forget(self) -> None:
        """Read anew at the next use; called when this process itself has changed one."""
        self._resources.clear()
        self._scopes.clear()

    async def _default(self, request: TokenRequest, caller: Caller) -> tuple[str, ...]:
        """Return the resource that the asked scopes belong to, else the client's only one."""
        client = caller.client
        asked = tuple(name for name in request.scope or () if name in client.scopes)
        bound = await self._bound(asked, client.tenant, request.now)
        meant = {resource for resource in bound.values() if resource in client.resources}
        if len(meant) > 1:
            raise InvalidScope(Cause.BAD_SCOPE)
        if meant:
            return tuple(meant)
        return client.resources if client.audience is None and len(client.resources) == 1 else ()

    async def _of_login(self, decision: Decision, row: Authorization, request: TokenRequest) -> Target:
        client = decision.caller.client
        left = tuple(name for name in row.resources if name in client.resources)
        wanted = request.resources or left
        # An opaque token says what its row says: it cannot be for less than its login.
        less = client.access_format == "opaque" and set(wanted) != set(left)
        if not wanted or less:
            raise InvalidTarget(Cause.BAD_AUDIENCE, field="resource")
        resources = await self._require_all(wanted, left, row.tenant, request.now)
        withheld = await self._withheld(decision.scope, wanted, row.tenant, request.now)
        return Target(resources, _unasked(withheld, request))

    async def _require_all(
        self, wanted: Iterable[str], allowed: tuple[str, ...], tenant: str, now: datetime
    ) -> tuple[Resource, ...]:
        found = [await self._resource(tenant, name, now) if name in allowed else None for name in wanted]
        if None in found:
            raise InvalidTarget(Cause.BAD_AUDIENCE, field="resource")
        return tuple(filter(None, found))

    async def _withheld(
        self, scope: tuple[str, ...], granted: tuple[str, ...], tenant: str, now: datetime
    ) -> frozenset[str]:
        bound = await self._bound(scope, tenant, now)
        return frozenset(name for name, resource in bound.items() if resource not in granted)

    async def _bound(self, scope: tuple[str, ...], tenant: str, now: datetime) -> dict[str, str]:
        """Return the resources to which scopes belong; a scope without one, or without a record, is in any token."""
        found = [await self._scope(tenant, name, now) for name in scope]
        return {one.name: one.resource for one in found if one is not None and one.resource is not None}

    async def _resource(self, tenant: str, identifier: str, now: datetime) -> Resource | None:
        cached = self._resources.get((tenant, identifier))
        if cached is not None and cached[0] <= now < cached[0] + _FRESH:
            return cached[1]
        found = await self._reader.find_resource(tenant, identifier)
        if len(self._resources) >= _MOST_CACHED:
            self._resources.clear()
        self._resources[tenant, identifier] = (now, found)
        return found

    async def _scope(self, tenant: str, name: str, now: datetime) -> ScopeRecord | None:
        cached = self._scopes.get((tenant, name))
        if cached is not None and cached[0] <= now < cached[0] + _FRESH:
            return cached[1]
        found = await self._reader.find_scope(tenant, name)
        if len(self._scopes) >= _MOST_CACHED:
            self._scopes.clear()
        self._scopes[tenant, name] = (now, found)
        return found


def _unasked(withheld: frozenset[str], request: TokenRequest) -> frozenset[str]:
    """Return ``withheld``, if none of it was asked for by name.

    Raises:
        InvalidScope: some was.

    """
    if not withheld.isdisjoint(request.scope or ()):
        raise InvalidScope(Cause.BAD_SCOPE)
    return withheld
