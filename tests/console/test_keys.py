from datetime import timedelta

import pytest

from tokenhouse.console.errors import Unusable

DAY = timedelta(hours=24)


async def states(house, **place):
    return [
        (key.key_id, key.state)
        for key in await house.do("key.list")
        if all(getattr(key, name) == value for name, value in place.items())
    ]


async def test_a_new_signing_key_is_published_first_and_the_old_one_outlives_its_tokens(house):
    [(old, state)] = await states(house, contract="standard", alg="ES256")
    assert state == "active"
    made = await house.do("key.rotate")
    assert (made.alg, made.tenant, made.state) == ("ES256", "default", "published")
    assert made.activates_at == house.clock() + DAY
    assert made.public["kid"] == made.key_id
    assert "d" not in made.public
    house.clock.at += DAY
    await house.keys.refresh(house.clock())
    assert house.keys.signing("default", "standard", "ES256", house.clock()).kid == made.key_id
    assert dict(await states(house, contract="standard", alg="ES256")) == {old: "replaced", made.key_id: "active"}
    house.clock.at += DAY + timedelta(minutes=5)
    assert dict(await states(house, contract="standard", alg="ES256"))[old] == "retired"
    assert dict(await states(house, contract="standard", alg="RS256")).popitem()[1] == "active"
    assert (await house.audit())[-1] == f"administration.key.rotate default {made.key_id} tester"


async def test_at_once_skips_publishing(house):
    made = await house.do("key.rotate", at_once=True, alg="RS256")
    assert (made.state, made.alg) == ("active", "RS256")
    assert made.activates_at == house.clock()


async def test_a_legacy_contracts_key_is_certified_and_owned_by_its_tenant(house):
    made = await house.do("key.rotate", contract="acme")
    assert (made.tenant, made.alg, made.contract) == ("acme", "RS256", "acme")
    assert made.public["x5t"]
    assert made.key_id.endswith("RS256")


async def test_the_first_key_of_a_tenant_is_used_at_once(house):
    await house.do("tenant.create", name="shop")
    made = await house.do("key.rotate", tenant="shop")
    assert made.state == "active"


async def test_a_sealing_key_stays_as_long_as_a_token_of_its_tenant_can_live(house):
    made = await house.do("key.rotate", purpose="seal", tenant="acme")
    assert (made.purpose, made.alg, made.public) == ("seal", "AES-SIV", None)
    [old] = [
        key
        for key in await house.do("key.list")
        if (key.tenant, key.purpose) == ("acme", "seal") and key.key_id != made.key_id
    ]
    assert old.retires_at == house.clock() + DAY + DAY + timedelta(days=90)


async def test_a_sealing_key_never_retires_where_tokens_never_end(house):
    made = await house.do("key.rotate", purpose="seal", tenant="forever", at_once=True)
    assert [key.retires_at for key in await house.do("key.list") if key.tenant == "forever"] == [None, None]
    house.clock.at += timedelta(seconds=1)
    assert (await house.do("key.rotate", purpose="seal", tenant="forever")).key_id != made.key_id


async def test_rotating_the_sealing_key_of_nobody_named_is_the_default_tenants(house):
    assert (await house.do("key.rotate", purpose="seal")).tenant == "default"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"contract": "standrad"}, 'no contract "standrad"'),
        ({"contract": "forever"}, "signs no tokens"),
        ({"contract": "acme", "alg": "ES256"}, "does not sign with ES256"),
        ({"tenant": "shop"}, 'no tenant "shop"'),
        ({"purpose": "pepper"}, "purpose"),
        ({"alg": "HS256"}, "alg"),
    ],
)
async def test_what_does_not_fit_is_refused(house, given, message):
    with pytest.raises(Unusable) as caught:
        await house.do("key.rotate", **given)
    assert message in caught.value.message


async def test_no_private_part_is_listed(house):
    for key in await house.do("key.list"):
        assert not {"d", "p", "q", "k"} & set(key.public or {})


async def test_at_once_also_replaces_what_waits_to_be_used(house):
    """Else the waiting key would sign tomorrow, and retire while its tokens live."""
    waiting = await house.do("key.rotate")
    house.clock.at += timedelta(hours=1)
    made = await house.do("key.rotate", at_once=True)
    house.clock.at += DAY
    await house.keys.refresh(house.clock())
    assert house.keys.signing("default", "standard", "ES256", house.clock()).kid == made.key_id
    states_now = dict(await states(house, contract="standard", alg="ES256"))
    assert (states_now[waiting.key_id], states_now[made.key_id]) == ("replaced", "active")
