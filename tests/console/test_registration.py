from datetime import timedelta

import msgspec
import pytest

from tokenhouse.console.errors import NotFound, Unavailable, Unusable
from tokenhouse.model.registrations import SetClientEnabled
from tokenhouse.sql.sqlite import SqliteStore

API = "https://api.example.com/orders"


@pytest.fixture
async def made(house):
    await house.do("resource.create", identifier=API)
    facts = {"scopes": ("a",), "attributes": {"owner": "Ann"}, "claims": {"tier": "= gold"}, "audience": "own"}
    return (await house.do("client.create", name="x", client_id="x", **facts)).client


async def test_what_is_not_named_stays(house, made):
    changed = await house.do("client.update", client_id="x", name="y")
    assert msgspec.structs.replace(changed, name="x", security_version=1) == made
    assert changed.security_version == 2
    assert (await house.audit())[-1] == "administration.client.update default x tester"
    assert len(house.forgotten) > 0


async def test_lists_are_replaced_and_claims_and_attributes_added(house, made):
    changed = await house.do(
        "client.update",
        client_id="x",
        scopes=("b", "c", "b"),
        resources=(API,),
        claims={"org": "client.name"},
        attributes={"floor": 3},
        access_format="opaque",
        introspection="own",
        alg="RS256",
        ends_at="2027-06-30T00:00:00Z",
    )
    assert (changed.scopes, changed.resources) == (("b", "c"), (API,))
    assert changed.claims == {"tier": "= gold", "org": "client.name"}
    assert changed.attributes == {"owner": "Ann", "floor": 3}
    assert (changed.access_format, changed.introspection, changed.alg) == ("opaque", "own", "RS256")
    assert changed.ends_at.year == 2027


async def test_what_is_cleared_is_empty_before_anything_is_added(house, made):
    await house.do("client.update", client_id="x", resources=(API,), ends_at="2027-06-30T00:00:00Z", alg="ES256")
    clear = ("scopes", "resources", "claims", "attributes", "audience", "alg", "ends_at")
    changed = await house.do("client.update", client_id="x", clear=clear, claims={"org": "client.name"})
    assert (changed.scopes, changed.resources, changed.attributes) == ((), (), {})
    assert changed.audience is changed.alg is changed.ends_at is None
    assert changed.claims == {"org": "client.name"}


async def test_the_same_again_changes_nothing(house, made):
    before = await house.audit()
    assert await house.do("client.update", client_id="x", name="x", scopes=("a",)) == made
    assert await house.audit() == before
    with pytest.raises(Unusable, match="nothing to change"):
        await house.do("client.update", client_id="x")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"grants": ("nonsense",)}, 'the grant "nonsense"'),
        ({"grants": ("password",)}, "needs an end"),
        ({"password_until": "2027-06-30T00:00:00Z"}, "nothing to end"),
        ({"ends_at": "2027-06-30T00:00:00"}, "no time zone"),
        ({"claims": {"sub": "user.id"}}, "is reserved"),
        ({"claims": {f"x{n}": "user.id" for n in range(20)}}, "more than 20"),
        ({"resources": ("https://nowhere.example",)}, "no resource"),
        ({"clear": ("name",)}, "clear"),
        ({"name": ""}, "name"),
    ],
)
async def test_what_does_not_fit_is_refused(house, made, given, message):
    with pytest.raises(Unusable, match=message):
        await house.do("client.update", client_id="x", **given)
    assert (await house.do("client.show", client_id="x")).client == made


async def test_attributes_are_those_that_the_contract_declares(house):
    made = await house.do("client.create", name="x", tenant="acme", contracts=("acme",))
    with pytest.raises(Unusable, match='"ownr"'):
        await house.do("client.update", client_id=made.client_id, tenant="acme", attributes={"ownr": "x"})


async def test_a_password_grant_is_given_moved_and_taken_away(house, made):
    until = house.clock() + timedelta(days=30)
    changed = await house.do("client.update", client_id="x", grants=("password",), password_until=until)
    assert (changed.grants, changed.password_ends_at) == (("password",), until)
    later = await house.do("client.update", client_id="x", password_until=until + timedelta(days=30))
    assert later.password_ends_at == until + timedelta(days=30)
    with pytest.raises(Unusable, match="needs an end"):
        await house.do("client.update", client_id="x", clear=("password_until",))
    house.clock.at += timedelta(days=90)
    assert (await house.do("client.update", client_id="x", name="over")).password_ends_at < house.clock()
    gone = await house.do("client.update", client_id="x", clear=("grants", "password_until"))
    assert (gone.grants, gone.password_ends_at) == ((), None)


async def test_a_public_client_does_not_come_to_act_for_itself(house):
    made = await house.do("client.create", name="app", public=True, grants=())
    with pytest.raises(Unusable, match="a public client cannot"):
        await house.do("client.update", client_id=made.client_id, grants=("client_credentials",))


async def test_nobody_is_overwritten(house, made, monkeypatch):
    found = SqliteStore.find_resource

    async def disable_meanwhile(store, tenant, identifier):
        await store.commit([SetClientEnabled("default", "x", enabled=False)])
        return await found(store, tenant, identifier)

    monkeypatch.setattr(SqliteStore, "find_resource", disable_meanwhile)
    with pytest.raises(Unavailable, match="changed by somebody else"):
        await house.do("client.update", client_id="x", resources=(API,))
    client = (await house.do("client.show", client_id="x")).client
    assert (client.enabled, client.resources) == (False, ())


async def test_an_unknown_client_is_not_found(house):
    with pytest.raises(NotFound):
        await house.do("client.update", client_id="nobody", name="x")
