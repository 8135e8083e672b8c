"""Addresses of somebody on the internet, and all the others.

Spec: RFC 6890.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.egress.addresses import is_public, is_this_machine

SPECIAL = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.0.1",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.31.196.1",
    "192.52.193.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.168.255.255",
    "192.175.48.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::2",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "100:0:0:1::1",
    "2001::1",
    "2001:0:5ef5:79fd::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "2620:4f:8000::1",
    "3fff::1",
    "4000::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fdff::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "2606:4700::1111%eth0",
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "168.63.129.17",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2001:200::1",
    "2001:4860:4860::8888",
    "2003::1",
    "2606:4700::1111",
    "2a00:1450::1",
    "3ffe::1",
]
NO_ADDRESSES = [
    "",
    "localhost",
    "127.1",
    "0x7f000001",
    "2130706433",
    "017700000001",
    "1.2.3.4.5",
    "::g",
    "1.1.1.1 ",
    "[::1]",
]


@pytest.mark.parametrize("address", SPECIAL)
def test_special_addresses_are_nobodys(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_somebodys(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_what_is_no_address_is_nobodys(address: str) -> None:
    assert not is_public(address)
    assert not is_this_machine(address)


@given(st.ip_addresses())
def test_what_python_knows_to_be_local_is_never_public(address: IPv4Address | IPv6Address) -> None:
    local = (
        address.is_private,
        address.is_loopback,
        address.is_link_local,
        address.is_multicast,
        address.is_reserved,
        address.is_unspecified,
    )
    assert not (is_public(str(address)) and any(local))


@given(st.ip_addresses(v=4))
def test_an_address_inside_of_another_is_never_public(address: IPv4Address) -> None:
    number = int(address)
    teredo = (0x2001_0000 << 96) | number
    for inside in (
        0xFFFF_0000_0000 | number,
        number,
        (0x64FF9B << 96) | number,
        (0x2002 << 112) | (number << 80),
        teredo,
    ):
        assert not is_public(str(ip_address(inside)) if inside > 0xFFFF_FFFF else f"::{address}")


def test_this_machine() -> None:
    assert all(map(is_this_machine, ("127.0.0.1", "127.9.9.9", "::1")))
    assert not any(map(is_this_machine, ("0.0.0.0", "::", "10.0.0.1", "8.8.8.8", "::1%lo")))
