"""Targets: what is read, how long it is believed, and that nothing is read where nothing can be.

The rules themselves are in tests/conformance/test_rfc8707.py. Spec: RFC 8707 §2.
"""

from __future__ import annotations

import dataclasses

import pytest

from tokenhouse.grants import targets as room
from tokenhouse.grants.targets import NOWHERE, Target, Targets
from tokenhouse.model.decision import Decision, Step
from tokenhouse.model.records import Authorization, Resource, ScopeRecord
from tokenhouse.model.registrations import DeleteScope, PutResource, PutScope
from tokenhouse.protocol.refusals import InvalidScope, InvalidTarget

API = "https://api.example"
OTHER = "https://other.example"


class Counting:
    """The store, and how often it was asked."""

    def __init__(self, store):
        self._store = store
        self.asked = []

    async def find_resource(self, tenant, identifier):
        self.asked.append(identifier)
        return await self._store.find_resource(tenant, identifier)

    async def find_scope(self, tenant, name):
        self.asked.append(name)
        return await self._store.find_scope(tenant, name)


@pytest.fixture
async def reader(house, clock, new_client):
    at = clock.now
    await house.store.commit(
        [
            PutResource(Resource("default", API, "API", at)),
            PutResource(Resource("default", OTHER, "Other", at)),
            PutScope(ScopeRecord("default", "read", at, resource=API)),
        ]
    )
    await new_client(house, "plain")
    await new_client(house, "both", resources=(API, OTHER), scopes=("read", "write"))
    return Counting(house.store)


def row_of(caller, clock, *resources):
    at = clock.now
    scope = ("read", "write")
    return Authorization(
        1, "default", "standard", caller.client.client_id, None, scope, "k", at, at, at, 300, resources=resources
    )


async def test_a_client_without_resources_costs_no_query(reader, caller_of, request_for, clock):
    targets, caller = Targets(reader), await caller_of("plain")
    request = request_for("client_credentials")
    assert await targets.choose(request, caller) is NOWHERE
    decision = Decision(caller, Step.OPEN, ("read",), clock.now)
    assert await targets.apply(decision, NOWHERE, request) is decision
    assert reader.asked == []


async def test_another_contract_has_no_resources(reader, caller_of, request_for, house):
    legacy = dataclasses.replace(house.standard.contract, name="legacy")
    caller = await caller_of("both", mount=dataclasses.replace(house.standard, contract=legacy))
    assert await Targets(reader).choose(request_for("password", resources=(API,)), caller) is NOWHERE


async def test_what_was_read_is_believed_for_a_second(reader, caller_of, request_for, clock, house):
    targets, caller = Targets(reader), await caller_of("both")

    async def choose():
        return await targets.choose(dataclasses.replace(request_for("password"), resources=(OTHER,)), caller)

    assert (await choose()).withheld == {"read"}
    assert sorted(reader.asked) == [OTHER, "read", "write"]
    await choose()
    assert len(reader.asked) == 3
    await house.store.commit([DeleteScope("default", "read")])
    clock.pass_(seconds=1)
    chosen = await choose()
    assert ([one.identifier for one in chosen.resources], chosen.withheld) == ([OTHER], frozenset())
    assert len(reader.asked) == 6


async def test_a_change_of_this_process_is_seen_at_once(reader, caller_of, request_for, house):
    targets, caller = Targets(reader), await caller_of("both")
    request = request_for("password", resources=(OTHER,))
    await targets.choose(request, caller)
    await house.store.commit([DeleteScope("default", "read")])
    targets.forget()
    assert (await targets.choose(request, caller)).withheld == frozenset()


async def test_what_is_remembered_is_bounded(reader, caller_of, request_for, monkeypatch):
    monkeypatch.setattr(room, "_MOST_CACHED", 1)
    targets, caller = Targets(reader), await caller_of("both")
    for _ in range(2):
        await targets.choose(request_for("password", resources=(API, OTHER)), caller)
    assert len(reader.asked) == 8


async def test_a_name_that_the_client_cannot_have_is_not_looked_up(reader, caller_of, request_for):
    targets, caller = Targets(reader), await caller_of("both")
    with pytest.raises(InvalidTarget):
        await targets.choose(request_for("password", resources=("https://nowhere.example",)), caller)
    assert await targets.choose(request_for("password", scope=("unknown",)), caller) == Target((), frozenset({"read"}))
    assert set(reader.asked) == {"read", "write"}


async def test_a_target_narrows_the_scope_of_a_decision(reader, caller_of, request_for, clock):
    targets, caller = Targets(reader), await caller_of("both")
    request = request_for("password", resources=(OTHER,))
    target = await targets.choose(request, caller)
    decision = await targets.apply(Decision(caller, Step.OPEN, ("read", "write"), clock.now), target, request)
    assert decision.scope == ("write",)
    assert [one.identifier for one in decision.resources] == [OTHER]


async def test_a_refresh_is_judged_by_its_login(reader, caller_of, request_for, clock):
    targets, caller = Targets(reader), await caller_of("both")

    async def refresh(row, **asked):
        request = request_for("refresh_token", **asked)
        target = await targets.choose(request, caller)
        assert target is NOWHERE
        decision = Decision(caller, Step.ADVANCE, row.scope, clock.now, authorization=row)
        return await targets.apply(decision, target, request)

    both = row_of(caller, clock, API, OTHER)
    assert [one.identifier for one in (await refresh(both)).resources] == [API, OTHER]
    assert (await refresh(both, resources=(OTHER,))).scope == ("write",)
    with pytest.raises(InvalidScope):
        await refresh(both, resources=(OTHER,), scope=("read",))
    with pytest.raises(InvalidTarget):
        await refresh(row_of(caller, clock, API), resources=(OTHER,))
    with pytest.raises(InvalidTarget):
        await refresh(row_of(caller, clock), resources=(API,))
    untargeted = row_of(caller, clock)
    assert (await refresh(untargeted)).resources == ()
