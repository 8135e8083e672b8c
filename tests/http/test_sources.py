from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.http.sources import Source, Sources, group

PROXY, INNER, STRANGER = "10.0.0.1", "10.0.0.2", "203.0.113.9"
BEHIND = Sources(["10.0.0.0/8", "2001:db8:aa::/48"])


def headers(forwarded=None, proto=None):
    given = [(b"x-forwarded-for", value) for value in forwarded or ()]
    return tuple(given + [(b"x-forwarded-proto", value) for value in proto or ()])


@pytest.mark.parametrize(("peer", "is_proxy"), [(PROXY, True), (STRANGER, False), ("", False), ("garbage", False)])
def test_a_proxy_is_who_is_trusted(peer, is_proxy):
    assert BEHIND.is_proxy(peer) is is_proxy
    assert not Sources().is_proxy(peer)


@pytest.mark.parametrize("trusted", [(), ("192.168.0.0/16",)])
@pytest.mark.parametrize(("scheme", "secure"), [("http", False), ("https", True)])
def test_a_peer_that_is_not_trusted_speaks_for_itself(trusted, scheme, secure):
    spoofed = headers([b"198.51.100.1"], [b"https"])
    assert Sources(trusted).judge(STRANGER, scheme, spoofed) == Source(STRANGER, secure)


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        (PROXY, None, PROXY),
        (PROXY, [b"198.51.100.1"], "198.51.100.1"),
        (PROXY, [b"1.1.1.1, 198.51.100.1"], "198.51.100.1"),
        (PROXY, [b"198.51.100.1, 10.0.0.2"], "198.51.100.1"),
        (PROXY, [b"198.51.100.1", b"10.0.0.2"], "198.51.100.1"),
        (PROXY, [b"1.1.1.1", b"198.51.100.1"], "198.51.100.1"),
        (PROXY, [b"10.0.0.3,10.0.0.2"], PROXY),
        (PROXY, [b""], "unknown"),
        (PROXY, [b"1.1.1.1, garbage"], "unknown"),
        (PROXY, [b"198.51.100.1:4711"], "unknown"),
        (PROXY, [b"198.51.100.1,"], "unknown"),
        (PROXY, [b"\xff\xfe"], "unknown"),
        (PROXY, ["１.1.1.1".encode()], "unknown"),
        (PROXY, [b"2001:db8:1:2:3::4"], "2001:db8:1:2::"),
        (PROXY, [b"::ffff:198.51.100.1"], "198.51.100.1"),
        ("2001:db8:aa::1", [b"198.51.100.1"], "198.51.100.1"),
        ("2001:db8:bb::1", [b"198.51.100.1"], "2001:db8:bb::"),
        (f"::ffff:{PROXY}", [b"198.51.100.1"], "198.51.100.1"),
        ("", [b"198.51.100.1"], "unknown"),
        ("unix", None, "unknown"),
    ],
)
def test_the_source_is_the_last_hop_that_is_not_a_trusted_proxy(peer, forwarded, expected):
    assert BEHIND.judge(peer, "http", headers(forwarded)).address == expected


@pytest.mark.parametrize(
    ("proto", "scheme", "secure"),
    [
        (None, "http", False),
        (None, "https", True),
        ([b"https"], "http", True),
        ([b"http"], "https", False),
        ([b"https", b"http"], "https", False),
        ([b"https, http"], "https", False),
        ([b"HTTPS"], "http", False),
        ([b""], "https", False),
    ],
)
def test_a_trusted_proxy_says_whether_the_call_was_encrypted(proto, scheme, secure):
    assert BEHIND.judge(PROXY, scheme, headers([b"198.51.100.1"], proto)).secure is secure


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::"),
        ("2001:db8::ffff:ffff:ffff:ffff", "2001:db8::"),
        ("2001:db8:0:1::1", "2001:db8:0:1::"),
        ("fe80::1%eth0", "fe80::"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::1", "::"),
        ("192.0.2.01", "unknown"),
        ("192.0.2", "unknown"),
        ("localhost", "unknown"),
        ("", "unknown"),
    ],
)
def test_limits_count_an_ipv6_subscriber_once_and_the_unreadable_together(address, counted_as):
    assert group(address) == counted_as


@given(st.ip_addresses(v=6).filter(lambda a: a.ipv4_mapped is None), st.integers(0, 2**64 - 1))
def test_all_addresses_of_a_subscriber_are_counted_together(address, host):
    neighbour = type(address)(int(address) >> 64 << 64 | host)
    if neighbour.ipv4_mapped is None:
        assert group(str(neighbour)) == group(str(address))


@given(st.lists(st.binary(max_size=20), max_size=4), st.lists(st.binary(max_size=8), max_size=2))
def test_nothing_that_a_stranger_forwards_breaks_or_hides_them(forwarded, proto):
    assert Sources().judge(STRANGER, "http", headers(forwarded, proto)) == Source(STRANGER, secure=False)
    assert BEHIND.judge(PROXY, "http", headers(forwarded, proto)).address
