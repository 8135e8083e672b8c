from __future__ import annotations

from tokenhouse.protocol.contract import Contract, Mount
from tokenhouse.tokens.mounts import Mounts

A, B = Contract("a", "A", ()), Contract("b", "B", ())
SHARED, OWN, OTHER = (
    Mount(A, None, "default", "https://shared"),
    Mount(A, "one", "one", "https://one"),
    Mount(B, "two", "two", "https://two"),
)
MOUNTS = Mounts([SHARED, OWN, OTHER])


def test_a_tenant_s_own_mount_comes_before_the_shared_one():
    assert MOUNTS.find("one", "a") is OWN
    assert MOUNTS.find("two", "a") is SHARED


def test_a_contract_that_is_not_mounted_for_a_tenant_is_none():
    assert MOUNTS.find("one", "b") is None
    assert MOUNTS.find("two", "b") is OTHER
    assert MOUNTS.find("two", "c") is None


def test_a_tenant_is_served_by_its_own_and_the_shared_mounts():
    assert MOUNTS.of_tenant("one") == [SHARED, OWN]
    assert MOUNTS.of_tenant("two") == [SHARED, OTHER]
    assert MOUNTS.of_tenant("three") == [SHARED]


def test_all_mounts_in_their_order():
    assert list(MOUNTS) == [SHARED, OWN, OTHER]
