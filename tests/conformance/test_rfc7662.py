"""RFC 7662, OAuth 2.0 Token Introspection: each MUST, named after its section."""

from __future__ import annotations

import base64
import json

import pytest

from tokenhouse.model.effects import SetAccountState

INACTIVE = {"active": False}


async def test_rfc7662_2_1_the_request_is_a_post(get):
    said = await get("/oauth2/introspect")
    assert (said.status, said.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("content_type", ["application/json", None])
async def test_rfc7662_2_1_the_parameters_are_a_form(post_raw, assert_refused, content_type):
    assert_refused(await post_raw("introspect", b"token=x", content_type=content_type), 415, "invalid_request")


async def test_rfc7662_2_1_a_token_is_required(post, assert_refused):
    assert_refused(await post("introspect", "service"), 400, "invalid_request")


async def test_rfc7662_2_1_the_endpoint_must_require_authorization(post, login, assert_refused):
    token = (await login()).json["access_token"]
    for fields in ({}, {"client_id": "service"}, {"client_id": "service", "client_secret": "wrong"}):
        said = await post("introspect", token=token, **fields)
        assert_refused(said, 401, "invalid_client")
        assert said.headers["www-authenticate"].startswith("Basic ")


async def test_rfc7662_2_1_a_token_in_the_uri_is_refused(post_raw, assert_refused):
    assert_refused(await post_raw("introspect", b"token=x", query="token=x"), 400, "invalid_request")


async def test_rfc7662_2_2_active_is_a_boolean_and_the_members_have_their_types(post, login):
    facts = (await post("introspect", "service", token=(await login()).json["access_token"])).json
    assert facts["active"] is True
    texts = {"scope", "client_id", "username", "token_type", "sub", "aud", "iss", "jti"}
    assert {name for name, value in facts.items() if isinstance(value, str)} == texts
    assert {name for name, value in facts.items() if type(value) is int} == {"exp", "iat"}


async def test_rfc7662_2_2_the_answer_is_json_that_is_not_cached(post, login):
    said = await post("introspect", "service", token=(await login()).json["access_token"])
    assert said.headers["content-type"] == "application/json"
    assert said.headers["cache-control"] == "no-store"


async def test_rfc7662_2_2_an_inactive_token_says_nothing_more_and_is_no_error(post):
    said = await post("introspect", "service", token="garbage")
    assert (said.status, said.json) == (200, INACTIVE)


async def test_rfc7662_2_2_a_token_that_the_caller_may_not_know_about_is_inactive(post, login, house, new_client):
    await new_client(house, "rival", introspection="own")
    assert (await post("introspect", "rival", token=(await login()).json["access_token"])).json == INACTIVE


async def test_rfc7662_2_3_a_client_without_the_right_is_refused(post, login, house, new_client, assert_refused):
    await new_client(house, "blind")
    said = await post("introspect", "blind", token=(await login()).json["access_token"])
    assert_refused(said, 403, "unauthorized_client")


async def test_rfc7662_4_the_server_must_determine_whether_a_token_has_expired(post, login, clock):
    token = (await login()).json["access_token"]
    clock.pass_(seconds=299)
    assert (await post("introspect", "service", token=token)).json["active"]
    clock.pass_(seconds=1)
    assert (await post("introspect", "service", token=token)).json == INACTIVE


async def test_rfc7662_4_the_server_must_determine_whether_a_token_has_been_revoked(post, login):
    token = (await login()).json["access_token"]
    await post("revoke", "app", token=token)
    assert (await post("introspect", "service", token=token)).json == INACTIVE


async def test_rfc7662_4_the_server_must_validate_the_signature(post, login):
    header, claims, signature = (await login()).json["access_token"].split(".")
    decoded = json.loads(base64.urlsafe_b64decode(claims + "=="))
    forged = base64.urlsafe_b64encode(json.dumps(decoded | {"sub": "us_root"}).encode()).rstrip(b"=").decode()
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none","typ":"at+jwt"}').rstrip(b"=").decode()
    for token in (f"{header}.{forged}.{signature}", f"{unsigned}.{claims}.", f"{header}.{claims}."):
        assert (await post("introspect", "service", token=token)).json == INACTIVE


async def test_rfc7662_4_a_token_of_a_person_who_is_locked_is_inactive(post, login, house, clock):
    token = (await login()).json["access_token"]
    await house.store.commit((SetAccountState("default", "us_alice", clock.now, enabled=True),))
    assert (await post("introspect", "service", token=token)).json == INACTIVE


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "nonsense", ""])
async def test_rfc7662_2_1_a_wrong_hint_extends_the_search(post, login, hint):
    tokens = (await login()).json
    for token in (tokens["access_token"], tokens["refresh_token"]):
        assert (await post("introspect", "service", token=token, token_type_hint=hint)).json["active"]


async def test_rfc7662_2_2_the_members_of_an_opaque_token_have_their_types(post, login, house, new_client):
    await new_client(house, "plain", grants=("password",), access_format="opaque")
    facts = (await post("introspect", "service", token=(await login("plain")).json["access_token"])).json
    assert facts.pop("active") is True
    assert {name: type(value) for name, value in facts.items()} == {
        **dict.fromkeys(("scope", "client_id", "username", "token_type", "sub", "aud", "iss"), str),
        **dict.fromkeys(("exp", "iat"), int),
    }


async def test_rfc7662_2_2_a_refresh_token_is_for_no_api(post, login):
    facts = (await post("introspect", "service", token=(await login()).json["refresh_token"])).json
    assert facts["active"]
    assert not {"token_type", "aud"} & set(facts)


async def test_rfc7662_2_2_one_bearer_prefix_is_part_of_how_a_token_is_presented(post, login):
    for token in (await login()).json["access_token"], (await login()).json["refresh_token"]:
        assert (await post("introspect", "service", token=f"Bearer {token}")).json["active"]
        assert (await post("introspect", "service", token=f"Bearer Bearer {token}")).json == INACTIVE


async def test_rfc7662_2_2_every_inactive_answer_has_the_same_bytes(
    house, post_form, post, login, new_client, clock, make_house
):
    await new_client(house, "rival", grants=("password",))
    expired = (await login()).json["access_token"]
    clock.pass_(seconds=300)
    revoked = (await login()).json["access_token"]
    await post("revoke", "app", token=revoked)
    foreign = (await login("rival")).json["access_token"]
    asked = [("garbage", ""), (expired, ""), (revoked, ""), (foreign, ""), ("x", "access_token")]
    replies = [
        await post_form(house, "/oauth2/introspect", {"token": token, "token_type_hint": hint}, client="app")
        for token, hint in asked
    ]
    assert {(reply.status, reply.body, reply.headers["content-type"]) for reply in replies} == {
        (200, b'{"active":false}', "application/json")
    }
    assert {tuple(sorted(reply.headers)) for reply in replies} == {tuple(sorted(replies[0].headers))}


async def test_rfc7662_4_a_storage_failure_is_neither_active_nor_inactive(storage, house, post, login):
    tokens = (await login()).json
    with storage.failing(house):
        for token in (tokens["access_token"], tokens["refresh_token"]):
            said = await post("introspect", "service", token=token)
            assert (said.status, said.json["error"]) == (503, "temporarily_unavailable")
