import pytest

from tokenhouse.console.errors import AlreadyExists, Unusable


async def test_a_tenant_comes_with_the_key_that_seals_its_tokens(house):
    made = await house.do("tenant.create", name="shop")
    assert (made.name, made.enabled, made.created) == ("shop", True, True)
    await house.keys.refresh(house.clock())
    assert house.keys.sealing("shop", house.clock())
    assert (await house.audit())[-1] == "administration.tenant.create shop shop tester"


async def test_the_name_is_taken_once(house):
    await house.do("tenant.create", name="shop")
    keys = len(await house.store.list_keys())
    with pytest.raises(AlreadyExists, match='"shop" exists already'):
        await house.do("tenant.create", name="shop")
    again = await house.do("tenant.create", name="shop", if_missing=True)
    assert again.created is False
    assert len(await house.store.list_keys()) == keys


@pytest.mark.parametrize("name", ["", "Shop", "-x", "a" * 64, "a b", "*"])
async def test_a_name_is_a_plain_word(house, name):
    with pytest.raises(Unusable, match="name"):
        await house.do("tenant.create", name=name)


async def test_tenants_are_listed_by_name(house):
    await house.do("tenant.create", name="aaa")
    assert [tenant.name for tenant in await house.do("tenant.list")] == ["aaa", "acme", "default", "forever"]
