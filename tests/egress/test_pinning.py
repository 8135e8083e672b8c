"""What was checked is what is connected to, whatever the name says a moment later."""

from __future__ import annotations

import httpcore2
import pytest

from tokenhouse.config.urls import split_url
from tokenhouse.egress.failures import EgressError, Failure
from tokenhouse.egress.pinning import PinnedBackend, require_addresses
from tokenhouse.egress.targets import Rules, Target

TARGET = Target(split_url("https://api.example.com/"))


def says(*answers: tuple[str, ...]):
    left = list(answers)

    async def lookup(host: str, port: int) -> tuple[str, ...]:
        asked.append((host, port))
        return left.pop(0)

    asked: list[tuple[str, int]] = []
    lookup.asked = asked
    return lookup


async def test_public_addresses_are_taken_in_order() -> None:
    lookup = says(("1.1.1.1", "2606:4700::1111"))
    assert await require_addresses(TARGET, lookup) == ("1.1.1.1", "2606:4700::1111")
    assert lookup.asked == [("api.example.com", 443)]


@pytest.mark.parametrize(
    ("found", "failure"),
    [
        ((), Failure.UNRESOLVED),
        (("127.0.0.1",), Failure.SPECIAL_ADDRESS),
        (("1.1.1.1", "10.0.0.1"), Failure.SPECIAL_ADDRESS),
        (("::ffff:1.1.1.1",), Failure.SPECIAL_ADDRESS),
        (("nonsense",), Failure.SPECIAL_ADDRESS),
    ],
)
async def test_one_bad_address_spoils_the_name(found: tuple[str, ...], failure: Failure) -> None:
    with pytest.raises(EgressError) as raised:
        await require_addresses(TARGET, says(found))
    assert raised.value.failure is failure


async def test_an_allowed_place_must_be_on_this_machine() -> None:
    target = Target(split_url("http://localhost:9000/"), on_this_machine=True)
    assert await require_addresses(target, says(("127.0.0.1", "::1"))) == ("127.0.0.1", "::1")
    with pytest.raises(EgressError, match="special_address"):
        await require_addresses(target, says(("1.1.1.1",)))


async def test_the_address_is_connected_to_and_not_the_name(serve, answer) -> None:
    async with serve(answer()) as server:
        backend = PinnedBackend(("127.0.0.1",))
        stream = await backend.connect_tcp("no.such.name.invalid", server.port)
        assert stream.get_extra_info("server_addr") == ("127.0.0.1", server.port)
        await backend.aclose()
        with pytest.raises(httpcore2.ReadError):
            await stream.read(1)


async def test_the_next_address_is_tried_but_not_all_of_them(serve, answer) -> None:
    async with serve(answer(), host="127.0.0.2") as server:
        backend = PinnedBackend(("127.0.0.3", "127.0.0.4", "127.0.0.2"))
        stream = await backend.connect_tcp("a", server.port)
        assert stream.get_extra_info("server_addr")[0] == "127.0.0.2"
        await backend.aclose()
        backend = PinnedBackend(("127.0.0.3", "127.0.0.4", "127.0.0.5", "127.0.0.2"))
        with pytest.raises(EgressError) as raised:
            await backend.connect_tcp("a", server.port)
        await backend.aclose()
    assert raised.value.failure is Failure.UNREACHABLE


async def test_a_name_that_moves_between_check_and_call_is_not_followed(serve, answer, make_egress) -> None:
    """DNS rebinding: the second answer would lead to this machine; nobody asks a second time."""
    async with serve(answer()) as canary:
        lookup = says(("192.0.2.1",), ("127.0.0.1",))
        egress = make_egress(rules=Rules(ports=(canary.port,)), lookup=lookup)
        with pytest.raises(EgressError, match="special_address"):
            await egress.ask(f"https://api.example.com:{canary.port}/")
        with pytest.raises(EgressError, match="special_address"):
            await egress.ask(f"https://api.example.com:{canary.port}/")
    assert len(lookup.asked) == 2
    assert canary.met == 0


async def test_each_call_asks_once(serve, answer, make_egress) -> None:
    async with serve(answer()) as server:
        rebinding = says(("127.0.0.1",), ("10.0.0.1",))
        egress = make_egress(rules=Rules(allow=(f"localhost:{server.port}",)), lookup=rebinding)
        assert (await egress.ask(f"http://localhost:{server.port}/")).status == 200
        assert len(rebinding.asked) == 1
        with pytest.raises(EgressError, match="special_address"):
            await egress.ask(f"http://localhost:{server.port}/")
    assert server.met == 1
