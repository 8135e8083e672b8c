"""Fixtures of the grants room: decisions of real grants on a real store."""

from __future__ import annotations

import pytest

from tokenhouse.model.decision import Caller
from tokenhouse.protocol.messages import Credentials, TokenRequest
from tokenhouse.protocol.names import AuthMethod


@pytest.fixture
def caller_of(house, clock):
    """Return a proven client at the standard mount."""

    async def caller_of(client_id, tenant="default", mount=None) -> Caller:
        (entry,) = await house.store.find_clients(client_id, tenant)
        return Caller(entry.client, mount or house.standard, entry.tenant_enabled)

    return caller_of


@pytest.fixture
def request_for(clock):
    """Return a token request of a client that authenticated by Basic."""

    def request_for(grant_type, method=AuthMethod.BASIC, **facts) -> TokenRequest:
        return TokenRequest(grant_type, Credentials(method), "0" * 16, clock.now, "192.0.2.1", **facts)

    return request_for
