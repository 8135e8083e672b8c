"""Fixtures of the endpoints: corridors through a real house, and the tokens that come out."""

from __future__ import annotations

import json

import pytest

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
