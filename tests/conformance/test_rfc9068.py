"""RFC 9068, JWT Profile for OAuth 2.0 Access Tokens: §2, verified with a JOSE library that is not the server's."""

from __future__ import annotations

import jwt
import msgspec
import pytest

from tokenhouse.accounts.identifiers import names
from tokenhouse.model.effects import ReplaceAccount
from tokenhouse.model.records import Resource
from tokenhouse.model.registrations import PutResource

API = "https://api.example.com"


@pytest.fixture
def verified(get):
    """Verify an access token by the published keys alone; return its header and claims."""

    async def verified(said):
        token = said.json["access_token"]
        keys = {key["kid"]: jwt.PyJWK(key) for key in (await get("/.well-known/jwks.json")).json["keys"]}
        header = jwt.get_unverified_header(token)
        options = {"verify_exp": False, "verify_iat": False}
        claims = jwt.decode(
            token,
            keys[header["kid"]],
            algorithms=["ES256", "RS256"],
            audience="http://127.0.0.1:8400",
            issuer="http://127.0.0.1:8400",
            options=options,
        )
        return header, claims

    return verified


async def test_rfc9068_2_1_the_token_is_signed_and_says_that_it_is_an_access_token(service_token, verified):
    header, _ = await verified(await service_token())
    assert (header["typ"], header["alg"]) == ("at+jwt", "ES256")


async def test_rfc9068_2_1_rs256_is_supported(service_token, verified, house, new_client):
    await new_client(house, "older", grants=("client_credentials",), alg="RS256")
    header, _ = await verified(await service_token("older"))
    assert header["alg"] == "RS256"


async def test_rfc9068_2_2_every_required_claim_is_there(login, service_token, verified):
    for said in (await login(), await service_token()):
        _, claims = await verified(said)
        assert {"iss", "exp", "aud", "sub", "client_id", "iat", "jti"} <= set(claims)
        assert claims["exp"] - claims["iat"] == said.json["expires_in"]


async def test_rfc9068_2_2_the_subject_is_the_person_or_the_client_where_there_is_none(login, service_token, verified):
    _, persons = await verified(await login())
    _, clients = await verified(await service_token())
    assert (persons["sub"], persons["client_id"]) == ("us_alice", "app")
    assert (clients["sub"], clients["client_id"]) == ("service", "service")


async def test_rfc9068_2_2_every_token_has_an_id_of_its_own(service_token, login, refresh, verified):
    first = await login()
    answers = [first, await refresh(first.json["refresh_token"]), await login(), *[await service_token() for _ in "ab"]]
    assert len({(await verified(said))[1]["jti"] for said in answers}) == len(answers)


async def test_rfc9068_2_2_3_the_scope_that_was_granted_is_told(service_token, verified):
    _, claims = await verified(await service_token(scope="read"))
    assert claims["scope"] == "read"


async def test_rfc9068_3_without_a_resource_the_audience_is_the_default_one(service_token, verified, house, new_client):
    _, claims = await verified(await service_token())
    assert claims["aud"] == house.config.issuer
    await new_client(house, "own", grants=("client_credentials",), audience="https://api.example")
    token = (await service_token("own")).json["access_token"]
    assert jwt.decode(token, options={"verify_signature": False})["aud"] == "https://api.example"


async def test_rfc9068_2_2_a_token_without_scope_has_no_scope_claim(service_token, verified, house, new_client):
    await new_client(house, "scopeless", grants=("client_credentials",), scopes=())
    said = await service_token("scopeless")
    assert "scope" not in said.json
    assert "scope" not in (await verified(said))[1]


# §2.2.2 Identity Claims, §2.2.3.1 Roles, Groups: what client and resource want said


@pytest.fixture
async def told(house, new_client, new_user, clock):
    """Clients that want claims said, and a person who has them."""
    claims = {
        "roles": "user.roles",
        "groups": "user.groups",
        "email": "user.email",
        "tier": "= gold",
        "gone": "user.phone",
    }
    facts = {"grants": ("password", "refresh_token", "client_credentials"), "claims": claims, "introspection": "own"}
    await new_client(house, "signed", **facts, resources=(API,))
    await new_client(
        house, "sealed", **facts, access_format="opaque", resources=(API,), audience="https://other.example"
    )
    mapping = {"tier": "user.attributes.plan.name", "org": "client.name"}
    await house.store.commit([PutResource(Resource("default", API, "API", clock.now, claims=mapping))])
    await new_user(house, "ann", email="ann@example.com", roles=("ops", "admin"), attributes={"plan": {"name": "free"}})


@pytest.fixture
def facts_of(post):
    """Return what a token says: the signed one by itself, the opaque one at the introspection endpoint."""

    async def facts_of(client, said):
        token = said.json["access_token"]
        if client == "signed":
            return jwt.decode(token, options={"verify_signature": False})
        return (await post("introspect", client, token=token)).json

    return facts_of


@pytest.mark.parametrize("client", ["signed", "sealed"])
async def test_rfc9068_2_2_2_claims_about_the_person_are_those_that_were_asked_for(
    told, login, facts_of, house, client, new_client
):
    facts = await facts_of(client, await login(client, username="ann", resource=""))
    assert (facts["roles"], facts["email"]) == (["ops", "admin"], "ann@example.com")
    assert not {"gone", "groups", "phone", "name"} & set(facts)


async def test_rfc9068_2_2_2_a_resource_says_over_the_client_what_its_tokens_say(told, login, facts_of):
    here = await facts_of("sealed", await login("sealed", username="ann", resource=API))
    elsewhere = await facts_of("sealed", await login("sealed", username="ann"))
    assert (here["tier"], here["org"]) == ("free", "sealed")
    assert elsewhere["tier"] == "gold"
    assert "org" not in elsewhere


async def test_rfc9068_2_2_2_without_a_person_there_are_no_claims_about_one(told, service_token, facts_of):
    for client in ("signed", "sealed"):
        facts = await facts_of(client, await service_token(client, resource=API))
        assert facts["org"] == client
        assert not {"roles", "email", "tier"} & set(facts)


async def test_rfc9068_2_2_no_mapping_says_a_registered_claim(login, facts_of, house, new_client):
    forged = dict.fromkeys(["sub", "iss", "aud", "exp", "client_id", "scope", "active", "username"], "= forged")
    await new_client(house, "signed", grants=("password",), claims=forged)
    assert "forged" not in (await facts_of("signed", await login("signed"))).values()


async def test_rfc9068_2_2_3_1_a_refresh_says_the_roles_of_now(told, login, refresh, facts_of, house):
    first = await login("signed", username="ann")
    account = await house.store.find_account_by_id("default", "us_ann")
    await house.store.commit([ReplaceAccount(msgspec.structs.replace(account, roles=("guest",)), names(account))])
    second = await refresh(first.json["refresh_token"], "signed")
    assert (await facts_of("signed", second))["roles"] == ["guest"]


async def test_rfc9068_2_2_3_1_an_opaque_token_has_the_roles_of_now(told, login, facts_of, house):
    said = await login("sealed", username="ann")
    account = await house.store.find_account_by_id("default", "us_ann")
    await house.store.commit([ReplaceAccount(msgspec.structs.replace(account, roles=("guest",)), names(account))])
    assert (await facts_of("sealed", said))["roles"] == ["guest"]


# §4: a resource server asks for tokens that are for it


async def test_rfc9068_4_the_audience_says_which_resource_a_token_is_for(told, service_token, facts_of):
    assert (await facts_of("signed", await service_token("signed")))["aud"] == API
    assert (await facts_of("sealed", await service_token("sealed")))["aud"] == "https://other.example"
