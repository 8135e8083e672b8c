"""Credentials that are no tokens, asked about at the introspection endpoint."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import msgspec
import pytest

from tokenhouse.clients.secrets import DEVICE_KEY_DIGEST
from tokenhouse.endpoints.credentials import PresentedCredentials
from tokenhouse.endpoints.questions import INACTIVE, Questions
from tokenhouse.model.effects import SetAccountState
from tokenhouse.model.records import ClientSecret, DeviceKey
from tokenhouse.model.registrations import (
    AddClientSecret,
    CreateDeviceKey,
    ReplaceClient,
    RevokeDeviceKey,
    SetClientEnabled,
)
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.messages import Credentials, TokenQuestion
from tokenhouse.protocol.names import API_SECRET, AuthMethod
from tokenhouse.protocol.refusals import Forbidden, InvalidRequest, Limited, UnsupportedTokenType
from tokenhouse.protocol.secret import Secret
from tokenhouse.tokens.inspection import Inspection
from tokenhouse.tokens.mounts import Mounts

SECRET = "th_cs_a-long-random-secret-of-the-tests"
KEY = "RjfFZcUs8tTyJ8Pc"


def legacy(house, name, tenant, *presents):
    contract = dataclasses.replace(house.standard.contract, name=name, presents=frozenset(presents))
    return dataclasses.replace(
        house.standard, contract=contract, tenant=tenant, issuer=f"https://{name}.example", audience=None
    )


@pytest.fixture
async def things(make_house, new_client, new_user, clock):
    """Two tenants; a contract whose APIs take pairs and device keys, one that takes tokens alone."""
    house = await make_house(tenants=("default", "other"))
    await new_client(house, "api", introspection="tenant")
    await new_client(house, "narrow", introspection="own")
    await new_client(house, "blind")
    await new_client(house, "lamp", contracts=("acme",), scopes=("things", "read"))
    await new_client(house, "web")
    await new_client(house, "stranger", tenant="other", contracts=("acme",))
    await new_user(house, "alice")
    return house


@pytest.fixture
def questions(things):
    mounts = Mounts(
        [
            things.standard,
            legacy(things, "plain", "default", "token"),
            legacy(things, "acme", "default", "token", "client_secret", "device_key"),
            legacy(things, "acme", "other", "token", "client_secret", "device_key"),
        ]
    )
    presented = PresentedCredentials(things.clients, things.keys, mounts, things.store)
    return Questions(things.clients, Inspection(things.keys, mounts, things.store), presented, things.store)


@pytest.fixture
def ask(things, questions, clock):
    """Ask as a client: ``await ask(secret, hint, id, asking="api")``."""

    async def ask(secret, hint, credential_id=None, asking="api", how="introspect"):
        question = TokenQuestion(
            Credentials(AuthMethod.BASIC, asking, Secret(SECRET)),
            "feed" * 4,
            clock.now,
            "192.0.2.1",
            token=Secret(secret),
            hint=hint,
            credential_id=credential_id,
        )
        return await getattr(questions, how)(question, things.standard)

    return ask


@pytest.fixture
def add_key(things, clock):
    async def add_key(device="D1", text=KEY, contract="acme", tenant="default", **facts):
        digest = await things.keys.digest(DEVICE_KEY_DIGEST, text.encode(), clock.now)
        await things.store.commit([CreateDeviceKey(DeviceKey(tenant, contract, device, digest, clock.now, **facts))])

    return add_key


# a client's own pair


async def test_a_pair_says_whose_it_is(ask):
    assert await ask(SECRET, "client_secret", "lamp") == {
        "active": True,
        "scope": "things read",
        "client_id": "lamp",
        "token_type": "client_secret",
        "sub": "lamp",
        "aud": "https://acme.example",
        "iss": "https://acme.example",
    }


async def test_a_pair_ends_with_its_contract(ask, things, clock):
    [entry] = await things.store.find_clients("lamp", "default")
    ends_at = clock.now + timedelta(hours=1)
    await things.store.commit([ReplaceClient(msgspec.structs.replace(entry.client, ends_at=ends_at))])
    things.forget()
    assert (await ask(SECRET, "client_secret", "lamp"))["exp"] == int(ends_at.timestamp())
    clock.pass_(hours=1)
    assert await ask(SECRET, "client_secret", "lamp") == INACTIVE


@pytest.mark.parametrize(
    ("secret", "client_id"),
    [("wrong", "lamp"), ("", "lamp"), (SECRET, "nobody"), (SECRET, ""), (SECRET, "web"), (SECRET, "stranger")],
)
async def test_who_is_unknown_wrong_foreign_or_of_another_contract_is_inactive(ask, secret, client_id):
    assert await ask(secret, "client_secret", client_id) == INACTIVE


async def test_a_disabled_client_is_inactive(ask, things):
    await things.store.commit([SetClientEnabled("default", "lamp", enabled=False)])
    things.forget()
    assert await ask(SECRET, "client_secret", "lamp") == INACTIVE


async def test_a_secret_of_another_slot_is_not_presented_at_apis(ask, things, clock):
    digest = await things.keys.digest("client secret", b"back end", clock.now)
    secret = ClientSecret("2", "hmac-sha256", digest.hex(), clock.now, slot=API_SECRET)
    await things.store.commit([AddClientSecret("default", "lamp", secret, clock.now)])
    things.forget()
    assert await ask("back end", "client_secret", "lamp") == INACTIVE
    assert (await ask(SECRET, "client_secret", "lamp"))["active"]


async def test_guesses_at_a_human_chosen_secret_are_counted_and_given_back(ask, things, clock, new_client):
    await new_client(things, "weak", contracts=("acme",), secret=None)
    secret = ClientSecret("1", "argon2id", things.hashing.hash(Secret("chosen"), "raw"), clock.now)
    await things.store.commit([AddClientSecret("default", "weak", secret, clock.now)])
    things.forget()
    assert (await ask("chosen", "client_secret", "weak"))["active"]
    assert things.store._all("SELECT * FROM guess") == []
    for number in range(10):
        assert await ask(f"guess {number}", "client_secret", "weak") == INACTIVE
    with pytest.raises(Limited):
        await ask("guess 11", "client_secret", "weak")
    assert (await ask(SECRET, "client_secret", "lamp"))["active"]


async def test_a_pair_needs_its_id(ask):
    with pytest.raises(InvalidRequest) as refused:
        await ask(SECRET, "client_secret")
    assert (refused.value.cause, refused.value.field) == (Cause.MISSING, "credential_id")


async def test_where_no_contract_takes_pairs_nobody_is_found(things, clock):
    mounts = Mounts([things.standard])
    presented = PresentedCredentials(things.clients, things.keys, mounts, things.store)
    question = TokenQuestion(Credentials(AuthMethod.BASIC), "x", clock.now, hint="client_secret", credential_id="lamp")
    assert await presented.facts(question, Secret(SECRET), "default") is None


# a device's key


async def test_a_key_says_which_device_it_is(ask, add_key, clock):
    await add_key()
    issued = int(clock.now.timestamp())
    told = {"active": True, "token_type": "device_key", "iat": issued, "device": "D1"}
    told |= {"aud": "https://acme.example", "iss": "https://acme.example"}
    assert await ask(KEY, "device_key") == told
    assert await ask(KEY, "device_key", "D1") == told
    assert await ask(KEY, "device_key", "D2") == INACTIVE


async def test_a_persons_device_says_whose_it_is_and_when_it_ends(ask, add_key, clock):
    ends_at = clock.now + timedelta(hours=1)
    await add_key(subject="us_alice", scope=("things",), expires_at=ends_at)
    facts = await ask(KEY, "device_key")
    assert (facts["sub"], facts["scope"], facts["exp"]) == ("us_alice", "things", int(ends_at.timestamp()))
    clock.pass_(hours=1)
    assert await ask(KEY, "device_key") == INACTIVE


async def test_a_key_that_was_ended_is_inactive(ask, add_key, things, clock):
    await add_key()
    await things.store.commit([RevokeDeviceKey("default", "acme", "D1", clock.now)])
    assert await ask(KEY, "device_key") == INACTIVE


@pytest.mark.parametrize("state", [{"enabled": False}, {"locked": True}])
async def test_a_key_dies_with_its_person(ask, add_key, things, clock, state):
    await add_key(subject="us_alice")
    locked_at = clock.now if "locked" in state else None
    change = SetAccountState("default", "us_alice", locked_at, enabled=state.get("enabled", True))
    await things.store.commit([change])
    assert await ask(KEY, "device_key") == INACTIVE


async def test_a_key_of_nobody_of_another_tenant_or_contract_is_inactive(ask, add_key):
    assert await ask(KEY, "device_key") == INACTIVE
    await add_key(tenant="other")
    await add_key(text="of-plain-tokens-alone", contract="plain")
    await add_key(device="D3", text="of-a-person-who-is-gone", subject="us_nobody")
    for text in (KEY, "of-plain-tokens-alone", "of-a-person-who-is-gone", "", "é"):
        assert await ask(text, "device_key") == INACTIVE


# who may ask, and what is never mixed up


@pytest.mark.parametrize("hint", ["client_secret", "device_key"])
@pytest.mark.parametrize("asking", ["narrow", "blind"])
async def test_only_who_may_ask_about_the_whole_tenant_may_ask(ask, hint, asking):
    with pytest.raises(Forbidden):
        await ask(SECRET, hint, "lamp", asking)


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", None, "secret"])
async def test_a_credential_is_no_token(ask, add_key, hint):
    await add_key()
    for text in (SECRET, KEY):
        assert await ask(text, hint, "lamp") == INACTIVE


async def test_a_token_is_no_credential(ask, things, post_form, new_client):
    await new_client(things, "app", grants=("client_credentials",))
    reply = await post_form(things, "/oauth2/token", {"grant_type": "client_credentials"}, client="app")
    token = msgspec.json.decode(reply.body)["access_token"]
    assert (await ask(token, None))["active"]
    for hint in ("client_secret", "device_key"):
        assert await ask(token, hint, "app") == INACTIVE


@pytest.mark.parametrize("hint", ["client_secret", "device_key"])
async def test_what_is_no_token_is_not_revoked(ask, hint):
    with pytest.raises(UnsupportedTokenType) as refused:
        await ask(SECRET, hint, "lamp", how="revoke")
    assert refused.value.description == "A value cannot be accepted."


async def test_a_pair_is_asked_about_through_the_door(things, post_form):
    asked = {"token": SECRET, "token_type_hint": "client_secret", "credential_id": "lamp"}
    reply = await post_form(things, "/oauth2/introspect", asked, client="api")
    assert (reply.status, reply.body) == (200, b'{"active":false}'), "the house of the tests has no such contract"
