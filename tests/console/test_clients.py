from datetime import timedelta

import pytest

from tokenhouse.clients.methods import SECRET_DIGEST
from tokenhouse.console.errors import AlreadyExists, NotFound, Unusable
from tokenhouse.protocol.secret import Secret

STRONG = "o1uBjWTzuqbaMnQzSmDp5UhR6M33NOhb3YL0b1YK"


async def only_secret(house, client_id, tenant="default"):
    [entry] = await house.store.find_clients(client_id, tenant)
    return entry.secrets[0]


async def digest_of(house, text):
    return (await house.keys.digest(SECRET_DIGEST, text.encode(), house.clock())).hex()


async def test_a_standard_client_gets_a_searchable_secret_stored_as_a_digest(house):
    made = await house.do("client.create", name="Billing & more", scopes=("orders:read",))
    assert made.client_id.startswith("billing-more-")
    assert made.labels == {name: name for name in ("client_id", "client_secret", "api_secret")}
    text = made.client_secret.reveal()
    assert text.startswith("th_cs_")
    assert len(text) == 49
    verifier = await only_secret(house, made.client_id)
    assert (verifier.scheme, verifier.verifier) == ("hmac-sha256", await digest_of(house, text))
    client = made.client
    assert client.grants == ("client_credentials",)
    assert client.auth_methods == ("client_secret_basic", "client_secret_post")
    assert (client.introspection, client.scopes, client.contracts) == ("none", ("orders:read",), ("standard",))
    assert (await house.audit())[-1] == f"administration.client.create default {made.client_id} tester"


async def test_a_client_belongs_to_the_tenant_that_its_contract_serves(house):
    made = await house.do("client.create", name="Thermostat", contracts=("standard", "acme"), grants=())
    assert made.tenant == "acme"
    with pytest.raises(Unusable, match='does not serve the tenant "default"') as caught:
        await house.do("client.create", name="Thermostat", tenant="default", contracts=("acme",))
    assert caught.value.hint == "it serves acme"


async def test_a_legacy_client_gets_a_pair_in_the_words_and_alphabet_of_its_contract(house):
    made = await house.do("client.create", name="Thermostat", tenant="acme", contracts=("acme",))
    assert made.labels == {"client_id": "AppKey", "client_secret": "AppSecret", "api_secret": "api_secret"}
    assert len(made.client_id) == 20
    assert made.client_id.isalnum()
    assert len(made.client_secret.reveal()) == 40
    assert made.client_secret.reveal().isalnum()
    assert made.client.grants == ("client_credentials", "password")
    assert (made.client.introspection, made.client.scopes) == ("own", ("things",))


async def test_an_imported_random_secret_is_digested(house):
    made = await house.do("client.create", name="x", client_id="BuMg", secret=STRONG)
    assert made.client_secret is None
    verifier = await only_secret(house, "BuMg")
    assert verifier.verifier == await digest_of(house, STRONG)


async def test_an_imported_human_secret_is_hashed_like_a_password(house):
    await house.do("client.create", name="x", client_id="x", secret="shopTest")
    verifier = await only_secret(house, "x")
    assert verifier.scheme == "argon2id"
    assert house.hashing.verify(verifier.verifier, Secret("shopTest"), "raw")


async def test_a_public_client_has_no_secret(house):
    made = await house.do("client.create", name="app", tenant="acme", contracts=("acme",), public=True)
    assert made.client_secret is None
    assert made.client.auth_methods == ("none",)
    assert made.client.grants == ("password",)
    assert made.client.introspection == "none"
    with pytest.raises(Unusable, match="has no secret"):
        await house.do("client.create", name="app", public=True, grants=("password",), secret=STRONG)
    with pytest.raises(Unusable, match="is a public client"):
        await house.do("client.rotate_secret", client_id=made.client_id, tenant="acme")


@pytest.mark.parametrize(
    ("given", "message", "hint"),
    [
        ({"tenant": "shop"}, 'no tenant "shop"', "tokenhouse tenant create shop"),
        ({"contracts": ("acmee",)}, 'no contract "acmee"', 'did you mean "acme"?'),
        ({"contracts": ()}, "needs a contract", "known: standard, acme, forever"),
        ({"grants": ("client_credential",)}, 'the grant "client_credential"', 'did you mean "client_credentials"?'),
        ({"grants": ("client_credentials",), "public": True}, "a public client cannot", "leave out --public"),
        ({"attributes": {"ownr": "x"}, "contracts": ("acme",), "tenant": "acme"}, '"ownr"', 'did you mean "owner"?'),
        ({"ends_at": "2027-01-01T00:00:00"}, "no time zone", "such as 2027-06-30T00:00:00Z"),
        ({"client_id": "a:b"}, "client_id", ""),
        ({"client_id": ""}, "client_id", ""),
        ({"name": "a\nb"}, "name", ""),
        ({"scopes": ('a"b',)}, "scopes", ""),
        ({"secret": ""}, "secret", ""),
        ({"secret": 17}, "secret", ""),
        ({"secret": "x" * 1025}, "secret", ""),
        ({"secret": "é" * 1024}, "longer than 1024 bytes", ""),
        ({"nme": "x"}, "unknown field `nme`", ""),
    ],
)
async def test_what_does_not_fit_is_refused(house, given, message, hint):
    with pytest.raises(Unusable) as caught:
        await house.do("client.create", **({"name": "x"} | given))
    assert message in caught.value.message
    assert caught.value.hint == hint
    assert await house.do("client.list") == []


async def test_a_client_id_is_taken_once_in_a_tenant(house):
    await house.do("client.create", name="x", client_id="x")
    with pytest.raises(AlreadyExists, match='"x" exists already in the tenant "default"'):
        await house.do("client.create", name="x", client_id="x")
    with pytest.raises(AlreadyExists, match='"x" exists already in the tenant "default"'):
        await house.do("client.create", name="x", client_id="x", tenant="acme")
    await house.do("client.create", name="x", client_id="y", tenant="acme")
    assert [c.tenant for c in await house.do("client.list")] == ["acme", "default"]
    assert [c.tenant for c in await house.do("client.list", tenant="acme")] == ["acme"]


async def test_given_values_are_kept(house):
    made = await house.do(
        "client.create",
        name="x",
        grants=("password", "refresh_token"),
        audience="https://api.example.com",
        access_format="opaque",
        alg="RS256",
        introspection="tenant",
        ends_at="2027-06-30T00:00:00Z",
        password_until="2027-01-31T00:00:00Z",
    )
    [client] = await house.do("client.list")
    assert client == made.client
    assert client.grants == ("password", "refresh_token")
    assert (client.audience, client.access_format, client.alg) == ("https://api.example.com", "opaque", "RS256")
    assert client.introspection == "tenant"
    assert client.ends_at.isoformat() == "2027-06-30T00:00:00+00:00"


async def test_a_rotated_secret_overlaps_with_the_old_one(house):
    made = await house.do("client.create", name="x", client_id="x")
    rotated = await house.do("client.rotate_secret", client_id="x")
    assert rotated.others_end_at == house.clock() + timedelta(hours=24)
    shown = await house.do("client.show", client_id="x")
    assert [secret.alive for secret in shown.secrets] == [True, True]
    house.clock.at += timedelta(hours=24)
    shown = await house.do("client.show", client_id="x")
    assert sorted(secret.alive for secret in shown.secrets) == [False, True]
    alive = next(secret for secret in shown.secrets if secret.alive)
    [entry] = await house.store.find_clients("x", "default")
    verifier = next(secret for secret in entry.secrets if secret.secret_id == alive.secret_id)
    assert verifier.verifier == await digest_of(house, rotated.client_secret.reveal())
    assert rotated.client.security_version == made.client.security_version


async def test_the_old_secret_can_end_now_and_the_new_one_can_be_given(house):
    await house.do("client.create", name="x", client_id="x")
    rotated = await house.do("client.rotate_secret", client_id="x", end_now=True, secret=STRONG)
    assert rotated.client_secret is None
    assert rotated.others_end_at == house.clock()
    shown = await house.do("client.show", client_id="x")
    assert sorted(secret.alive for secret in shown.secrets) == [False, True]
    for seconds in (-1, 91 * 86_400):
        with pytest.raises(Unusable, match="between 0s and 90d"):
            await house.do("client.rotate_secret", client_id="x", overlap_seconds=seconds)


async def test_a_rotated_legacy_secret_has_the_contracts_form(house):
    made = await house.do("client.create", name="x", tenant="acme", contracts=("acme",))
    rotated = await house.do("client.rotate_secret", client_id=made.client_id, tenant="acme")
    assert len(rotated.client_secret.reveal()) == 40
    assert rotated.labels["client_secret"] == "AppSecret"


async def test_a_client_is_disabled_and_enabled(house):
    await house.do("client.create", name="x", client_id="x")
    forgotten = len(house.forgotten)
    disabled = await house.do("client.disable", client_id="x")
    assert (disabled.enabled, disabled.security_version) == (False, 2)
    assert len(house.forgotten) == forgotten + 1
    enabled = await house.do("client.enable", client_id="x")
    assert enabled.enabled
    assert (await house.audit())[-2:] == [
        "administration.client.disable default x tester",
        "administration.client.enable default x tester",
    ]


@pytest.mark.parametrize("operation", ["show", "rotate_secret", "disable", "enable"])
async def test_an_unknown_client_is_not_found_and_nothing_is_audited(house, operation):
    before = await house.audit()
    with pytest.raises(NotFound, match='no client "nobody"'):
        await house.do(f"client.{operation}", client_id="nobody")
    assert await house.audit() == before


async def test_no_secret_is_in_a_repr(house):
    made = await house.do("client.create", name="x", client_id="x")
    assert made.client_secret.reveal() not in repr(made)
    shown = await house.do("client.show", client_id="x")
    assert (await only_secret(house, "x")).verifier not in repr(shown)


async def test_a_back_end_has_a_secret_of_its_own_slot(house):
    made = await house.do("client.create", name="x", client_id="x", make_api_secret=True)
    [entry] = await house.store.find_clients("x", "default")
    digests = {secret.slot: secret.verifier for secret in entry.secrets}
    assert digests == {
        "": await digest_of(house, made.client_secret.reveal()),
        "api": await digest_of(house, made.api_secret.reveal()),
    }
    rotated = await house.do("client.rotate_secret", client_id="x", slot="api", end_now=True)
    assert rotated.client_secret is None
    shown = await house.do("client.show", client_id="x")
    assert sorted((secret.slot, secret.alive) for secret in shown.secrets) == [
        ("", True),
        ("api", False),
        ("api", True),
    ]
    assert made.api_secret.reveal() not in repr(made)


async def test_a_back_ends_secret_is_taken_as_it_is(house):
    made = await house.do("client.create", name="x", client_id="x", api_secret=STRONG)
    assert made.api_secret is None
    [entry] = await house.store.find_clients("x", "default")
    assert await digest_of(house, STRONG) in {secret.verifier for secret in entry.secrets if secret.slot == "api"}
    weak = await house.do("client.create", name="y", client_id="y", api_secret="chosen")
    assert weak.api_secret is None
    [entry] = await house.store.find_clients("y", "default")
    assert {secret.slot: secret.scheme for secret in entry.secrets} == {"": "hmac-sha256", "api": "argon2id"}
    with pytest.raises(Unusable, match="has no secret"):
        await house.do("client.create", name="app", public=True, grants=(), api_secret=STRONG)
    with pytest.raises(Unusable, match="slot"):
        await house.do("client.rotate_secret", client_id="x", slot="other")


async def test_a_password_grant_of_the_standard_contract_has_an_end(house):
    with pytest.raises(Unusable, match="needs an end") as caught:
        await house.do("client.create", name="x", grants=("password",))
    assert "--password-until" in caught.value.hint
    until = house.clock() + timedelta(days=365)
    made = await house.do("client.create", name="x", grants=("password",), password_until=until)
    assert made.client.password_ends_at == until
    legacy = await house.do("client.create", name="x", contracts=("acme",))
    assert legacy.client.password_ends_at is None


async def test_claims_and_resources_are_kept(house):
    await house.do("resource.create", identifier="https://api.example")
    claims = {"roles": "user.roles", "tier": "= gold"}
    made = await house.do("client.create", name="x", claims=claims, resources=("https://api.example",) * 2)
    assert (made.client.claims, made.client.resources) == (claims, ("https://api.example",))
    with pytest.raises(Unusable, match='"scope" is reserved'):
        await house.do("client.create", name="x", claims={"scope": "= all"})


async def test_a_client_that_lives_in_another_tenant_says_in_which(house):
    await house.do("tenant.create", name="acme", if_missing=True)
    await house.do("client.create", name="x", client_id="x", contracts=("acme",))
    with pytest.raises(NotFound) as caught:
        await house.do("client.show", client_id="x")
    assert caught.value.hint == "--tenant acme"
