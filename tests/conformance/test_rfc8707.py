"""RFC 8707, Resource Indicators for OAuth 2.0: each MUST of the token endpoint, named after its section."""

from __future__ import annotations

from urllib.parse import urlencode

import jwt
import msgspec
import pytest

from tokenhouse.model.records import Resource, ScopeRecord
from tokenhouse.model.registrations import DeleteResource, PutResource, PutScope, ReplaceClient

ORDERS = "https://api.example.com/orders"
BILLING = "https://api.example.com/billing?v=1"
OTHER = "https://elsewhere.example"
ISSUER = "http://127.0.0.1:8400"


@pytest.fixture
async def resources(house, clock, new_client):
    """Two resources with a scope each, and clients that may ask for both, for one, and for both in opaque tokens."""
    records = [Resource("default", name, name, clock.now) for name in (ORDERS, BILLING, OTHER)]
    scopes = [
        ScopeRecord("default", "orders:read", clock.now, resource=ORDERS),
        ScopeRecord("default", "bills:read", clock.now, resource=BILLING),
    ]
    await house.store.commit([*map(PutResource, records), *map(PutScope, scopes)])
    facts = {
        "grants": ("client_credentials", "password", "refresh_token"),
        "scopes": ("orders:read", "bills:read", "profile"),
        "introspection": "own",
    }
    both = {"resources": (ORDERS, BILLING)}
    await new_client(house, "both", **facts, **both)
    await new_client(house, "opaque", access_format="opaque", **facts, **both)
    await new_client(house, "single", **facts, resources=(ORDERS,))
    await new_client(house, "audience", **facts, resources=(ORDERS,), audience="https://own.example")


@pytest.fixture
def ask(post_raw, basic_auth):
    """Ask for tokens with ``resource`` as often as given: ``await ask("both", ORDERS, BILLING, scope="profile")``."""

    async def ask(client, *resources, grant_type="client_credentials", **fields):
        pairs = [("grant_type", grant_type), *fields.items(), *(("resource", one) for one in resources)]
        return await post_raw("token", urlencode(pairs).encode(), basic_auth(client))

    return ask


@pytest.fixture
def log_in(ask):
    async def log_in(client, *resources, **fields):
        who = {"username": "alice", "password": "correct horse battery"}
        return await ask(client, *resources, grant_type="password", **who, **fields)

    return log_in


@pytest.fixture
def renew(ask):
    async def renew(client, said, *resources, **fields):
        token = said.json["refresh_token"]
        return await ask(client, *resources, grant_type="refresh_token", refresh_token=token, **fields)

    return renew


def aud(said):
    return jwt.decode(said.json["access_token"], options={"verify_signature": False})["aud"]


def scope(said):
    return set(said.json.get("scope", "").split())


# §2 Resource Parameter


async def test_rfc8707_2_the_resource_is_the_audience_of_the_token(resources, ask):
    assert aud(await ask("both", ORDERS)) == ORDERS
    assert aud(await ask("both", BILLING)) == BILLING


async def test_rfc8707_2_the_parameter_may_be_repeated(resources, ask):
    said = await ask("both", ORDERS, BILLING, ORDERS)
    assert aud(said) == [ORDERS, BILLING]
    assert scope(said) == {"orders:read", "bills:read", "profile"}


@pytest.mark.parametrize(
    "resource", ["/orders", "orders", ORDERS + "#top", "https:", "https://a b", "https://é", "%zz:x"]
)
async def test_rfc8707_2_its_value_must_be_an_absolute_uri_without_a_fragment(resources, ask, assert_refused, resource):
    assert_refused(await ask("both", resource), 400, "invalid_target")


@pytest.mark.parametrize("asked", [[OTHER], [ORDERS + "/"], [ORDERS.upper()], [ORDERS, OTHER], [ORDERS, "#"]])
async def test_rfc8707_2_invalid_target_for_a_resource_that_is_unknown_or_not_the_clients(
    resources, ask, assert_refused, asked
):
    assert_refused(await ask("both", *asked), 400, "invalid_target")


async def test_rfc8707_2_invalid_target_for_a_client_without_resources(resources, ask, assert_refused):
    assert_refused(await ask("service", ORDERS), 400, "invalid_target")


async def test_rfc8707_2_no_more_resources_than_can_be_meant(resources, ask, assert_refused):
    assert_refused(await ask("both", *(f"{ORDERS}/{n}" for n in range(9))), 400, "invalid_target")


async def test_rfc8707_2_a_stranger_learns_nothing_about_resources(resources, post, assert_refused):
    said = await post("token", grant_type="client_credentials", client_id="nobody", client_secret="x", resource="#")
    assert_refused(said, 401, "invalid_client")


async def test_rfc8707_2_an_empty_value_is_treated_as_omitted(resources, ask):
    assert aud(await ask("both", "")) == ISSUER


async def test_rfc8707_2_a_resource_is_judged_before_a_password_is_looked_at(resources, log_in, assert_refused):
    for _ in range(11):
        assert_refused(await log_in("both", OTHER), 400, "invalid_target")
    assert (await log_in("both", ORDERS)).status == 200


async def test_rfc8707_2_without_the_parameter_a_default_is_used(resources, ask):
    assert aud(await ask("single")) == ORDERS
    assert aud(await ask("both")) == ISSUER
    assert aud(await ask("audience")) == "https://own.example"
    assert aud(await ask("audience", ORDERS)) == ORDERS


async def test_rfc8707_2_at_other_endpoints_it_is_a_parameter_like_any_other(resources, post_raw, basic_auth):
    for endpoint in ("introspect", "revoke"):
        said = await post_raw(endpoint, b"token=x&resource=a&resource=b", basic_auth("both"))
        assert said.status == 400


async def test_rfc8707_2_a_resource_that_is_gone_is_unknown_within_a_second(
    resources, ask, house, clock, assert_refused
):
    assert (await ask("single")).status == 200
    await house.store.commit([DeleteResource("default", ORDERS)])
    clock.pass_(seconds=1)
    assert_refused(await ask("single", ORDERS), 400, "invalid_target")
    assert_refused(await ask("single"), 400, "invalid_target")


# §2 and RFC 9068 §3: scopes and resources


async def test_rfc8707_2_a_scope_of_another_resource_is_not_in_the_token(resources, ask):
    assert scope(await ask("both", ORDERS)) == {"orders:read", "profile"}
    assert scope(await ask("both", BILLING)) == {"bills:read", "profile"}
    assert scope(await ask("both")) == {"profile"}


async def test_rfc8707_2_a_scope_of_another_resource_that_is_asked_for_is_refused(resources, ask, assert_refused):
    assert_refused(await ask("both", ORDERS, scope="bills:read"), 400, "invalid_scope")


async def test_rfc9068_3_the_scope_infers_the_default_resource(resources, ask):
    said = await ask("both", scope="bills:read profile")
    assert (aud(said), scope(said)) == (BILLING, {"bills:read", "profile"})


async def test_rfc9068_3_scopes_of_different_default_resources_are_refused(resources, ask, assert_refused):
    assert_refused(await ask("both", scope="bills:read orders:read"), 400, "invalid_scope")
    assert_refused(await ask("both", scope="unknown"), 400, "invalid_scope")


# §2.2 Access Token Request


async def test_rfc8707_2_2_a_refresh_has_by_default_what_was_granted(resources, log_in, renew):
    first = await log_in("both", ORDERS, BILLING)
    assert aud(first) == [ORDERS, BILLING]
    assert aud(await renew("both", first)) == [ORDERS, BILLING]


async def test_rfc8707_2_2_a_refresh_may_ask_for_a_subset_and_again_for_all(resources, log_in, renew):
    less = await renew("both", await log_in("both", ORDERS, BILLING), BILLING)
    assert (aud(less), scope(less)) == (BILLING, {"bills:read", "profile"})
    assert aud(await renew("both", less, BILLING, ORDERS)) == [BILLING, ORDERS]


async def test_rfc8707_2_2_a_refresh_never_gets_more_than_was_granted(resources, log_in, renew, assert_refused):
    narrow = await log_in("both", ORDERS)
    for asked in ([BILLING], [ORDERS, BILLING], [OTHER]):
        assert_refused(await renew("both", narrow, *asked), 400, "invalid_target")
    assert_refused(await renew("both", narrow, scope="bills:read"), 400, "invalid_scope")
    untargeted = await log_in("both")
    assert aud(untargeted) == ISSUER
    assert_refused(await renew("both", untargeted, ORDERS), 400, "invalid_target")
    assert aud(await renew("both", untargeted)) == ISSUER


async def test_rfc8707_2_2_a_refused_refresh_leaves_the_token_good(resources, log_in, renew):
    first = await log_in("both", ORDERS)
    await renew("both", first, BILLING)
    assert aud(await renew("both", first)) == ORDERS


async def test_rfc8707_2_2_a_resource_that_the_client_has_lost_is_in_no_new_token(
    resources, log_in, renew, house, assert_refused
):
    first = await log_in("both", ORDERS, BILLING)
    await _lose(house, "both", BILLING)
    second = await renew("both", first)
    assert (aud(second), scope(second)) == (ORDERS, {"orders:read", "profile"})
    assert_refused(await renew("both", second, BILLING), 400, "invalid_target")
    await _lose(house, "both", ORDERS)
    assert_refused(await renew("both", second), 400, "invalid_target")


# opaque tokens say their resources at the introspection endpoint


async def test_rfc8707_2_an_opaque_token_has_its_resources_at_introspection(resources, ask, log_in, post):
    for said, expected in (
        (await ask("opaque", ORDERS), ORDERS),
        (await log_in("opaque", BILLING, ORDERS), [BILLING, ORDERS]),
        (await ask("opaque"), ISSUER),
    ):
        facts = (await post("introspect", "opaque", token=said.json["access_token"])).json
        assert facts["aud"] == expected


async def test_rfc8707_2_2_an_opaque_token_cannot_be_for_less_than_its_login(resources, log_in, renew, assert_refused):
    first = await log_in("opaque", ORDERS, BILLING)
    assert_refused(await renew("opaque", first, ORDERS), 400, "invalid_target")
    assert (await renew("opaque", first, BILLING, ORDERS)).status == 200


async def test_rfc8707_2_an_opaque_token_for_nothing_that_is_left_is_inactive(resources, log_in, post, house):
    said = await log_in("opaque", ORDERS, BILLING)
    await _lose(house, "opaque", ORDERS)
    facts = (await post("introspect", "opaque", token=said.json["access_token"])).json
    assert facts["aud"] == BILLING
    await house.store.commit([DeleteResource("default", BILLING)])
    assert (await post("introspect", "opaque", token=said.json["access_token"])).json == {"active": False}
    assert (await post("introspect", "opaque", token=said.json["refresh_token"])).json["active"]


@pytest.mark.parametrize("client", ["both", "opaque"])
async def test_rfc8707_2_a_resource_caps_the_life_of_its_tokens(resources, log_in, renew, post, house, clock, client):
    short = Resource("default", BILLING, "Billing", clock.now, access_ttl_seconds=20)
    await house.store.commit([PutResource(short)])
    said = await log_in(client, ORDERS, BILLING)
    assert said.json["expires_in"] == 20
    assert (await log_in(client, ORDERS)).json["expires_in"] == 300
    said = await renew(client, said)
    assert said.json["expires_in"] == 20
    clock.pass_(seconds=19)
    assert (await post("introspect", client, token=said.json["access_token"])).json["active"]
    clock.pass_(seconds=1)
    assert not (await post("introspect", client, token=said.json["access_token"])).json["active"]


async def _lose(house, client_id, resource):
    [entry] = await house.store.find_clients(client_id, "default")
    left = tuple(name for name in entry.client.resources if name != resource)
    await house.store.commit([ReplaceClient(msgspec.structs.replace(entry.client, resources=left))])
    house.forget()
