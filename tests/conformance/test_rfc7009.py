"""RFC 7009, OAuth 2.0 Token Revocation: each MUST, named after its section."""

from __future__ import annotations

import apsw
import pytest


@pytest.fixture
def is_active(post):
    async def is_active(token):
        return (await post("introspect", "service", token=token)).json["active"]

    return is_active


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_rfc7009_2_1_the_request_is_a_post(get, method):
    said = await get("/oauth2/revoke", method)
    assert (said.status, said.headers["allow"]) == (405, "POST")


async def test_rfc7009_2_1_a_token_is_required(post, assert_refused):
    assert_refused(await post("revoke", "app"), 400, "invalid_request")


async def test_rfc7009_2_1_the_server_first_validates_the_clients_credentials(post, login, is_active, assert_refused):
    token = (await login()).json["refresh_token"]
    said = await post("revoke", token=token, client_id="app")
    assert_refused(said, 401, "invalid_client")
    assert said.headers["www-authenticate"].startswith("Basic ")
    assert await is_active(token)


async def test_rfc7009_2_1_a_token_of_another_client_is_not_revoked(post, login, is_active, house, new_client):
    await new_client(house, "rival", grants=("password",))
    for token in (tokens := (await login()).json)["access_token"], tokens["refresh_token"]:
        await post("revoke", "rival", token=token)
        assert await is_active(token)


async def test_rfc7009_2_1_a_revoked_token_is_invalid_immediately(post, login, is_active, refresh, assert_refused):
    tokens = (await login()).json
    assert (await post("revoke", "app", token=tokens["refresh_token"])).status == 200
    assert not await is_active(tokens["refresh_token"])
    assert_refused(await refresh(tokens["refresh_token"]), 400, "invalid_grant")


async def test_rfc7009_2_1_revoking_a_refresh_token_invalidates_the_access_tokens_of_the_grant(post, login, is_active):
    tokens = (await login()).json
    await post("revoke", "app", token=tokens["refresh_token"])
    assert not await is_active(tokens["access_token"])


async def test_rfc7009_2_1_revoking_an_access_token_is_supported(post, login, is_active):
    tokens = (await login()).json
    assert (await post("revoke", "app", token=tokens["access_token"])).status == 200
    assert not await is_active(tokens["access_token"])


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "unknown"])
async def test_rfc7009_2_1_a_token_is_found_whatever_the_hint_says(post, login, is_active, hint):
    for name in ("access_token", "refresh_token"):
        token = (await login()).json[name]
        assert (await post("revoke", "app", token=token, token_type_hint=hint)).status == 200
        assert not await is_active(token)


@pytest.mark.parametrize("token", ["garbage", "a.b.c", "x" * 43])
async def test_rfc7009_2_2_an_invalid_token_is_answered_with_200(post, token):
    assert (await post("revoke", "app", token=token)).status == 200


async def test_rfc7009_2_2_a_token_that_was_revoked_before_is_answered_with_200(post, login):
    token = (await login()).json["refresh_token"]
    assert [(await post("revoke", "app", token=token)).status for _ in range(2)] == [200, 200]


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "unknown", "bearer", ""])
async def test_rfc7009_2_2_an_invalid_hint_does_not_influence_the_answer(post, hint):
    assert (await post("revoke", "app", token="garbage", token_type_hint=hint)).status == 200


async def test_rfc7009_2_2_the_answers_for_foreign_and_unknown_tokens_are_the_same(house, post_form, login, new_client):
    await new_client(house, "rival", grants=("password",))
    tokens = (await login()).json
    answers = [
        await post_form(house, "/oauth2/revoke", {"token": token}, client="rival")
        for token in (tokens["access_token"], tokens["refresh_token"], "garbage", "")
        if token
    ]
    assert {(reply.status, reply.body) for reply in answers} == {(200, b"")}


@pytest.mark.parametrize("hint", ["client_secret", "device_key"])
async def test_rfc7009_2_2_1_unsupported_token_type_for_what_is_no_token(post, hint, assert_refused):
    said = await post("revoke", "app", token="x", token_type_hint=hint)
    assert_refused(said, 400, "unsupported_token_type")


async def test_rfc7009_2_2_1_a_storage_failure_is_503_so_that_the_client_assumes_that_the_token_still_exists(
    storage, house, post, login
):
    tokens = (await login()).json
    with storage.failing(house):
        for token in (tokens["refresh_token"], tokens["access_token"]):
            said = await post("revoke", "app", token=token)
            assert said.status == 503
            assert int(said.headers["retry-after"]) > 0


async def test_rfc7009_2_1_an_access_token_without_an_end_takes_its_login_with_it(
    house, new_client, login, post, is_active, database
):
    """One token alone is remembered as ended until it would be over anyway; this one never would be."""
    await new_client(house, "eternal", grants=("password", "refresh_token"), access_format="opaque")
    tokens = (await login("eternal")).json
    connection = apsw.Connection(str(database))
    connection.execute("UPDATE authorizations SET access_ttl_seconds = NULL, expires_at = NULL")
    connection.close()
    assert await is_active(tokens["access_token"])
    assert (await post("revoke", "eternal", token=tokens["access_token"])).status == 200
    assert not await is_active(tokens["access_token"])
    assert not await is_active(tokens["refresh_token"])
