"""What the server listens on, as the configuration names it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import structlog

from tokenhouse.config.settings import Admin, Listener, Server, Tls
from tokenhouse.http.certificates import UnusableCertificate
from tokenhouse.server.composing import House
from tokenhouse.server.listening import open_listeners


@pytest.fixture
def opened(make_house: Any, config: Any, tmp_path: Path) -> Callable[..., Any]:
    """Open the listeners of a house with TLS at the main one and at further ones."""

    async def opened(tls: Tls, *further: Listener) -> Any:
        settings = msgspec.structs.replace(
            config,
            issuer="https://id.example.com",
            development=False,
            server=Server(bind="127.0.0.1:0", tls=tls),
            listener=further,
            admin=Admin(bind="127.0.0.1:0", socket=tmp_path / "s"),
        )
        house: House = await make_house(settings)
        return open_listeners(house, None, structlog.get_logger())

    return opened


async def close(listeners: Any) -> None:
    """Start and stop at once: what is bound is given back."""
    serving = asyncio.create_task(listeners.run())
    while not all(server.started for server in listeners._servers):
        await asyncio.sleep(0.001)
    listeners.stop()
    await serving


async def test_every_listener_is_bound_and_those_with_tls_are_watched(
    opened: Callable[..., Any], new_pair: Callable[..., Tls]
) -> None:
    plain, devices = (Listener(name=name, bind="127.0.0.1:0") for name in ("plain", "devices"))
    devices = msgspec.structs.replace(devices, tls=new_pair("RSA", "devices"))
    listeners, renewal = await opened(new_pair(), plain, devices)
    families = [bound.family for bound in listeners._sockets]
    assert families == [socket.AF_INET] * 4 + [socket.AF_UNIX]
    assert [watched.name for watched in renewal._watched] == ["server", "devices"]
    assert renewal.is_needed
    secured = [server._context is not None for server in listeners._servers]
    assert secured == [True, False, True, False, False]
    await close(listeners)


async def test_a_new_context_goes_to_the_listener_it_is_for(
    opened: Callable[..., Any], new_pair: Callable[..., Tls]
) -> None:
    further = Listener(name="devices", bind="127.0.0.1:0", tls=new_pair("RSA", "devices"))
    listeners, renewal = await opened(Tls(), further)
    (watched,) = renewal._watched
    serving = asyncio.create_task(listeners.run())
    while not all(server.started for server in listeners._servers):
        await asyncio.sleep(0.001)
    before = [server.servers[0] for server in listeners._servers]
    await watched.use(watched.prepared.context)
    changed = [server.servers[0] is not old for server, old in zip(listeners._servers, before, strict=True)]
    assert changed == [False, True, False, False]
    listeners.stop()
    await serving


async def test_without_tls_nothing_is_watched(opened: Callable[..., Any]) -> None:
    listeners, renewal = await opened(Tls())
    assert not renewal.is_needed
    await close(listeners)


async def test_a_listener_that_cannot_speak_tls_is_named(
    opened: Callable[..., Any], new_pair: Callable[..., Tls]
) -> None:
    tls = new_pair("RSA", "devices")
    tls.key.unlink()  # type: ignore[union-attr]
    with pytest.raises(UnusableCertificate, match=r"the listener devices cannot speak TLS: \S+devices.key: No such"):
        await opened(new_pair(), Listener(name="devices", bind="127.0.0.1:0", tls=tls))
