"""RFC 9068, JWT Profile for OAuth 2.0 Access Tokens: §2, verified with a JOSE library that is not the server's."""

from __future__ import annotations

import jwt
import pytest


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
