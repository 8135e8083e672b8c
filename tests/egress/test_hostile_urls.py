"""Two hundred ways to name this machine, or to name somebody else and mean it; a listener here hears of none of them."""

from __future__ import annotations

import asyncio

import pytest

from tokenhouse.egress.client import Egress
from tokenhouse.egress.failures import EgressError, Failure
from tokenhouse.egress.targets import Rules

GOOD = "api.example.com"
"""A name that the tests' resolver leads to the listener's own address; only addresses that are public pass."""

# Spelled addresses: {p} is the listener's port.
SPELLED = """
https://127.0.0.1:{p}/ https://127.1:{p}/ https://127.0.1:{p}/ https://127.0.0.1.:{p}/ https://0.0.0.0:{p}/ https://0:{p}/
https://2130706433:{p}/ https://0x7f000001:{p}/ https://0x7F000001:{p}/ https://017700000001:{p}/ https://0177.0.0.1:{p}/
https://0177.0.0.01:{p}/ https://0x7f.0x0.0x0.0x1:{p}/ https://0x7f.1:{p}/ https://0x7f.0.1:{p}/ https://127.0x1:{p}/
https://00000177.1:{p}/ https://127.000.000.001:{p}/ https://127.0.0.01:{p}/ https://0x0.0x0.0x0.0x0:{p}/
https://4294967295:{p}/ https://0xffffffff:{p}/ https://6425673729:{p}/ https://1:{p}/ https://127.255.255.254:{p}/
https://127.127.127.127:{p}/ https://localhost:{p}/ https://LOCALHOST:{p}/ https://localhost.:{p}/
https://localhost.localdomain:{p}/ https://ip6-localhost:{p}/ https://ip6-loopback:{p}/ https://foo.localhost:{p}/
https://[::1]:{p}/ https://[0:0:0:0:0:0:0:1]:{p}/ https://[0000::1]:{p}/ https://[::]:{p}/ https://[::ffff:127.0.0.1]:{p}/
https://[::ffff:7f00:1]:{p}/ https://[0:0:0:0:0:ffff:127.0.0.1]:{p}/ https://[::127.0.0.1]:{p}/ https://[::ffff:0:127.0.0.1]:{p}/
https://[64:ff9b::127.0.0.1]:{p}/ https://[64:ff9b::7f00:1]:{p}/ https://[2002:7f00:1::]:{p}/ https://[2001:0:7f00:1::]:{p}/
https://[fe80::1]:{p}/ https://[fe80::1%25lo]:{p}/ https://[fe80::1%lo]:{p}/ https://[::1%25lo]:{p}/ https://[fc00::1]:{p}/
https://[fd00:ec2::254]:{p}/ https://[ff02::1]:{p}/ https://[::1]:{p}@api.example.com/ https://[::1:{p}/ https://::1:{p}/
https://[127.0.0.1]:{p}/ https://[v1.127.0.0.1]:{p}/ https://[::ffff:127.1]:{p}/ https://[::FFFF:127.0.0.1]:{p}/
https://10.0.0.1:{p}/ https://172.16.0.1:{p}/ https://192.168.0.1:{p}/ https://169.254.169.254:{p}/ https://100.64.0.1:{p}/
https://169.254.169.254/latest/meta-data/ https://2852039166/latest/ https://0xa9fea9fe/ https://0xA9.0xFE.0xA9.0xFE/
https://0251.0376.0251.0376/ https://169.254.43518/ https://[::ffff:169.254.169.254]/ https://[::ffff:a9fe:a9fe]/
https://198.18.0.1:{p}/ https://224.0.0.1:{p}/ https://240.0.0.1:{p}/ https://255.255.255.255:{p}/ https://192.0.0.192/
https://100.100.100.200/ https://metadata/ https://168.63.129.16/ https://１２７.０.０.１:{p}/ https://①②⑦.⓪.⓪.①:{p}/
https://127。0。0。1:{p}/ https://ｌｏｃａｌｈｏｓｔ:{p}/ https://ⓛocalhost:{p}/ https://loc%61lhost:{p}/ https://%31%32%37.0.0.1:{p}/
https://%6c%6f%63%61%6c%68%6f%73%74:{p}/
"""

# One host for one reader, another for the next.
CONFUSED = r"""
https://api.example.com@127.0.0.1:{p}/ https://api.example.com:443@127.0.0.1:{p}/ https://a:b@127.0.0.1:{p}/ https://@127.0.0.1:{p}/
https://127.0.0.1:{p}@api.example.com/ https://127.0.0.1:{p}#@api.example.com/ https://api.example.com#@127.0.0.1:{p}/
https://127.0.0.1:{p}\@api.example.com/ https://api.example.com\@127.0.0.1:{p}/ https://127.0.0.1:{p}\.api.example.com/
https://127.0.0.1:{p}%2f@api.example.com/ https://api.example.com%2f@127.0.0.1:{p}/ https://127.0.0.1%00.api.example.com:{p}/
https://127.0.0.1%23.api.example.com:{p}/ https://127.0.0.1%3f.api.example.com:{p}/ https://127.0.0.1%5c.api.example.com:{p}/
https://127.0.0.1:{p}?@api.example.com/ https://127.0.0.1:{p}?.api.example.com/ https://127.0.0.1:{p};@api.example.com/
https:127.0.0.1:{p}/ https:/127.0.0.1:{p}/ https:///127.0.0.1:{p}/ https:////127.0.0.1:{p}/ https:\\127.0.0.1:{p}/
https:/\127.0.0.1:{p}/ //127.0.0.1:{p}/ \\127.0.0.1:{p}\ /\127.0.0.1:{p}/ 127.0.0.1:{p} 127.0.0.1:{p}/ localhost:{p}
https://api.example.com:{p}:{p}/ https://api.example.com:{p}@/ https://:{p}/ https://@:{p}/ https://?:{p}/ https://#:{p}/
https://api.example.com:0{p}/ https://api.example.com:+{p}/ https://api.example.com:-1/ https://api.example.com:0/
https://api.example.com:65536/ https://api.example.com:99999/ https://api.example.com:{p}.0/ https://api.example.com:0x1bb/
https://api.example.com:{p}e0/ https://api.example.com:４４３/ https://api.example.com:/ https://.api.example.com:{p}/
https://api..example.com:{p}/ https://-api.example.com:{p}/ https://api-.example.com:{p}/ https://api_example.com:{p}/
https://api.example.com.:{p}/ https://*.example.com:{p}/ https://api.example.com,127.0.0.1:{p}/ https://api.example.com;127.0.0.1:{p}/
https://[api.example.com]:{p}/ https://[::1].api.example.com:{p}/ https://api.example.com[::1]:{p}/ https://{{a}}.example.com:{p}/
https://$a.example.com:{p}/ https://`id`.example.com:{p}/ https://a'b.example.com:{p}/ https://a"b.example.com:{p}/
https://a<b.example.com:{p}/ https://a|b.example.com:{p}/ https://a^b.example.com:{p}/ https://аpi.example.com:{p}/
https://api.example。com:{p}/ https://api.example.com:{p}/\..\ https://api.example.com:{p}/<a> https://api.example.com:{p}/{{a}}
https://api.example.com:{p}/|a https://api.example.com:{p}/^a https://api.example.com:{p}/`a` https://api.example.com:{p}/"a
https://api.example.com:{p}/#a https://api.example.com:{p}/?#a https://api.example.com:{p}/é https://api.example.com:{p}?a=b
"""

SCHEMES = """
http ftp ftps file gopher dict ldap ldaps tftp sftp ssh telnet jar netdoc data javascript ws wss unix HTTPS Https hTTps
https+unix http2 h2 view-source php phar
"""

CONTROLS = ("\r\n", "\n", "\r", "\t", " ", "\0", "\x0b", "\x7f", "\u2028", "\u00a0", "\ufeff", "\u200b", "\ud800")

# Names that resolve, to where nobody should go.
RESOLVED = """
0.0.0.0 10.0.0.1 100.64.0.1 127.0.0.1 127.0.0.53 168.63.129.16 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.192
192.168.1.1 198.18.0.1 224.0.0.251 240.0.0.1 255.255.255.255 :: ::1 ::ffff:127.0.0.1 ::127.0.0.1 64:ff9b::7f00:1
2001::7f00:1 2002:7f00:1:: 2001:db8::1 fc00::1 fd00:ec2::254 fe80::1 ff02::1
"""


def hostile(port: int) -> list[str]:
    urls = [one.format(p=port) for one in (SPELLED + CONFUSED).split()]
    urls += [f"{scheme}://{GOOD}:{port}/" for scheme in SCHEMES.split()]
    urls += [f"https://{GOOD}{control}:{port}/" for control in CONTROLS]
    urls += [f"https://{GOOD}:{port}/{control}X: y" for control in CONTROLS]
    urls += [f"{control}https://{GOOD}:{port}/" for control in CONTROLS]
    too_long = ("https://" + "a" * 64 + ".example/", f"https://{'a.' * 150}example/", f"https://{GOOD}/{'a' * 20_000}")
    return [*urls, "", "https", "https:", "https://", *too_long]


async def test_a_listener_on_this_machine_hears_nothing(serve, answer) -> None:
    async with serve(answer()) as canary, serve(answer(), host="::1", port=canary.port) as other:
        urls = hostile(canary.port)
        names = {
            f"https://host{index}.example:{canary.port}/": address for index, address in enumerate(RESOLVED.split())
        }

        async def lookup(host: str, port: int) -> tuple[str, ...]:
            """Lead the table's names to its addresses, and every other name to this machine."""
            return (names.get(f"https://{host}:{port}/", "127.0.0.1"),)

        egress = Egress(Rules(ports=(443, canary.port)), lookup=lookup)
        passed = [url for url in (*urls, *names) if not await is_refused(egress, url)]
        egress.close()
    assert len({*urls, *names}) >= 200
    assert passed == []
    assert (canary.met, other.met) == (0, 0)


async def test_the_listener_would_have_heard(serve, answer) -> None:
    """The same listener, named in the one way that the operator can allow."""
    async with serve(answer()) as canary:
        egress = Egress(Rules(allow=(canary.place,)))
        assert (await egress.ask(canary.url())).status == 200
        egress.close()
    assert canary.met == 1


async def is_refused(egress: Egress, url: str) -> bool:
    try:
        async with asyncio.timeout(2):
            await egress.ask(url)
    except EgressError as error:
        return error.failure in {Failure.BAD_URL, Failure.NOT_ALLOWED, Failure.SPECIAL_ADDRESS, Failure.UNRESOLVED}
    return False


@pytest.mark.parametrize("port", [22, 25, 80, 3306, 6379, 8443])
async def test_other_ports_are_not_even_looked_up(port: int) -> None:
    async def lookup(_host: str, _port: int) -> tuple[str, ...]:
        pytest.fail("a refused URL was looked up")

    egress = Egress(Rules(), lookup=lookup)
    with pytest.raises(EgressError, match="not_allowed"):
        await egress.ask(f"https://{GOOD}:{port}/")
    egress.close()
