from __future__ import annotations

import json

from tokenhouse.http.documents import document, key_set

CACHEABLE = {
    b"cache-control": b"public, max-age=300",
    b"cross-origin-resource-policy": b"cross-origin",
    b"access-control-allow-origin": b"*",
}


async def test_a_document_is_the_same_for_everybody_and_may_be_cached():
    make = document(b'{"a":1}')
    first, second = await make(), await make()
    assert first == second
    assert (first.status, first.body) == (200, b'{"a":1}')
    assert dict(first.headers) == {b"content-type": b"application/json", **CACHEABLE}


async def test_a_key_set_holds_every_published_key_and_no_private_member(house, clock):
    answer = await key_set(house.keys, clock)()
    assert dict(answer.headers) == {b"content-type": b"application/jwk-set+json", **CACHEABLE}
    keys = json.loads(answer.body)["keys"]
    assert sorted(key["alg"] for key in keys) == ["ES256", "RS256"]
    private = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
    assert not private & {member for key in keys for member in key}


async def test_a_key_set_of_one_contract_holds_only_its_keys(house, clock):
    assert json.loads((await key_set(house.keys, clock, "another")()).body) == {"keys": []}
    assert len(json.loads((await key_set(house.keys, clock, "standard")()).body)["keys"]) == 2


async def test_a_new_key_is_published_within_a_second(house, clock):
    make = key_set(house.keys, clock)
    await make()
    house.store._writer._connection.execute("DELETE FROM key_record WHERE alg = 'RS256'")
    clock.pass_(seconds=1)
    assert [key["alg"] for key in json.loads((await make()).body)["keys"]] == ["ES256"]
