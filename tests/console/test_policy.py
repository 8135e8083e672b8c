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
    with pytest.raises(Unusable, match='"standard" does not serve the tenant "shop"'):
        policy.tenant_of("shop", (STANDARD, LEGACY), closed)
