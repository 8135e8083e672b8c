import pytest

from tokenhouse.console.errors import Unusable


async def test_everything_that_the_mounts_need_is_made_once_and_in_use_at_once(bare):
    before = await bare.do("setup.missing")
    made = await bare.do("setup.prepare")
    assert made == before
    assert made.tenants == ("default", "acme", "forever")
    assert made.keys == (
        "digest key (tenant default)",
        "sealing key (tenant acme)",
        "sealing key (tenant default)",
        "sealing key (tenant forever)",
        "ES256 signing key of standard (tenant default)",
        "RS256 signing key of standard (tenant default)",
        "RS256 signing key of acme (tenant acme)",
    )
    assert (await bare.do("setup.missing")).is_complete
    count = len(await bare.store.list_keys())
    assert (await bare.do("setup.prepare")).is_complete
    assert len(await bare.store.list_keys()) == count
    now = bare.clock()
    await bare.keys.refresh(now)
    assert bare.keys.signing("acme", "acme", "RS256", now).facts["thumbprint_sha1"]
    assert bare.keys.signing("default", "standard", "ES256", now).facts["thumbprint_sha1"] is None
    assert await bare.audit() == ["administration.setup.prepare default  tester"]


async def test_a_tenant_that_has_no_mount_still_needs_its_sealing_key(bare):
    await bare.do("tenant.create", name="shop")
    made = await bare.do("setup.prepare")
    assert "shop" not in made.tenants
    assert "sealing key (tenant shop)" not in made.keys


async def test_without_keys_an_operation_says_what_to_type(bare):
    await bare.do("tenant.create", name="default")
    with pytest.raises(Unusable) as caught:
        await bare.do("client.create", name="x")
    assert caught.value.hint == "tokenhouse keys prepare"
