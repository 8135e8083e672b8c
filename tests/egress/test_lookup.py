"""The system's resolver on threads of our own."""

from __future__ import annotations

import asyncio
import socket
import threading

import pytest

from tokenhouse.egress.failures import EgressError, Failure
from tokenhouse.egress.lookup import Resolver


@pytest.fixture
def resolver():
    made = Resolver()
    yield made
    made.close()


async def test_addresses_are_their_own_answer(resolver: Resolver) -> None:
    assert await resolver.lookup("127.0.0.1", 80) == ("127.0.0.1",)
    assert await resolver.lookup("[::ffff:127.0.0.1]", 80) == ("::ffff:127.0.0.1",)
    assert "127.0.0.1" in await resolver.lookup("localhost", 80)


@pytest.mark.parametrize("host", ["name.invalid", "a" * 64 + ".example", "a..b"])
async def test_a_name_without_addresses(resolver: Resolver, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_a: object, **_k: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    if host.endswith(".invalid"):
        monkeypatch.setattr(socket, "getaddrinfo", fails)  # no question leaves the machine in tests
    assert await resolver.lookup(host, 80) == ()


async def test_a_resolver_that_hangs_holds_up_few(resolver: Resolver, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()

    def hangs(*_a: object, **_k: object) -> list[object]:
        gate.wait(20)
        return [(0, 0, 0, "", ("192.0.2.1", 80)), (0, 0, 0, "", ("192.0.2.1", 80)), (0, 0, 0, "", ("192.0.2.2", 80))]

    monkeypatch.setattr(socket, "getaddrinfo", hangs)
    asking = [asyncio.create_task(resolver.lookup("a.example", 80)) for _ in range(4)]
    await asyncio.sleep(0)
    asking[0].cancel()
    await asyncio.sleep(0)
    with pytest.raises(EgressError) as raised:
        await resolver.lookup("b.example", 80)
    assert raised.value.failure is Failure.BUSY
    gate.set()
    _, *answered = await asyncio.gather(*asking, return_exceptions=True)
    assert answered == [("192.0.2.1", "192.0.2.2")] * 3
    assert await resolver.lookup("c.example", 80) == ("192.0.2.1", "192.0.2.2")
