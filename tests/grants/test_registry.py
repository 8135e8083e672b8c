from __future__ import annotations

from dataclasses import replace

import pytest

from tokenhouse.grants.client_credentials import ClientCredentials
from tokenhouse.grants.registry import Grants
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import InvalidRequest, Refusal, UnauthorizedClient, UnsupportedGrantType

ONLY = ClientCredentials()
GRANTS = Grants([ONLY])


@pytest.fixture
def mount_of(house):
    """Return the standard mount with a contract that offers ``grants``."""
    return lambda *grants: replace(house.standard, contract=replace(house.standard.contract, grants=frozenset(grants)))


async def test_a_grant_is_found_by_its_registered_name(caller_of, request_for):
    assert GRANTS.select(request_for("client_credentials"), await caller_of("service")) is ONLY


async def test_what_is_wrong_with_the_message_is_said_first(caller_of, request_for):
    fault = InvalidRequest(Cause.MALFORMED)
    with pytest.raises(InvalidRequest) as refused:
        GRANTS.select(request_for("nonsense", fault=fault), await caller_of("service"))
    assert refused.value is fault


@pytest.mark.parametrize("grant_type", ["", "nonsense", "CLIENT_CREDENTIALS", "password"])
async def test_a_grant_type_that_has_no_grant_is_unsupported(caller_of, request_for, grant_type):
    with pytest.raises(UnsupportedGrantType) as refused:
        GRANTS.select(request_for(grant_type), await caller_of("public"))
    assert (refused.value.cause, refused.value.field) == (Cause.UNSUPPORTED, "grant_type")


async def test_a_grant_that_the_contract_does_not_offer_is_unsupported(caller_of, request_for, mount_of):
    with pytest.raises(UnsupportedGrantType):
        GRANTS.select(request_for("client_credentials"), await caller_of("service", mount=mount_of("password")))


async def test_unsupported_comes_before_unauthorized(caller_of, request_for, mount_of):
    request = request_for("client_credentials")
    found: list[type[Refusal]] = []
    for offered in ((), ("client_credentials",)):
        with pytest.raises(Refusal) as refused:
            GRANTS.select(request, await caller_of("app", mount=mount_of(*offered)))
        found.append(type(refused.value))
    assert found == [UnsupportedGrantType, UnauthorizedClient]
