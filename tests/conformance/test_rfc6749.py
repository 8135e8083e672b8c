"""RFC 6749, The OAuth 2.0 Authorization Framework: each MUST of the token endpoint, named after its section."""

from __future__ import annotations

import base64

import pytest

SECRET = "th_cs_a-long-random-secret-of-the-tests"
PASSWORD = "correct horse battery"
ASK = b"grant_type=client_credentials"


def basic(text):
    return "authorization", "Basic " + base64.b64encode(text.encode()).decode()


# §2.3 Client Authentication


@pytest.mark.parametrize("extra", [b"&client_secret=x", b"&client_id=other", b"&client_id=service&client_secret=x"])
async def test_rfc6749_2_3_a_client_uses_no_more_than_one_method_in_a_request(post_raw, assert_refused, extra):
    assert_refused(await post_raw("token", ASK + extra, basic(f"service:{SECRET}")), 400, "invalid_request")


async def test_rfc6749_2_3_1_basic_is_supported_for_clients_with_a_password(service_token):
    assert (await service_token()).status == 200


async def test_rfc6749_2_3_1_id_and_secret_in_basic_are_form_encoded(house, new_client, post_raw):
    await new_client(house, "odd:client id", secret="a+b c%:é&", grants=("client_credentials",))
    encoded = "odd%3Aclient+id:a%2Bb+c%25%3A%C3%A9%26"
    assert (await post_raw("token", ASK, basic(encoded))).status == 200


async def test_rfc6749_2_3_1_id_and_secret_may_come_in_the_body(post):
    said = await post("token", grant_type="client_credentials", client_id="service", client_secret=SECRET)
    assert said.status == 200


async def test_rfc6749_2_3_1_id_and_secret_must_not_come_in_the_uri(post_raw, assert_refused):
    said = await post_raw("token", ASK, query=f"client_id=service&client_secret={SECRET}")
    assert_refused(said, 400, "invalid_request")


# §3.2 Token Endpoint


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD"])
async def test_rfc6749_3_2_the_client_must_use_post(get, method):
    said = await get("/oauth2/token", method)
    assert (said.status, said.headers["allow"]) == (405, "POST")


async def test_rfc6749_3_2_a_parameter_without_a_value_is_treated_as_omitted(post, service_token, assert_refused):
    assert (await service_token(scope="")).json["scope"] == "read write"
    assert_refused(await post("token", "service", grant_type=""), 400, "invalid_request")


async def test_rfc6749_3_2_unrecognized_parameters_are_ignored(service_token):
    assert (await service_token(audience="x", foo="bar")).status == 200


@pytest.mark.parametrize(
    "body", [ASK + b"&grant_type=client_credentials", ASK + b"&scope=read&scope=read", ASK + b"&foo=1&foo=2"]
)
async def test_rfc6749_3_2_parameters_must_not_be_included_more_than_once(post_raw, assert_refused, body):
    assert_refused(await post_raw("token", body, basic(f"service:{SECRET}")), 400, "invalid_request")


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", None])
async def test_rfc6749_3_2_parameters_come_as_a_form(post_raw, assert_refused, content_type):
    assert_refused(await post_raw("token", ASK, content_type=content_type), 415, "invalid_request")


# §3.2.1 Client Authentication


async def test_rfc6749_3_2_1_a_confidential_client_must_authenticate(post, assert_refused):
    said = await post("token", grant_type="password", client_id="app", username="alice", password=PASSWORD)
    assert_refused(said, 401, "invalid_client")


async def test_rfc6749_3_2_1_a_client_that_does_not_authenticate_sends_its_id(post, login, assert_refused):
    asked = {"grant_type": "password", "username": "alice", "password": PASSWORD}
    assert_refused(await post("token", **asked), 401, "invalid_client")
    assert (await post("token", client_id="public", **asked)).status == 200


# §3.3 Access Token Scope


async def test_rfc6749_3_3_scope_is_a_space_delimited_case_sensitive_list_in_any_order(service_token, assert_refused):
    assert (await service_token(scope="write read")).json["scope"].split() == ["write", "read"]
    assert_refused(await service_token(scope="READ"), 400, "invalid_scope")


async def test_rfc6749_3_3_a_scope_that_differs_from_the_one_requested_is_told(
    service_token, house, new_client, login, refresh
):
    await new_client(house, "plain", grants=("password", "refresh_token"), access_format="opaque")
    token = (await login("plain")).json["refresh_token"]
    assert (await refresh(token, "plain", scope="read")).json["scope"] == "read write"


async def test_rfc6749_3_3_without_a_scope_the_default_is_granted_and_told(service_token):
    assert (await service_token()).json["scope"] == "read write"


@pytest.mark.parametrize("scope", ["admin", "read admin", 'read"', "read\\", "re\u00e4d", "read  write", " read"])
async def test_rfc6749_3_3_a_scope_that_is_unknown_or_malformed_is_refused(service_token, assert_refused, scope):
    assert_refused(await service_token(scope=scope), 400, "invalid_scope")


# §4.3 Resource Owner Password Credentials Grant


@pytest.mark.parametrize("missing", ["username", "password"])
async def test_rfc6749_4_3_2_username_and_password_are_required(login, assert_refused, missing):
    assert_refused(await login(**{missing: ""}), 400, "invalid_request")


async def test_rfc6749_4_3_2_the_server_must_authenticate_a_client_with_credentials(post_raw, assert_refused):
    body = f"grant_type=password&username=alice&password={PASSWORD}".replace(" ", "+").encode()
    assert_refused(await post_raw("token", body, basic("app:wrong")), 401, "invalid_client")


async def test_rfc6749_4_3_2_the_server_must_validate_the_password(login, assert_refused):
    assert_refused(await login(password="wrong"), 400, "invalid_grant")
    assert_refused(await login(username="nobody"), 400, "invalid_grant")


async def test_rfc6749_4_3_2_the_server_must_protect_against_brute_force(login, assert_refused):
    for number in range(10):
        assert_refused(await login(password=f"wrong {number}"), 400, "invalid_grant")
    said = await login()
    assert (said.status, said.json["error"]) == (429, "temporarily_unavailable")
    assert said.headers["retry-after"] == "900"


async def test_rfc6749_4_3_3_a_valid_request_is_answered_with_an_access_token_and_a_refresh_token(login):
    said = await login()
    assert said.status == 200
    assert {"access_token", "token_type", "expires_in", "refresh_token", "scope"} == set(said.json)


async def test_rfc6749_4_3_no_refresh_token_for_a_client_that_could_not_use_it(login, house, new_client):
    await new_client(house, "once", grants=("password",))
    assert "refresh_token" not in (await login("once")).json


# §4.4 Client Credentials Grant


async def test_rfc6749_4_4_must_only_be_used_by_confidential_clients(post, house, new_client, assert_refused):
    await new_client(house, "open", auth_methods=("none",), secret=None, grants=("client_credentials",))
    said = await post("token", grant_type="client_credentials", client_id="open")
    assert_refused(said, 400, "unauthorized_client")


async def test_rfc6749_4_4_2_the_client_must_authenticate(post, assert_refused):
    assert_refused(await post("token", grant_type="client_credentials", client_id="service"), 401, "invalid_client")


async def test_rfc6749_4_4_3_a_refresh_token_should_not_be_included(service_token, house, new_client):
    await new_client(house, "both", grants=("client_credentials", "refresh_token"))
    assert "refresh_token" not in (await service_token("both")).json


# §5.1 Successful Response


async def test_rfc6749_5_1_the_answer_is_json_with_the_required_members(service_token):
    said = await service_token()
    assert said.headers["content-type"] == "application/json"
    assert isinstance(said.json["access_token"], str)
    assert said.json["token_type"] == "Bearer"
    assert said.json["expires_in"] == 300
    assert type(said.json["expires_in"]) is int


async def test_rfc6749_5_1_the_answer_must_not_be_cached(service_token):
    headers = (await service_token()).headers
    assert (headers["cache-control"], headers["pragma"]) == ("no-store", "no-cache")


# §5.2 Error Response


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic !!!",
        "Basic c2VydmljZQ==",
        "Basic wyg6eA==",
        "Bearer x",
        "Basic c2VydmljZTp3cm9uZw==",
        "Digest a",
    ],
)
async def test_rfc6749_5_2_invalid_client_is_401_with_challenge(post_raw, assert_refused, header):
    said = await post_raw("token", ASK, ("authorization", header))
    assert_refused(said, 401, "invalid_client")
    assert said.headers["www-authenticate"].startswith("Basic realm=")


async def test_rfc6749_5_2_an_unknown_a_wrong_and_a_disabled_client_are_told_the_same(post_raw, house, new_client):
    await new_client(house, "off", grants=("client_credentials",), enabled=False)
    answers = [await post_raw("token", ASK, basic(text)) for text in ("nobody:x", "service:x", f"off:{SECRET}")]
    assert [said.status for said in answers] == [401] * 3
    assert answers[0].json == answers[1].json == answers[2].json


async def test_rfc6749_5_2_a_stranger_learns_nothing_about_the_rest_of_the_request(post, assert_refused):
    assert_refused(await post("token", grant_type="nonsense", client_id="nobody"), 401, "invalid_client")


async def test_rfc6749_5_2_invalid_request_for_a_missing_parameter(post, assert_refused):
    said = await post("token", "service", scope="read")
    assert_refused(said, 400, "invalid_request")
    assert said.json["error_description"] == "The parameter grant_type is missing."


@pytest.mark.parametrize("body", [b"\xff\xfe", b"grant_type=%zz", b"grant_type=%ff", b"grant_type=a%00b"])
async def test_rfc6749_5_2_invalid_request_for_a_malformed_one(post_raw, assert_refused, body):
    assert_refused(await post_raw("token", body, basic(f"service:{SECRET}")), 400, "invalid_request")


async def test_rfc6749_5_2_invalid_grant_for_a_refresh_token_that_is_none(refresh, assert_refused):
    assert_refused(await refresh("garbage"), 400, "invalid_grant")


async def test_rfc6749_5_2_unauthorized_client_for_a_grant_that_is_not_its_own(service_token, assert_refused):
    assert_refused(await service_token("app"), 400, "unauthorized_client")


@pytest.mark.parametrize(
    "grant_type", ["authorization_code", "urn:ietf:params:oauth:grant-type:jwt-bearer", "Password"]
)
async def test_rfc6749_5_2_unsupported_grant_type(post, assert_refused, grant_type):
    assert_refused(await post("token", "service", grant_type=grant_type), 400, "unsupported_grant_type")


async def test_rfc6749_5_2_invalid_scope_for_more_than_was_granted(login, refresh, assert_refused):
    token = (await login(scope="read")).json["refresh_token"]
    assert_refused(await refresh(token, scope="read write"), 400, "invalid_scope")


# §6 Refreshing an Access Token


async def test_rfc6749_6_a_refresh_token_is_required(post, assert_refused):
    assert_refused(await post("token", "app", grant_type="refresh_token"), 400, "invalid_request")


async def test_rfc6749_6_the_server_must_require_client_authentication(post, login, assert_refused):
    token = (await login()).json["refresh_token"]
    said = await post("token", grant_type="refresh_token", refresh_token=token, client_id="app")
    assert_refused(said, 401, "invalid_client")


async def test_rfc6749_6_a_refresh_token_is_bound_to_the_client_to_which_it_was_issued(
    login, refresh, house, new_client, assert_refused
):
    await new_client(house, "rival", grants=("refresh_token",))
    token = (await login()).json["refresh_token"]
    assert_refused(await refresh(token, "rival"), 400, "invalid_grant")
    assert (await refresh(token)).status == 200


async def test_rfc6749_6_the_scope_is_by_default_the_one_that_was_granted(login, refresh):
    assert (await refresh((await login(scope="read")).json["refresh_token"])).json["scope"] == "read"


async def test_rfc6749_6_a_new_refresh_token_has_the_scope_of_the_old_one(login, refresh):
    narrow = await refresh((await login()).json["refresh_token"], scope="read")
    assert narrow.json["scope"] == "read"
    assert (await refresh(narrow.json["refresh_token"])).json["scope"] == "read write"


async def test_rfc6749_6_the_client_must_discard_the_old_refresh_token(login, refresh, clock, assert_refused):
    old = (await login()).json["refresh_token"]
    new = (await refresh(old)).json["refresh_token"]
    assert new != old
    clock.pass_(seconds=10)
    assert_refused(await refresh(old), 400, "invalid_grant")
