"""Which addresses a name on the internet may have: not the special ones, in no spelling.

The tables are IANA's special-purpose registries, wider where in doubt: of IPv6 only what is given out to networks, so
that mapped, compatible, translated (NAT64), unique-local and link-local addresses need no row. Spec: RFC 6890.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_SPECIAL_V4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this network
            "10.0.0.0/8",  # private
            "100.64.0.0/10",  # shared between a carrier and its customers
            "127.0.0.0/8",  # this machine
            "168.63.129.16/32",  # a cloud's own services, on an address that looks public
            "169.254.0.0/16",  # link-local, where clouds tell their machines secrets
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # protocol assignments
            "192.0.2.0/24",  # documentation
            "192.31.196.0/24",  # AS112
            "192.52.193.0/24",  # multicast tunnels
            "192.88.99.0/24",  # 6to4 relays
            "192.168.0.0/16",  # private
            "192.175.48.0/24",  # AS112
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, broadcast
        ),
    )
)
_GIVEN_OUT_V6 = IPv6Network("2000::/3")
_SPECIAL_V6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocol assignments, Teredo, ORCHID
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4, which hides an IPv4 address
            "2620:4f:8000::/48",  # AS112
            "3fff::/20",  # documentation
        ),
    )
)


def is_public(address: str) -> bool:
    """Return whether this is the address of somebody on the internet; what is no address at all is not."""
    found = _read(address)
    if isinstance(found, IPv4Address):
        return not any(found in network for network in _SPECIAL_V4)
    return found is not None and found in _GIVEN_OUT_V6 and not any(found in network for network in _SPECIAL_V6)


def is_this_machine(address: str) -> bool:
    """Return whether only this machine has the address."""
    found = _read(address)
    return found is not None and found.is_loopback


def _read(address: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(address)
    except ValueError:
        return None
    # "fe80::1%eth0": what has a zone is never somebody on the internet.
    return None if isinstance(found, IPv6Address) and found.scope_id else found
