from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
import stat
import tempfile
from pathlib import Path

import pytest

from tokenhouse.http import listeners
from tokenhouse.http.certificates import thumbprint
from tokenhouse.http.listeners import AddressTaken, Listener, Listeners
from tokenhouse.http.tls import prepare

REQUEST = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n"


class App:
    """An application that may be held while it answers."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()
        self.opened.set()

    async def __call__(self, scope, receive, send):
        self.reached.set()
        await self.opened.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
def socket_path():
    """A Unix socket's path is short, whatever the folder of the tests is."""
    with tempfile.TemporaryDirectory(prefix="th") as folder:
        yield Path(folder) / "s"


@contextlib.asynccontextmanager
async def running(*listeners, drain_seconds=5, handshake_seconds=10.0):
    listening = Listeners([Listener(*one) for one in listeners], drain_seconds, handshake_seconds)
    ports = [bound.getsockname()[1] for bound in listening._sockets if bound.family != socket.AF_UNIX]
    serving = asyncio.create_task(listening.run())
    for _ in range(10_000):
        if all(server.started for server in listening._servers):
            break
        await asyncio.sleep(0.001)
    try:
        yield listening, ports
    finally:
        listening.stop()
        await serving


async def ask(reader, writer):
    writer.write(REQUEST)
    head = await reader.readuntil(b"\r\n\r\n")
    return head.split(b"\r\n")[0], await reader.readexactly(2), head


async def over_tcp(port, host="127.0.0.1"):
    reader, writer = await asyncio.open_connection(host, port)
    answer = await ask(reader, writer)
    writer.close()
    await writer.wait_closed()
    return answer


async def test_several_listeners_serve_in_one_loop(socket_path):
    async with running((App(), "127.0.0.1:0"), (App(), "127.0.0.1:0"), (App(), socket_path)) as (_, ports):
        for port in ports:
            status, body, _ = await over_tcp(port)
            assert (status, body) == (b"HTTP/1.1 200 OK", b"ok")
        reader, writer = await asyncio.open_unix_connection(socket_path)
        assert (await ask(reader, writer))[1] == b"ok"
        writer.close()
        await writer.wait_closed()


async def test_an_answer_does_not_name_the_server():
    async with running((App(), "127.0.0.1:0")) as (_, (port,)):
        _, _, head = await over_tcp(port)
    assert b"server:" not in head.lower()
    assert b"date:" in head.lower()


async def test_a_websocket_is_answered_as_any_other_request():
    async with running((App(), "127.0.0.1:0")) as (_, (port,)):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(REQUEST[:-2] + b"connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\r\n")
        assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
        writer.close()
        await writer.wait_closed()


def can_bind_ipv6():
    with socket.socket(socket.AF_INET6) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            return False
    return True


@pytest.mark.skipif(not can_bind_ipv6(), reason="this machine has no IPv6 loopback")
async def test_an_ipv6_address_is_written_in_brackets():
    async with running((App(), "[::1]:0")) as (_, (port,)):
        assert (await over_tcp(port, "::1"))[1] == b"ok"


async def test_a_unix_socket_belongs_to_its_owner_alone_and_goes_when_the_server_goes(socket_path):
    async with running((App(), socket_path)):
        assert stat.S_IMODE(socket_path.stat().st_mode) == 0o600
    assert not socket_path.exists()


async def test_a_socket_that_a_killed_server_left_behind_is_replaced(socket_path):
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(socket_path))
    async with running((App(), socket_path)):
        reader, writer = await asyncio.open_unix_connection(socket_path)
        assert (await ask(reader, writer))[1] == b"ok"
        writer.close()
        await writer.wait_closed()


async def test_a_port_that_somebody_has_is_named_and_nothing_stays_open(socket_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(AddressTaken, match=taken):
            Listeners([Listener(App(), "127.0.0.1:0"), Listener(App(), taken)], 1)


async def test_a_socket_that_cannot_be_made_is_named(socket_path):
    with pytest.raises(AddressTaken, match="nowhere"):
        Listeners([Listener(App(), socket_path.parent / "nowhere" / "s")], 1)


async def test_a_request_in_flight_is_answered_before_the_server_goes():
    app = App()
    app.opened.clear()
    async with running((app, "127.0.0.1:0")) as (listening, (port,)):
        answer = asyncio.create_task(over_tcp(port))
        await app.reached.wait()
        listening.stop()
        await asyncio.sleep(0.15)
        with pytest.raises(OSError):
            await asyncio.open_connection("127.0.0.1", port)
        assert not answer.done()
        app.opened.set()
        status, body, _ = await answer
    assert (status, body) == (b"HTTP/1.1 200 OK", b"ok")


class Teller:
    """An application that says over what it was called."""

    async def __call__(self, scope, receive, send):
        shown = scope["state"].get("certificate")
        told = f"{scope['scheme']} {thumbprint(shown) if shown else '-'}".encode()
        headers = [(b"content-length", str(len(told)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": told})


@pytest.fixture
def client(authorities):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for authority in authorities.values():
        authority.configure_trust(context)
    return context


async def told(port, context=None):
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    writer.write(REQUEST[:-2] + b"connection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return answer.partition(b"\r\n\r\n")[2].decode()


async def test_plain_and_tls_listeners_serve_side_by_side(new_pair, client):
    context = prepare(new_pair()).context
    async with running((Teller(), "127.0.0.1:0"), (Teller(), "127.0.0.1:0", context)) as (_, (plain, secure)):
        assert await told(plain) == "http -"
        assert await told(secure, client) == "https -"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_the_clients_certificate_reaches_every_request(new_pair, authorities, client, tmp_path, version):
    authorities["ECDSA"].cert_pem.write_to_path(tmp_path / "ca.pem")
    tls = new_pair(client_certificates="optional", client_authorities=tmp_path / "ca.pem")
    leaf = authorities["ECDSA"].issue_cert("device-1")
    client.minimum_version = client.maximum_version = version
    expected = thumbprint(ssl.PEM_cert_to_DER_cert(leaf.cert_chain_pems[0].bytes().decode()))
    async with running((Teller(), "127.0.0.1:0", prepare(tls).context)) as (_, (port,)):
        assert await told(port, client) == "https -"
        leaf.configure_cert(client)
        assert await told(port, client) == f"https {expected}"

        def resume():
            """Two connections, the second with the session of the first."""
            session = None
            for _ in range(2):
                with (
                    socket.create_connection(("127.0.0.1", port)) as raw,
                    client.wrap_socket(raw, server_hostname="localhost", session=session) as spoken,
                ):
                    spoken.sendall(REQUEST[:-2] + b"connection: close\r\n\r\n")
                    answer = b"".join(iter(lambda: spoken.recv(4096), b""))
                    session, is_reused = spoken.session, spoken.session_reused
            return is_reused, answer.partition(b"\r\n\r\n")[2].decode()

        assert await asyncio.to_thread(resume) == (True, f"https {expected}")


async def test_plain_http_at_a_tls_port_ends_the_connection_and_nobody_is_alarmed(new_pair, caplog):
    async with running((App(), "127.0.0.1:0", prepare(new_pair()).context)) as (_, (port,)):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(REQUEST)
        got = b""
        with contextlib.suppress(ConnectionError):
            got = await asyncio.wait_for(reader.read(), 5)
        assert not got.startswith(b"HTTP")
        writer.close()
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_who_never_finishes_a_handshake_keeps_nobody_waiting_and_is_put_out(new_pair, client, caplog):
    context = prepare(new_pair()).context
    async with running((Teller(), "127.0.0.1:0", context), handshake_seconds=0.3) as (_, (port,)):
        began = asyncio.get_running_loop().time()
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(50)]
        for _, writer in silent[::2]:
            writer.write(b"\x16\x03\x01\x02\x00\x01")  # the beginning of a hello
        assert await told(port, client) == "https -"
        assert asyncio.get_running_loop().time() - began < 0.3
        async with asyncio.timeout(5):
            for reader, writer in silent:
                with contextlib.suppress(ConnectionError):
                    assert await reader.read() == b""
                writer.close()
        assert await told(port, client) == "https -"
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_a_client_that_keeps_an_idle_connection_does_not_hold_up_a_stop(new_pair, client, monkeypatch):
    """It does not read, so it does not say goodbye: its side of TLS is never closed."""
    monkeypatch.setattr(listeners, "_GOODBYE_SECONDS", 0.2)
    async with running((App(), "127.0.0.1:0", prepare(new_pair()).context)) as (listening, (port,)):

        def keep():
            raw = socket.create_connection(("127.0.0.1", port))
            spoken = client.wrap_socket(raw, server_hostname="localhost")
            spoken.sendall(REQUEST)
            assert spoken.recv(4096).startswith(b"HTTP/1.1 200")
            return spoken

        kept = await asyncio.to_thread(keep)
        began = asyncio.get_running_loop().time()
        listening.stop()
        while listening._servers[0].server_state.connections:
            await asyncio.sleep(0.01)
        assert asyncio.get_running_loop().time() - began < 2
        kept.close()


async def test_a_context_that_comes_while_the_server_stops_is_not_used(new_pair):
    context = prepare(new_pair()).context
    async with running((App(), "127.0.0.1:0", context)) as (listening, _):
        (server,) = listening._servers
        listen = server._listen

        async def stop_meanwhile(one):
            accepting = await listen(one)
            listening.stop()
            return accepting

        server._listen = stop_meanwhile
        await listening.renew(0, context)
        assert not server.servers[0].is_serving()
