import pytest

from tokenhouse.console.errors import AlreadyExists, NotFound, Unusable

API = "https://api.example.com/orders"
OTHER = "https://api.example.com/bills"


async def test_a_resource_is_made_and_shown_with_what_belongs_to_it(house):
    made = await house.do("resource.create", identifier=API, name="Orders", access_ttl_seconds=60)
    assert (made.tenant, made.name, made.access_ttl_seconds, made.created_at) == (
        "default",
        "Orders",
        60,
        house.clock(),
    )
    await house.do("scope.create", name="orders:read", resource=API, description="Read orders")
    await house.do("client.create", name="x", client_id="x", resources=(API, API), scopes=("orders:read", "profile"))
    view = await house.do("resource.show", identifier=API)
    assert (view.resource, view.scopes, view.clients) == (made, ("orders:read",), ("x",))
    assert await house.do("resource.list", tenant="default") == [made]
    assert await house.do("resource.list", tenant="acme") == []
    assert (await house.audit())[-3:] == [
        f"administration.resource.create default {API} tester",
        "administration.scope.create default orders:read tester",
        "administration.client.create default x tester",
    ]


async def test_a_resource_is_changed_when_that_is_asked_for(house):
    first = await house.do("resource.create", identifier=API)
    assert first.name == API
    with pytest.raises(AlreadyExists):
        await house.do("resource.create", identifier=API, name="Orders")
    house.clock.at = house.clock.at.replace(hour=13)
    second = await house.do("resource.create", identifier=API, claims={"roles": "user.roles"}, replace=True)
    assert (second.claims, second.created_at) == ({"roles": "user.roles"}, first.created_at)
    assert (await house.audit())[-1] == f"administration.resource.update default {API} tester"


@pytest.mark.parametrize(
    ("given", "message", "hint"),
    [
        ({"identifier": "orders"}, "absolute URI without a fragment", "such as"),
        ({"identifier": API + "#a"}, "absolute URI without a fragment", "such as"),
        ({"identifier": ""}, "identifier", ""),
        ({"identifier": "https://" + "a" * 200}, "identifier", ""),
        ({"tenant": "shop"}, 'no tenant "shop"', "tokenhouse tenant create"),
        ({"claims": {"sub": "user.id"}}, 'the claim "sub" is reserved', "user.roles"),
        ({"claims": {"x": "user.password"}}, 'no source "user.password"', "or = and a text"),
        ({"access_ttl_seconds": 0}, "access_ttl_seconds", ""),
    ],
)
async def test_what_cannot_be_a_resource_is_refused(house, given, message, hint):
    with pytest.raises(Unusable) as caught:
        await house.do("resource.create", **({"identifier": API} | given))
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert await house.do("resource.list") == []


async def test_a_resource_is_forgotten_with_its_scopes_once_no_client_has_it(house):
    await house.do("resource.create", identifier=API)
    await house.do("scope.create", name="orders:read", resource=API)
    for number in range(7):
        await house.do("client.create", name="x", client_id=f"x{number}", resources=(API,))
    with pytest.raises(Unusable, match="one of: x0, x1, x2, x3, x4 and 2 more"):
        await house.do("resource.delete", identifier=API)
    for number in range(7):
        await house.do("client.update", client_id=f"x{number}", clear=("resources",))
    await house.do("resource.delete", identifier=API)
    assert await house.do("resource.list") == await house.do("scope.list") == []
    for operation in ("show", "delete"):
        with pytest.raises(NotFound, match="no resource"):
            await house.do(f"resource.{operation}", identifier=API)


async def test_registering_a_client_makes_its_scopes_known_and_changes_none(house):
    await house.do("scope.create", name="orders:read", description="Read orders")
    await house.do("client.create", name="x", client_id="x", scopes=("orders:read", "profile"))
    await house.do("client.update", client_id="x", scopes=("profile", "orders:write"))
    told = {scope.name: scope.description for scope in await house.do("scope.list", tenant="default")}
    assert told == {"orders:read": "Read orders", "orders:write": "", "profile": ""}


async def test_a_scope_of_a_resource_is_only_for_clients_that_have_the_resource(house):
    await house.do("resource.create", identifier=API)
    await house.do("resource.create", identifier=OTHER)
    await house.do("scope.create", name="orders:read", resource=API)
    for given in ({}, {"resources": (OTHER,)}):
        with pytest.raises(Unusable, match='the scope "orders:read" belongs to a resource') as caught:
            await house.do("client.create", name="x", scopes=("orders:read",), **given)
        assert caught.value.hint == f"--resource {API}"
    await house.do("client.create", name="x", client_id="x", scopes=("orders:read", "bills"), resources=(API,))
    with pytest.raises(Unusable, match="clients have this scope that may not ask for the resource: x"):
        await house.do("scope.create", name="bills", resource=OTHER)
    with pytest.raises(Unusable, match="belongs to a resource"):
        await house.do("client.update", client_id="x", clear=("resources",))
    await house.do("scope.create", name="bills", resource=API)
    with pytest.raises(Unusable, match="no resource"):
        await house.do("client.create", name="y", resources=("https://nowhere.example",))


async def test_a_scope_is_described_anew(house):
    first = await house.do("scope.create", name="a")
    house.clock.at = house.clock.at.replace(hour=13)
    second = await house.do("scope.create", name="a", description="A")
    assert (second.description, second.created_at) == ("A", first.created_at)
    assert (await house.audit())[-1] == "administration.scope.update default a tester"


async def test_a_scope_is_forgotten_once_no_client_has_it(house):
    await house.do("client.create", name="x", client_id="x", scopes=("a",))
    with pytest.raises(Unusable, match="clients have this scope: x"):
        await house.do("scope.delete", name="a")
    await house.do("client.update", client_id="x", clear=("scopes",))
    await house.do("scope.delete", name="a")
    with pytest.raises(NotFound):
        await house.do("scope.delete", name="a")


@pytest.mark.parametrize(
    ("given", "message"),
    [({"resource": API}, "no resource"), ({"tenant": "shop"}, "no tenant"), ({"name": "a b"}, "name")],
)
async def test_what_cannot_be_a_scope_is_refused(house, given, message):
    with pytest.raises(Unusable, match=message):
        await house.do("scope.create", **({"name": "a"} | given))
