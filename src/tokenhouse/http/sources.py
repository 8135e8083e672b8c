"""Where a request came from, and over what: the peer's word unless the peer is a trusted proxy.

The trusted list is empty by default; outside it every forwarding header is as good as absent. What cannot be parsed is
an unknown address, which shares one budget of guesses: it never skips a check.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple

from tokenhouse.protocol.exchange import Headers

CERTIFICATE = "certificate"
"""Where the state of an ASGI scope has the client's certificate in DER; None if the client has shown none."""

_UNKNOWN = "unknown"
_V6_PREFIX = 64


class Source(NamedTuple):
    """The client's address (an IPv6 one by its /64) and whether it spoke TLS."""

    address: str
    secure: bool


class Sources:
    """Judges forwarding headers by the configured networks."""

    def __init__(self, trusted: Iterable[str] = ()) -> None:
        self._trusted = tuple(ip_network(network, strict=False) for network in trusted)

    def judge(self, peer: str, scheme: str, headers: Headers) -> Source:
        """Return the source of a request whose connection came from ``peer``."""
        if not self.is_proxy(peer):
            return Source(group(peer), scheme == "https")
        forwarded = [value for name, value in headers if name == b"x-forwarded-for"]
        proto = [value for name, value in headers if name == b"x-forwarded-proto"]
        secure = proto == [b"https"] if proto else scheme == "https"
        hops = b",".join(forwarded).decode("ascii", "replace").split(",") if forwarded else [peer]
        for hop in reversed([hop.strip() for hop in hops]):
            if not _within(hop, self._trusted):
                return Source(group(hop), secure)
        return Source(group(peer), secure)

    def is_proxy(self, peer: str) -> bool:
        """Return whether a connection from ``peer`` speaks for somebody else."""
        return bool(self._trusted) and _within(peer, self._trusted)


@lru_cache(maxsize=4096)
def group(address: str) -> str:
    """Return the address that limits are counted by: IPv6 by its /64, which one subscriber has."""
    parsed = _parse(address)
    if parsed is None:
        return _UNKNOWN
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, _V6_PREFIX), strict=False).network_address)
    return str(parsed)


def _parse(address: str) -> IPv4Address | IPv6Address | None:
    """Return the address, None if it is none; a socket for both families writes IPv4 ones as IPv6."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return mapped or parsed


def _within(address: str, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    parsed = _parse(address)
    return parsed is not None and any(parsed in network for network in networks)
