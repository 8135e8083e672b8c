"""Fixtures of the endpoints: corridors through a real house, and the tokens that come out."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tokenhouse.accounts.choosing import NewPasswords
from tokenhouse.accounts.people import People
from tokenhouse.accounts.verifying import SlowVerifier
from tokenhouse.endpoints.bearers import Bearers
from tokenhouse.endpoints.calls import Calls
from tokenhouse.endpoints.profiles import Profiles
from tokenhouse.protocol.messages import CallRequest
from tokenhouse.protocol.secret import Secret
from tokenhouse.tokens.inspection import Inspection
from tokenhouse.tokens.mounts import Mounts

PASSWORD = "correct horse battery"


@pytest.fixture
def call(house, post_form):
    """Post a form to an endpoint and return its status and its JSON."""

    async def call(endpoint, client, **fields):
        reply = await post_form(house, f"/oauth2/{endpoint}", fields, client=client)
        return reply.status, json.loads(reply.body) if reply.body else None

    return call


@pytest.fixture
def login(call):
    async def login(client="app", **fields):
        asked = {"grant_type": "password", "username": "alice", "password": PASSWORD, **fields}
        return await call("token", client, **asked)

    return login


@pytest.fixture
def refresh(call):
    async def refresh(token, client="app", **fields):
        return await call("token", client, grant_type="refresh_token", refresh_token=token, **fields)

    return refresh


@pytest.fixture
def rows(house):
    """Read from the database itself."""
    return lambda text: [tuple(row) for row in house.store._all(text)]


@pytest.fixture
def inspection(house):
    return Inspection(house.keys, Mounts([house.standard]), house.store)


@pytest.fixture
def people(house):
    return People(house.store, SlowVerifier(house.guesses, house.hashing, house.pool))


@pytest.fixture
def bearers(house, inspection, people):
    return Bearers(inspection, house.keys, people, house.store)


@pytest.fixture
def profiles(house):
    return Profiles(house.store, NewPasswords(house.hashing, house.pool, 15))


@pytest.fixture
def make_call(clock):
    """Return a protected call; ``does`` and ``token`` and whatever else it says."""

    def make_call(does, token=None, **facts):
        shown = None if token is None else Secret(token)
        return CallRequest(does, "feed" * 4, clock.now, source="192.0.2.1", token=shown, **facts)

    return make_call


@pytest.fixture
def call_as(house, people, profiles, make_call):
    """Make a protected call at the standard contract, with whatever policy ``mount`` puts over it."""

    async def call_as(does, token=None, mount=None, **facts):
        at = replace(house.standard, **(mount or {}))
        bearers = Bearers(Inspection(house.keys, Mounts([at]), house.store), house.keys, people, house.store)
        calls = Calls(bearers, house.clients, people, profiles, house.store)
        return await calls.answer(make_call(does, token, **facts), at)

    return call_as


@pytest.fixture
def user_token(login):
    """Return alice's access token."""

    async def user_token(client="app"):
        status, answer = await login(client)
        assert status == 200, answer
        return answer["access_token"]

    return user_token


@pytest.fixture
def client_token(call):
    """Return a client's own access token."""

    async def client_token(client="service"):
        status, answer = await call("token", client, grant_type="client_credentials")
        assert status == 200, answer
        return answer["access_token"]

    return client_token
