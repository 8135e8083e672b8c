from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from msgspec import structs

from tokenhouse.config.settings import Standard
from tokenhouse.grants.refresh_token import RefreshToken
from tokenhouse.model.decision import Step
from tokenhouse.model.effects import RecordAudit, RevokeAuthorization, SetAccountState
from tokenhouse.model.registrations import ReplaceClient, SetClientEnabled
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.contract import Contract, SessionPolicy
from tokenhouse.protocol.messages import Credentials, TokenRequest
from tokenhouse.protocol.names import AuthMethod
from tokenhouse.protocol.refusals import InvalidGrant, InvalidRequest, InvalidScope
from tokenhouse.protocol.secret import Secret
from tokenhouse.tokens.inspection import Inspection
from tokenhouse.tokens.mounts import Mounts

PASSWORD = "correct horse battery"
GRACE = timedelta(seconds=10)


@pytest.fixture
def login(house, post_form):
    async def login(client="app", **fields):
        asked = {"grant_type": "password", "username": "alice", "password": PASSWORD, **fields}
        return json.loads((await post_form(house, "/oauth2/token", asked, client=client)).body)

    return login


@pytest.fixture
def refresh(house, post_form):
    async def refresh(token, client="app", **fields):
        asked = {"grant_type": "refresh_token", "refresh_token": token, **fields}
        reply = await post_form(house, "/oauth2/token", asked, client=client)
        return reply.status, json.loads(reply.body)

    return refresh


@pytest.fixture
def decide(house, caller_of, clock):
    """Decide without issuing: what the grant itself makes of a token."""

    async def decide(token, client="app", mount=None, **facts):
        mount = mount or house.standard
        grant = RefreshToken(Inspection(house.keys, Mounts([mount]), house.store), house.store, GRACE)
        request = TokenRequest(
            "refresh_token",
            Credentials(AuthMethod.BASIC),
            "feed" * 4,
            clock.now,
            "192.0.2.1",
            token=None if token is None else Secret(token),
            **facts,
        )
        return await grant.decide(request, await caller_of(client, mount=mount))

    return decide


async def refusal(deciding):
    with pytest.raises(InvalidGrant) as refused:
        await deciding
    return refused.value


@pytest.fixture
def is_revoked(house):
    return lambda: [row[0] is not None for row in house.store._all("SELECT revoked_at FROM authorizations")]


async def test_a_current_token_advances_its_login(decide, login):
    decision = await decide((await login())["refresh_token"], issues=("access",))
    assert (decision.step, decision.account.user_id, decision.issues) == (Step.ADVANCE, "us_alice", ("access",))
    assert decision.authorization.generation == 0
    assert decision.effects == ()


async def test_a_contract_that_keeps_its_token_only_gets_a_new_access_token(decide, login, house):
    kept = replace(house.standard.contract, session=SessionPolicy(refresh="keep"))
    decision = await decide((await login())["refresh_token"], mount=replace(house.standard, contract=kept))
    assert decision.step is Step.KEEP


async def test_a_token_is_required(decide):
    with pytest.raises(InvalidRequest) as refused:
        await decide(None)
    assert (refused.value.cause, refused.value.field) == (Cause.MISSING, "refresh_token")


async def test_a_predecessor_within_grace_gets_the_same_successor(refresh, login, clock):
    first = (await login())["refresh_token"]
    _, one = await refresh(first)
    clock.pass_(seconds=9)
    status, again = await refresh(first)
    assert status == 200
    assert again["refresh_token"] == one["refresh_token"] != first


async def test_a_predecessor_after_grace_ends_the_login_and_leaves_an_audit_record(
    refresh, login, clock, is_revoked, house
):
    first = (await login())["refresh_token"]
    _, one = await refresh(first)
    clock.pass_(seconds=10)
    status, said = await refresh(first)
    assert (status, said["error"]) == (400, "invalid_grant")
    assert is_revoked() == [True]
    refused, reuse = (await house.store.list_audit(10))[:2]
    assert (reuse.event, reuse.subject, reuse.client_id) == ("refresh_reuse", "us_alice", "app")
    assert (refused.event, refused.reason, refused.request_id) == ("refused", "used_token", reuse.request_id)
    assert (await refresh(one["refresh_token"]))[0] == 400


async def test_a_token_two_generations_old_ends_the_login_even_within_grace(refresh, login, is_revoked):
    first = (await login())["refresh_token"]
    second = (await refresh(first))[1]["refresh_token"]
    await refresh(second)
    assert (await refresh(first))[0] == 400
    assert is_revoked() == [True]


async def test_a_token_of_the_present_generation_but_another_time_was_copied_before_a_restore(
    decide, login, house, clock
):
    token = (await login())["refresh_token"]
    house.store._writer._connection.execute("UPDATE authorizations SET advanced_at = advanced_at + 5000000")
    refused = await refusal(decide(token))
    assert refused.cause is Cause.USED_TOKEN
    assert [type(effect) for effect in refused.effects] == [RevokeAuthorization, RecordAudit]


async def test_a_token_of_another_client_is_refused_and_stays_good(refresh, login, house, new_client, is_revoked):
    await new_client(house, "rival", grants=("refresh_token",))
    token = (await login())["refresh_token"]
    status, said = await refresh(token, client="rival")
    assert (status, said["error"]) == (400, "invalid_grant")
    assert is_revoked() == [False]
    assert (await refresh(token))[0] == 200


async def test_a_used_token_in_the_hands_of_another_client_ends_the_login(
    refresh, login, house, new_client, is_revoked
):
    await new_client(house, "rival", grants=("refresh_token",))
    token = (await login())["refresh_token"]
    await refresh(token)
    assert (await refresh(token, client="rival"))[0] == 400
    assert is_revoked() == [True]


async def test_a_token_of_another_contract_is_none_here(decide, login, house):
    other = replace(house.standard, contract=replace(house.standard.contract, name="another"))
    assert (await refusal(decide((await login())["refresh_token"], mount=other))).cause is Cause.BAD_TOKEN


async def test_a_contract_without_refresh_tokens_knows_none(decide, login, house):
    other = replace(house.standard, contract=Contract("standard", "None", ()))
    assert (await refusal(decide((await login())["refresh_token"], mount=other))).cause is Cause.BAD_TOKEN


async def test_a_token_of_another_tenant_is_none_here(make_house, new_client, new_user, post_form, config):
    every = structs.replace(config, standard=Standard(tenant="*"))
    house = await make_house(every, tenants=("default", "other"))
    for tenant in ("default", "other"):
        await new_client(house, f"app-{tenant}", tenant=tenant, grants=("password", "refresh_token"))
        await new_user(house, "alice", tenant=tenant)
    asked = {"grant_type": "password", "username": "alice", "password": PASSWORD}
    token = json.loads((await post_form(house, "/oauth2/token", asked, client="app-default")).body)["refresh_token"]
    asked = {"grant_type": "refresh_token", "refresh_token": token}
    assert (await post_form(house, "/oauth2/token", asked, client="app-other")).status == 400
    assert (await post_form(house, "/oauth2/token", asked, client="app-default")).status == 200


async def test_a_revoked_login_gives_nothing(refresh, login, post_form, house):
    token = (await login())["refresh_token"]
    await post_form(house, "/oauth2/revoke", {"token": token}, client="app")
    status, said = await refresh(token)
    assert (status, said["error"]) == (400, "invalid_grant")


async def test_an_idle_login_gives_nothing(refresh, login, clock):
    token = (await login())["refresh_token"]
    clock.pass_(days=14, seconds=-1)
    status, said = await refresh(token)
    assert status == 200
    clock.pass_(days=14)
    assert (await refresh(said["refresh_token"]))[1]["error"] == "invalid_grant"


async def test_an_expired_login_gives_nothing_however_busy_it_was(refresh, login, clock):
    token = (await login())["refresh_token"]
    for _ in range(8):
        clock.pass_(days=10)
        token = (await refresh(token))[1]["refresh_token"]
    clock.pass_(days=10)
    assert (await refresh(token))[1]["error"] == "invalid_grant"


@pytest.mark.parametrize("state", ["locked", "disabled", "gone"])
async def test_a_login_whose_person_may_not_use_it_gives_nothing(refresh, login, house, clock, state):
    token = (await login())["refresh_token"]
    if state == "gone":
        house.store._writer._connection.execute("UPDATE authorizations SET subject = 'us_gone'")
    else:
        locked_at = clock.now if state == "locked" else None
        await house.store.commit((SetAccountState("default", "us_alice", locked_at, enabled=state == "locked"),))
    status, said = await refresh(token)
    assert (status, said["error"]) == (400, "invalid_grant")
    assert said["error_description"] == "The token is not valid."


async def test_a_client_without_the_grant_cannot_refresh(refresh, login, house, new_client):
    await new_client(house, "rival", grants=("password",))
    assert (await refresh((await login())["refresh_token"], client="rival"))[1]["error"] == "unauthorized_client"


async def test_a_disabled_client_cannot_refresh(refresh, login, house):
    token = (await login())["refresh_token"]
    await house.store.commit((SetClientEnabled("default", "app", enabled=False),))
    house.forget()
    status, said = await refresh(token)
    assert (status, said["error"]) == (401, "invalid_client")


async def test_what_is_no_token_is_refused_and_ends_nothing(refresh, login, is_revoked):
    token = (await login())["refresh_token"]
    altered = token[:-1] + ("A" if token[-1] != "A" else "B")
    for text in ("garbage", altered, token + "=", token.upper(), (await login())["access_token"]):
        assert (await refresh(text))[1]["error"] == "invalid_grant"
    assert is_revoked() == [False, False]


async def test_a_token_whose_row_is_gone_is_none(decide, login, house):
    token = (await login())["refresh_token"]
    house.store._writer._connection.execute("DELETE FROM authorizations")
    assert (await refusal(decide(token))).cause is Cause.BAD_TOKEN


async def test_the_scope_may_be_narrowed_for_a_signed_token_and_comes_back(refresh, login):
    token = (await login(scope="read write"))["refresh_token"]
    _, narrow = await refresh(token, scope="read")
    assert narrow["scope"] == "read"
    _, whole = await refresh(narrow["refresh_token"])
    assert whole["scope"] == "read write"


async def test_an_opaque_token_says_what_its_row_says(refresh, login, house, new_client):
    await new_client(house, "plain", grants=("password", "refresh_token"), access_format="opaque")
    token = (await login("plain"))["refresh_token"]
    assert (await refresh(token, "plain", scope="read"))[1]["scope"] == "read write"


@pytest.mark.parametrize("access_format", ["jwt", "opaque"])
async def test_a_scope_that_is_taken_from_the_client_is_gone_from_its_logins(
    refresh, login, house, new_client, post_form, access_format
):
    grants = ("password", "refresh_token")
    client = await new_client(house, "less", grants=grants, access_format=access_format, introspection="own")
    first = await login("less")
    assert first["scope"] == "read write"
    await house.store.commit([ReplaceClient(structs.replace(client, scopes=("read",)))])
    house.forget()
    status, renewed = await refresh(first["refresh_token"], "less")
    assert (status, renewed["scope"]) == (200, "read")
    assert (await refresh(renewed["refresh_token"], "less", scope="write"))[1]["error"] == "invalid_scope"
    for token in (renewed["access_token"], renewed["refresh_token"]):
        reply = await post_form(house, "/oauth2/introspect", {"token": token}, client="less")
        assert json.loads(reply.body)["scope"] == "read"


async def test_a_scope_that_was_not_granted_is_refused(decide, login):
    token = (await login(scope="read"))["refresh_token"]
    with pytest.raises(InvalidScope):
        await decide(token, scope=("write",))
