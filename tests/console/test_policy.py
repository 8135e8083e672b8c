from datetime import UTC, datetime, timedelta

import pytest

from tokenhouse.console import policy
from tokenhouse.console.errors import Unusable
from tokenhouse.protocol.contract import Contract, Mount

STANDARD = Contract("standard", "", (), grants=frozenset({"client_credentials", "password"}), default_scope=("openid",))
LEGACY = Contract("legacy", "", (), grants=frozenset({"client_credentials", "refresh_token"}), default_scope=("a", "b"))


def test_contracts_are_chosen_by_name_once():
    known = {"standard": STANDARD, "legacy": LEGACY}
    assert policy.chosen(("legacy", "standard", "legacy"), known) == (LEGACY, STANDARD)


@pytest.mark.parametrize(
    ("contracts", "public", "expected"),
    [
        ((STANDARD,), False, ("client_credentials",)),
        ((LEGACY,), False, ("client_credentials", "refresh_token")),
        ((LEGACY, STANDARD), True, ("refresh_token",)),
        ((STANDARD,), True, ()),
    ],
)
def test_grants_by_default(contracts, public, expected):
    assert policy.grants_of(None, contracts, public=public) == expected


def test_grants_as_asked():
    assert policy.grants_of(("password", "password"), (STANDARD,), public=True) == ("password",)
    assert policy.grants_of((), (STANDARD,), public=False) == ()
    with pytest.raises(Unusable) as caught:
        policy.grants_of(("zzz",), (LEGACY,), public=False)
    assert caught.value.hint == "known: client_credentials, refresh_token"


def test_scopes():
    assert policy.scopes_of(None, (LEGACY, STANDARD)) == ("a", "b", "openid")
    assert policy.scopes_of(("x", "x"), (LEGACY,)) == ("x",)
    assert policy.scopes_of((), (LEGACY,)) == ()


@pytest.mark.parametrize(
    ("asked", "contracts", "public", "expected"),
    [
        (None, (STANDARD,), False, "none"),
        (None, (LEGACY,), False, "own"),
        (None, (LEGACY,), True, "none"),
        ("tenant", (STANDARD,), False, "tenant"),
    ],
)
def test_introspection(asked, contracts, public, expected):
    assert policy.introspection_of(asked, contracts, public=public) == expected


def test_a_tenant_is_the_one_that_is_served():
    everywhere, somewhere = Mount(STANDARD, None, "default", "i"), Mount(LEGACY, "shop", "shop", "j")
    mounts = (everywhere, somewhere)
    assert policy.tenant_of(None, (STANDARD,), mounts) == "default"
    assert policy.tenant_of("club", (STANDARD,), mounts) == "club"
    assert policy.tenant_of(None, (STANDARD, LEGACY), mounts) == "shop"
    with pytest.raises(Unusable, match='"legacy" does not serve the tenant "club"'):
        policy.tenant_of("club", (LEGACY,), mounts)
    closed = (Mount(STANDARD, "default", "default", "i"), somewhere)
    with pytest.raises(Unusable, match='"standard" does not serve the tenant "shop"') as caught:
        policy.tenant_of("shop", (STANDARD, LEGACY), closed)
    assert '[standard] tenant = "*"' in caught.value.hint


NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ends_at", "grants", "contracts"),
    [
        (None, ("client_credentials",), (STANDARD,)),
        (None, ("password",), (LEGACY,)),
        (NOW + timedelta(days=731), ("password",), (STANDARD,)),
        (NOW + timedelta(seconds=1), ("password",), (LEGACY,)),
    ],
)
def test_a_password_grant_may_be_had_for_a_while(ends_at, grants, contracts):
    policy.require_password_end(ends_at, grants, contracts, NOW)


@pytest.mark.parametrize(
    ("ends_at", "grants", "contracts", "message"),
    [
        (None, ("password",), (STANDARD,), "needs an end"),
        (None, ("password",), (LEGACY, STANDARD), "needs an end"),
        (NOW + timedelta(days=1), (), (STANDARD,), "nothing to end"),
        (NOW, ("password",), (LEGACY,), "in the past"),
        (NOW + timedelta(days=731, seconds=1), ("password",), (STANDARD,), "further than two years"),
        (NOW.replace(tzinfo=None), ("password",), (STANDARD,), "no time zone"),
    ],
)
def test_a_password_grant_without_a_near_end_is_refused(ends_at, grants, contracts, message):
    with pytest.raises(Unusable, match=message):
        policy.require_password_end(ends_at, grants, contracts, NOW)


def test_claims_that_cannot_be_mapped_are_refused_with_what_could():
    policy.require_claims({"roles": "user.roles"})
    with pytest.raises(Unusable, match='"aud" is reserved') as caught:
        policy.require_claims({"aud": "client.id"})
    assert "client.attributes.NAME" in caught.value.hint


def test_what_is_not_mounted_says_how_it_is():
    with pytest.raises(Unusable) as caught:
        policy.chosen(["umbrella"], {"standard": STANDARD, "legacy": LEGACY})
    assert "[[mount]]" in caught.value.hint
