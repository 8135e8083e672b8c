from __future__ import annotations

from dataclasses import replace

import pytest

from tokenhouse.clients import authentication
from tokenhouse.model.effects import ReturnGuess
from tokenhouse.model.records import ClientSecret
from tokenhouse.model.registrations import AddClientSecret, SetClientEnabled
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.messages import Credentials
from tokenhouse.protocol.names import AuthMethod
from tokenhouse.protocol.refusals import InvalidClient, Limited
from tokenhouse.protocol.secret import Secret

RIGHT = "th_cs_a-long-random-secret-of-the-tests"
BASIC, POST, NONE = AuthMethod.BASIC, AuthMethod.POST, AuthMethod.NONE


@pytest.fixture
def authenticate(house, clock):
    async def authenticate(client_id, secret=RIGHT, method=BASIC, mount=None, **facts):
        credentials = Credentials(method, client_id, None if secret is None else Secret(secret), **facts)
        return await house.clients.authenticate(credentials, mount or house.standard, "192.0.2.1", clock.now)

    return authenticate


@pytest.fixture
def slow_client(house, clock, new_client):
    async def make(client_id, *secrets, **facts):
        client = await new_client(house, client_id, secret=None, **facts)
        for number, text in enumerate(secrets):
            phc = house.hashing.hash(Secret(text), "raw")
            secret = ClientSecret(str(number), "argon2id", phc, clock.now)
            ends = clock.now.replace(year=9000)
            await house.store.commit((AddClientSecret(client.tenant, client_id, secret, ends),))
        house.forget()

    return make


async def cause(authenticating):
    with pytest.raises(InvalidClient) as refused:
        await authenticating
    return refused.value.cause


@pytest.mark.parametrize("method", [BASIC, POST])
async def test_a_right_secret_proves_the_client(authenticate, house, method):
    caller = await authenticate("service", method=method)
    assert (caller.client.client_id, caller.mount, caller.effects) == ("service", house.standard, ())
    assert caller.tenant_enabled


async def test_a_public_client_is_who_it_says(authenticate):
    assert (await authenticate("public", None, NONE)).client.client_id == "public"


@pytest.mark.parametrize(
    ("client_id", "secret", "method", "expected"),
    [
        ("service", "wrong", BASIC, Cause.WRONG_SECRET),
        ("service", "", BASIC, Cause.WRONG_SECRET),
        ("service", None, NONE, Cause.WRONG_SECRET),
        ("public", RIGHT, POST, Cause.WRONG_SECRET),
        ("public", RIGHT, NONE, Cause.WRONG_SECRET),
        ("nobody", RIGHT, BASIC, Cause.UNKNOWN_CLIENT),
        ("SERVICE", RIGHT, BASIC, Cause.UNKNOWN_CLIENT),
        ("", RIGHT, BASIC, Cause.BAD_CLIENT),
        (None, None, NONE, Cause.BAD_CLIENT),
    ],
)
async def test_whoever_is_not_proven_is_refused_alike(authenticate, client_id, secret, method, expected):
    with pytest.raises(InvalidClient) as refused:
        await authenticate(client_id, secret, method)
    said = refused.value
    assert said.cause is expected
    assert (said.public_cause, said.description) == (Cause.BAD_CLIENT, "Client authentication failed.")


async def test_a_malformed_header_proves_nobody_even_where_the_mount_names_a_client(authenticate, house):
    mount = replace(house.standard, client_id="public")
    assert await cause(authenticate(None, None, BASIC, mount, malformed=True)) is Cause.BAD_CLIENT


async def test_the_mount_names_the_client_where_the_wire_carries_none(authenticate, house):
    mount = replace(house.standard, client_id="public")
    assert (await authenticate(None, None, NONE, mount)).client.client_id == "public"
    assert await cause(authenticate("", None, NONE, mount)) is Cause.BAD_CLIENT


async def test_a_client_of_another_tenant_is_unknown(authenticate, house):
    assert await cause(authenticate("service", mount=replace(house.standard, tenant="other"))) is Cause.UNKNOWN_CLIENT


async def test_a_mount_of_all_tenants_knows_an_id_only_if_it_is_one_clients(make_house, new_client, clock):
    house = await make_house(tenants=("default", "other"))
    for tenant, client_id in (("default", "twin"), ("other", "twin"), ("other", "single")):
        await new_client(house, client_id, tenant=tenant)
    mount = replace(house.standard, tenant=None)
    single = await house.clients.authenticate(Credentials(BASIC, "single", Secret(RIGHT)), mount, "", clock.now)
    assert single.client.tenant == "other"
    twin = house.clients.authenticate(Credentials(BASIC, "twin", Secret(RIGHT)), mount, "", clock.now)
    assert await cause(twin) is Cause.UNKNOWN_CLIENT


async def test_a_rotated_secret_ends_when_it_was_told_to(authenticate, house, clock):
    digest = await house.keys.digest("client secret", b"another-secret", clock.now)
    ends = clock.now.replace(minute=10)
    new = ClientSecret("2", "hmac-sha256", digest.hex(), clock.now)
    await house.store.commit((AddClientSecret("default", "service", new, ends),))
    house.forget()
    for secret in (RIGHT, "another-secret"):
        assert await authenticate("service", secret)
    clock.pass_(minutes=10)
    assert await cause(authenticate("service")) is Cause.WRONG_SECRET
    assert await authenticate("service", "another-secret")


async def test_a_change_is_seen_within_a_second_and_at_once_where_it_was_made(authenticate, house, clock):
    await authenticate("service")
    await house.store.commit((SetClientEnabled("default", "service", enabled=False),))
    assert (await authenticate("service")).client.enabled
    clock.pass_(seconds=1)
    assert not (await authenticate("service")).client.enabled
    await house.store.commit((SetClientEnabled("default", "service", enabled=True),))
    house.clients.forget()
    assert (await authenticate("service")).client.enabled


async def test_a_clock_that_goes_back_does_not_keep_old_news(authenticate, house, clock):
    clock.pass_(minutes=2)
    await authenticate("service")
    await house.store.commit((SetClientEnabled("default", "service", enabled=False),))
    clock.pass_(minutes=-1)
    assert not (await authenticate("service")).client.enabled


async def test_a_new_client_is_known_within_a_second_of_being_unknown(authenticate, house, clock, new_client):
    assert await cause(authenticate("newcomer")) is Cause.UNKNOWN_CLIENT
    await new_client(house, "newcomer")
    assert await authenticate("newcomer")


async def test_names_that_strangers_make_up_do_not_fill_the_memory(authenticate, house, monkeypatch):
    monkeypatch.setattr(authentication, "_MOST_CACHED", 5)
    for number in range(23):
        await cause(authenticate(f"made up {number}"))
        assert len(house.clients._cached) <= 5


async def test_a_slow_secret_is_hashed_once_and_its_guess_given_back(authenticate, house, slow_client):
    await slow_client("chosen", "a secret of a person")
    caller = await authenticate("chosen", "a secret of a person")
    assert [type(effect) for effect in caller.effects] == [ReturnGuess, ReturnGuess]
    await house.store.commit(caller.effects)
    assert (await authenticate("chosen", "a secret of a person")).effects == ()
    assert house.store._all("SELECT * FROM guess") == []


async def test_the_older_of_two_slow_secrets_costs_no_guesses_either(authenticate, house, slow_client, clock):
    await slow_client("chosen", "the older one", "the newer one")
    for _ in range(20):
        caller = await authenticate("chosen", "the older one")
        await house.store.commit(caller.effects)
        clock.pass_(minutes=5)
    assert house.store._all("SELECT * FROM guess") == []


async def test_guesses_at_a_slow_secret_are_limited(authenticate, slow_client):
    await slow_client("chosen", "a secret of a person")
    for number in range(10):
        assert await cause(authenticate("chosen", f"wrong {number}")) is Cause.WRONG_SECRET
    with pytest.raises(Limited):
        await authenticate("chosen", "a secret of a person")
