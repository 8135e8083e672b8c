from __future__ import annotations

import json
from datetime import timedelta

import pytest
from msgspec import structs

from tokenhouse.config.settings import Standard
from tokenhouse.endpoints.credentials import PresentedCredentials
from tokenhouse.endpoints.questions import Questions
from tokenhouse.model.effects import SetAccountState
from tokenhouse.model.records import ClientSecret
from tokenhouse.model.registrations import AddClientSecret, SetClientEnabled
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.messages import Credentials, TokenQuestion
from tokenhouse.protocol.names import AuthMethod
from tokenhouse.protocol.refusals import InvalidRequest
from tokenhouse.protocol.secret import Secret
from tokenhouse.tokens.inspection import Inspection
from tokenhouse.tokens.mounts import Mounts

SECRET = "th_cs_a-long-random-secret-of-the-tests"
INACTIVE = (200, {"active": False})


@pytest.fixture
async def others(house, new_client):
    """Clients beside those of the house: one per right, and one whose tokens are opaque."""
    grants = ("password", "refresh_token")
    await new_client(house, "blind", grants=grants)
    await new_client(house, "rival", grants=grants, introspection="own")
    await new_client(house, "plain", grants=(*grants, "client_credentials"), access_format="opaque")


@pytest.fixture
def signed(call):
    async def signed(client="service"):
        return (await call("token", client, grant_type="client_credentials"))[1]["access_token"]

    return signed


async def test_a_living_token_is_told_with_everybody_behind_it(call, login):
    _, tokens = await login()
    status, facts = await call("introspect", "app", token=tokens["access_token"])
    assert status == 200
    jti = facts.pop("jti")
    assert len(jti) == 22
    assert facts == {
        "active": True,
        "scope": "read write",
        "client_id": "app",
        "username": "alice",
        "token_type": "Bearer",
        "exp": facts["iat"] + 300,
        "iat": 1795176000,
        "sub": "us_alice",
        "aud": "http://127.0.0.1:8400",
        "iss": "http://127.0.0.1:8400",
    }


async def test_a_refresh_token_has_no_token_type_and_ends_with_its_login(call, login):
    _, tokens = await login()
    _, facts = await call("introspect", "app", token=tokens["refresh_token"])
    assert "token_type" not in facts
    assert facts["exp"] - facts["iat"] == timedelta(days=90).total_seconds()


async def test_a_token_without_a_person_is_about_its_client(call, others, signed):
    _, facts = await call("introspect", "service", token=await signed())
    assert (facts["sub"], facts["client_id"]) == ("service", "service")
    assert "username" not in facts
    _, opaque = await call("introspect", "service", token=await signed("plain"))
    assert (opaque["sub"], opaque["client_id"]) == ("plain", "plain")
    assert "jti" not in opaque


async def test_members_without_a_value_are_left_out(call, house, new_client, signed):
    await new_client(house, "scopeless", grants=("client_credentials",), scopes=(), access_format="opaque")
    _, facts = await call("introspect", "service", token=await signed("scopeless"))
    assert "scope" not in facts
    assert None not in facts.values()


async def test_a_person_without_a_user_name_is_told_by_email(call, login, house, new_user):
    await new_user(house, None, user_id="us_2", email="bob@example.com", password="bobs long password")
    _, tokens = await login(username="bob@example.com", password="bobs long password")
    assert (await call("introspect", "app", token=tokens["access_token"]))[1]["username"] == "bob@example.com"


@pytest.mark.parametrize(("asking", "told"), [("app", True), ("service", True), ("rival", False)])
async def test_a_client_is_told_of_its_own_tokens_or_of_its_tenants(call, login, others, asking, told):
    _, tokens = await login()
    for token in (tokens["access_token"], tokens["refresh_token"]):
        assert ((await call("introspect", asking, token=token)) != INACTIVE) is told


async def test_a_client_without_the_right_is_forbidden_to_ask(call, login, others):
    _, tokens = await login()
    status, said = await call("introspect", "blind", token=tokens["access_token"])
    assert (status, said["error"]) == (403, "unauthorized_client")


async def test_a_client_that_shows_no_secret_is_forbidden_to_ask(house, login, post_form, new_client):
    await new_client(house, "open", auth_methods=("none",), secret=None, introspection="tenant")
    _, tokens = await login()
    reply = await post_form(house, "/oauth2/introspect", {"token": tokens["access_token"], "client_id": "open"})
    assert reply.status == 403


async def test_every_token_that_is_not_to_be_honoured_gets_the_same_bytes(
    house, post_form, call, login, refresh, others, clock
):
    _, lost = await login()
    clock.pass_(days=91)
    _, rival = await login("rival")
    _, mine = await login()
    _, revoked = await login()
    await call("revoke", "app", token=revoked["refresh_token"])
    _, used = await login()
    await refresh(used["refresh_token"])
    altered = [mine["access_token"][:-1] + "_", mine["access_token"].replace(".", ".A", 1)]
    altered += [mine["refresh_token"][:-1] + ("A" if mine["refresh_token"][-1] != "A" else "E")]
    altered += [mine["refresh_token"] + "=", " " + mine["refresh_token"], "Bearer Bearer " + mine["refresh_token"]]
    dead = ["garbage", "a.b.c", "é" * 43, *altered, *lost_tokens(lost), *lost_tokens(rival), *lost_tokens(revoked)]
    bodies = set()
    for token in [*dead, used["refresh_token"]]:
        reply = await post_form(house, "/oauth2/introspect", {"token": token}, client="app")
        assert reply.status == 200
        bodies.add(reply.body)
    assert bodies == {b'{"active":false}'}


def lost_tokens(tokens):
    return tokens["access_token"], tokens["refresh_token"]


@pytest.mark.parametrize("state", ["person", "client"])
async def test_a_token_is_dead_as_soon_as_somebody_behind_it_is(call, login, house, clock, state):
    _, tokens = await login()
    if state == "person":
        change = SetAccountState("default", "us_alice", clock.now, enabled=True)
    else:
        change = SetClientEnabled("default", "app", enabled=False)
    await house.store.commit((change,))
    house.forget()
    for token in lost_tokens(tokens):
        assert await call("introspect", "service", token=token) == INACTIVE


async def test_a_token_of_another_tenant_is_unknown(make_house, config, new_client, post_form):
    every = structs.replace(config, standard=Standard(tenant="*"))
    house = await make_house(every, tenants=("default", "other"))
    tokens = {}
    for tenant in ("default", "other"):
        await new_client(house, tenant, tenant=tenant, grants=("client_credentials",), introspection="tenant")
        asked = {"grant_type": "client_credentials"}
        tokens[tenant] = json.loads((await post_form(house, "/oauth2/token", asked, client=tenant)).body)[
            "access_token"
        ]
    for asking in tokens:
        for tenant, token in tokens.items():
            reply = await post_form(house, "/oauth2/introspect", {"token": token}, client=asking)
            assert json.loads(reply.body)["active"] is (asking == tenant)


async def test_a_disabled_client_is_told_nothing(call, house, signed):
    token = await signed()
    await house.store.commit((SetClientEnabled("default", "service", enabled=False),))
    house.forget()
    status, said = await call("introspect", "service", token=token)
    assert (status, said["error"]) == (401, "invalid_client")


async def test_a_client_of_no_contract_at_all_is_told_nothing(call, house, new_client):
    await new_client(house, "lost", contracts=(), introspection="tenant")
    assert (await call("introspect", "lost", token="x"))[0] == 400


@pytest.mark.parametrize("endpoint", ["introspect", "revoke"])
async def test_a_token_is_required(call, endpoint):
    status, said = await call(endpoint, "app")
    assert (status, said["error"]) == (400, "invalid_request")
    assert said["error_description"] == "The parameter token is missing."


async def test_a_question_without_a_token_is_refused_whoever_read_it(house, clock):
    mounts = Mounts([house.standard])
    inspection = Inspection(house.keys, mounts, house.store)
    presented = PresentedCredentials(house.clients, house.keys, mounts, house.store)
    credentials = Credentials(AuthMethod.BASIC, "app", Secret(SECRET))
    question = TokenQuestion(credentials, "feed" * 4, clock.now)
    with pytest.raises(InvalidRequest) as refused:
        await Questions(house.clients, inspection, presented, house.store).introspect(question, house.standard)
    assert (refused.value.cause, refused.value.field) == (Cause.MISSING, "token")


async def test_who_asks_is_settled_before_what_is_wrong_with_the_question(call, post_form, house):
    reply = await post_form(house, "/oauth2/introspect", {})
    assert reply.status == 401


async def test_a_slow_secret_that_was_right_gives_its_guess_back(call, house, new_client, clock, rows):
    await new_client(house, "chosen", secret=None)
    secret = ClientSecret("1", "argon2id", house.hashing.hash(Secret(SECRET), "raw"), clock.now)
    await house.store.commit((AddClientSecret("default", "chosen", secret, clock.now),))
    house.forget()
    assert (await call("introspect", "chosen", token="x"))[0] == 403
    assert rows("SELECT * FROM guess") == []


async def test_revoking_a_refresh_token_ends_the_login(call, login, refresh, rows):
    _, tokens = await login()
    assert await call("revoke", "app", token=tokens["refresh_token"]) == (200, None)
    for token in lost_tokens(tokens):
        assert await call("introspect", "app", token=token) == INACTIVE
    assert (await refresh(tokens["refresh_token"]))[0] == 400
    assert ("revoke", "us_alice") in rows("SELECT event, subject FROM audit_record")


async def test_revoking_an_older_refresh_token_ends_the_login_too(call, login, refresh):
    _, tokens = await login()
    _, newer = await refresh(tokens["refresh_token"])
    await call("revoke", "app", token=tokens["refresh_token"])
    assert await call("introspect", "app", token=newer["refresh_token"]) == INACTIVE


async def test_revoking_an_access_token_ends_that_token_alone(call, login, refresh, rows):
    _, tokens = await login()
    _, newer = await refresh(tokens["refresh_token"])
    assert await call("revoke", "app", token=newer["access_token"]) == (200, None)
    assert await call("introspect", "app", token=newer["access_token"]) == INACTIVE
    assert (await call("introspect", "app", token=newer["refresh_token"]))[1]["active"]
    assert (await call("introspect", "app", token=tokens["access_token"]))[1]["active"]
    assert ("revoke", "token") in rows("SELECT event, reason FROM audit_record")


async def test_revoking_the_only_token_of_a_login_ends_the_login(call, house, new_client, signed, rows):
    await new_client(house, "plain", grants=("client_credentials",), access_format="opaque")
    token = await signed("plain")
    await call("revoke", "plain", token=token)
    assert await call("introspect", "service", token=token) == INACTIVE
    assert rows("SELECT revoked_at IS NULL FROM authorizations") == [(0,)]
    assert rows("SELECT * FROM revoked_token") == []


async def test_revoking_a_token_that_nothing_remembers_is_remembered_until_it_is_over(call, signed, rows):
    token, other = await signed(), await signed()
    assert await call("revoke", "service", token=token) == (200, None)
    assert await call("introspect", "service", token=token) == INACTIVE
    assert (await call("introspect", "service", token=other))[1]["active"]
    assert len(rows("SELECT handle FROM revoked_token")) == 1


async def test_revoking_twice_is_revoking_once(call, login, signed, rows):
    _, tokens = await login()
    for _ in range(2):
        await call("revoke", "app", token=tokens["refresh_token"])
    assert len(rows("SELECT 1 FROM audit_record WHERE event = 'revoke'")) == 1


@pytest.mark.parametrize("endpoint_client", ["service", "app"])
async def test_a_token_that_is_over_leaves_nothing_behind(call, login, signed, clock, rows, endpoint_client):
    token = await signed() if endpoint_client == "service" else (await login())[1]["access_token"]
    clock.pass_(seconds=300)
    assert await call("revoke", endpoint_client, token=token) == (200, None)
    assert rows("SELECT * FROM revoked_token") == []


async def test_a_token_that_nobody_knows_or_another_has_is_as_good_as_revoked(call, login, others):
    _, tokens = await login()
    assert await call("revoke", "app", token="garbage") == (200, None)
    for token in lost_tokens(tokens):
        assert await call("revoke", "rival", token=token) == (200, None)
        assert (await call("introspect", "app", token=token))[1]["active"]


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "nonsense"])
async def test_a_wrong_hint_does_not_hide_a_token(call, login, hint):
    _, tokens = await login()
    assert (await call("introspect", "app", token=tokens["refresh_token"], token_type_hint=hint))[1]["active"]
    await call("revoke", "app", token=tokens["refresh_token"], token_type_hint=hint)
    assert await call("introspect", "app", token=tokens["refresh_token"]) == INACTIVE


async def test_a_public_client_may_revoke_its_own_tokens(house, post_form, call):
    asked = {"grant_type": "password", "username": "alice", "password": "correct horse battery", "client_id": "public"}
    tokens = json.loads((await post_form(house, "/oauth2/token", asked)).body)
    asked = {"token": tokens["refresh_token"], "client_id": "public"}
    assert (await post_form(house, "/oauth2/revoke", asked)).status == 200
    assert await call("introspect", "service", token=tokens["access_token"]) == INACTIVE
