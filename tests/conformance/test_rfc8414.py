"""RFC 8414, OAuth 2.0 Authorization Server Metadata: each MUST, named after its section."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from msgspec import structs

PATH = "/.well-known/oauth-authorization-server"


async def test_rfc8414_3_the_document_is_at_the_well_known_place(get):
    assert (await get(PATH)).status == 200


async def test_rfc8414_3_the_path_of_an_issuer_comes_behind_the_well_known_one(make_house, config, ask_door):
    house = await make_house(structs.replace(config, issuer="http://127.0.0.1:8400/first"))
    assert (await ask_door(house.door, "GET", PATH, content_type=None)).status == 404
    reply = await ask_door(house.door, "GET", f"{PATH}/first", content_type=None)
    assert json.loads(reply.body)["issuer"] == "http://127.0.0.1:8400/first"


async def test_rfc8414_3_1_the_document_is_got(get):
    assert (await get(PATH, "POST")).status == 405


async def test_rfc8414_3_2_the_answer_is_a_json_object(get):
    said = await get(PATH)
    assert said.headers["content-type"] == "application/json"
    assert isinstance(said.json, dict)


async def test_rfc8414_3_2_members_without_elements_are_omitted_but_for_the_required_one(get):
    """§2 requires `response_types_supported`, and there is no response type without an authorization endpoint."""
    empty = {name for name, value in (await get(PATH)).json.items() if value == []}
    assert empty == {"response_types_supported"}


async def test_rfc8414_3_3_the_issuer_is_the_one_that_the_url_was_built_from(get, service_token, house):
    issuer = (await get(PATH)).json["issuer"]
    assert issuer == house.config.issuer
    assert urlsplit(issuer)[3:] == ("", "")


async def test_rfc8414_2_every_endpoint_is_where_the_document_says(get, post_raw, house):
    said = (await get(PATH)).json
    for name in ("token_endpoint", "introspection_endpoint", "revocation_endpoint"):
        endpoint = urlsplit(said[name]).path.removeprefix("/oauth2/")
        assert (await post_raw(endpoint, b"")).status in {400, 401}
    assert (await get(urlsplit(said["jwks_uri"]).path)).json["keys"]


async def test_rfc8414_2_every_grant_that_is_advertised_is_supported(get, post):
    for grant_type in (await get(PATH)).json["grant_types_supported"]:
        assert (await post("token", "service", grant_type=grant_type)).json.get("error") != "unsupported_grant_type"
