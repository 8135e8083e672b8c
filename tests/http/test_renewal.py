"""Certificates that change under a server that runs: on the loop of production, over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import shutil
import socket
import ssl
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
import structlog
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from tokenhouse.http.certificates import thumbprint
from tokenhouse.http.listeners import Listener, Listeners
from tokenhouse.http.renewal import DOUBTFUL, LOADED, REJECTED, UNCHANGED, Renewal, Watched
from tokenhouse.http.tls import prepare

REQUEST = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n"
LOOK_SECONDS = 0.02


class App:
    """An application that answers at once, or when it may."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()

    async def __call__(self, scope, receive, send):
        if scope["path"] == "/slow":
            self.reached.set()
            await self.opened.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


class Running:
    """A listener with TLS whose files are watched."""

    def __init__(self, tls, app, log, clock, look_seconds) -> None:
        prepared = prepare(tls)
        self.listeners = Listeners([Listener(app, "127.0.0.1:0", prepared.context)], 5)
        self.port = self.listeners._sockets[0].getsockname()[1]
        self.watched = Watched("server", tls, prepared, partial(self.listeners.renew, 0))
        self.renewal = Renewal([self.watched], log, clock, look_seconds)

    async def until(self, condition, seconds=10):
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.005)


@pytest.fixture
def log():
    with structlog.testing.capture_logs() as lines:
        yield lines


@pytest.fixture
def run(clock):
    @contextlib.asynccontextmanager
    async def run(tls, look_seconds=LOOK_SECONDS):
        app = App()
        one = Running(tls, app, structlog.get_logger(), clock, look_seconds)
        serving = asyncio.create_task(one.listeners.run())
        watching = asyncio.create_task(one.renewal.watch())
        await one.until(lambda: one.listeners._servers[0].started)
        one.app = app
        try:
            yield one
        finally:
            watching.cancel()
            one.listeners.stop()
            await serving

    return run


def trusting(authorities):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for authority in authorities.values():
        authority.configure_trust(context)
    return context


@pytest.fixture
def client(authorities):
    return trusting(authorities)


async def connect(port, client):
    return await asyncio.open_connection("127.0.0.1", port, ssl=client)


async def ask(reader, writer, path=b"/"):
    writer.write(REQUEST.replace(b"/ ", path + b" ", 1))
    head = await reader.readuntil(b"\r\n\r\n")
    return head.startswith(b"HTTP/1.1 200") and await reader.readexactly(2) == b"ok"


async def close(writer):
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


async def shown(port, client):
    """Return the certificate that a new connection is shown."""
    reader, writer = await connect(port, client)
    der = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    assert await ask(reader, writer)
    await close(writer)
    return x509.load_der_x509_certificate(der)


def events(log, name):
    return [line for line in log if line["event"] == name]


@pytest.mark.parametrize("first", ["RSA", "ECDSA"])
async def test_another_kind_of_key_leaves_nothing_of_the_one_before(run, new_pair, client, log, first):
    kinds = {"RSA": RSAPublicKey, "ECDSA": EllipticCurvePublicKey}
    second = next(kind for kind in kinds if kind != first)
    only_first = trusting({})
    only_first.check_hostname, only_first.verify_mode = False, ssl.CERT_NONE
    only_first.maximum_version = ssl.TLSVersion.TLSv1_2
    only_first.set_ciphers(f"ECDHE-{first}-AES128-GCM-SHA256")
    async with run(new_pair(first)) as one:
        assert isinstance((await shown(one.port, client)).public_key(), kinds[first])
        await shown(one.port, only_first)
        new_pair(second)
        await one.until(lambda: len(events(log, LOADED)) == 2)
        assert isinstance((await shown(one.port, client)).public_key(), kinds[second])
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await connect(one.port, only_first)


async def test_a_session_of_before_is_not_resumed(run, new_pair, authorities, log):
    """Else the chain of before would live as long as a ticket, and so would a client whose authority is gone."""
    client = trusting(authorities)
    client.maximum_version = ssl.TLSVersion.TLSv1_2

    def resumed(port, session=None):
        with (
            socket.create_connection(("127.0.0.1", port)) as raw,
            client.wrap_socket(raw, server_hostname="localhost", session=session) as spoken,
        ):
            return spoken.session_reused, spoken.session

    async with run(new_pair()) as one:
        _, session = await asyncio.to_thread(resumed, one.port)
        assert (await asyncio.to_thread(resumed, one.port, session))[0]
        new_pair()
        await one.until(lambda: len(events(log, LOADED)) == 2)
        assert not (await asyncio.to_thread(resumed, one.port, session))[0]


async def test_twenty_renewals_disturb_nobody(run, new_pair, client, log):
    async with run(new_pair()) as one:
        done = asyncio.Event()
        counts = {"kept": 0, "new": 0}

        async def keep_alive():
            reader, writer = await connect(one.port, client)
            while not done.is_set():
                assert await ask(reader, writer)
                counts["kept"] += 1
                await asyncio.sleep(0.001)
            await close(writer)

        async def come_and_go():
            while not done.is_set():
                reader, writer = await connect(one.port, client)
                assert await ask(reader, writer)
                counts["new"] += 1
                await close(writer)

        reader, writer = await connect(one.port, client)
        slow = asyncio.create_task(ask(reader, writer, b"/slow"))
        await one.app.reached.wait()
        load = [asyncio.create_task(work()) for work in (keep_alive, keep_alive, come_and_go, come_and_go, come_and_go)]
        for number, kind in zip(range(2, 22), itertools.cycle(("RSA", "ECDSA")), strict=False):
            new_pair(kind)
            one.renewal.at_once()
            await one.until(lambda number=number: len(events(log, LOADED)) == number)
            await asyncio.sleep(0.02)
        done.set()
        await asyncio.gather(*load)
        one.app.opened.set()
        assert await slow
        await close(writer)
    assert counts["new"] > 20
    assert counts["kept"] > 20
    assert not events(log, REJECTED)


async def test_who_shakes_hands_meanwhile_is_served_with_what_it_began_with(run, new_pair, authorities, log):
    async with run(new_pair(maximum="1.2")) as one:
        before = one.watched.prepared.certificate.thumbprint
        outgoing, incoming = ssl.MemoryBIO(), ssl.MemoryBIO()
        half = trusting(authorities).wrap_bio(incoming, outgoing, server_hostname="localhost")
        reader, writer = await asyncio.open_connection("127.0.0.1", one.port)
        with pytest.raises(ssl.SSLWantReadError):
            half.do_handshake()
        writer.write(outgoing.read())
        incoming.write(await reader.read(65536))
        new_pair(maximum="1.2")
        await one.until(lambda: len(events(log, LOADED)) == 2)
        while True:
            try:
                half.do_handshake()
                break
            except ssl.SSLWantReadError:
                writer.write(outgoing.read())
                incoming.write(await reader.read(65536))
        assert thumbprint(half.getpeercert(binary_form=True)) == before
        await close(writer)


def break_key(tls, new_pair):
    tls.key.write_text("nothing")


def keep_the_old_key(tls, new_pair):
    other = new_pair(name="other")
    shutil.copy(other.certificate, tls.certificate)


def cut_the_chain(tls, new_pair):
    text = tls.certificate.read_text()
    tls.certificate.write_text(text + text[: len(text) // 2])


def expire(tls, new_pair):
    new_pair(times={"not_after": datetime(2026, 11, 20, tzinfo=UTC)})


def take_away(tls, new_pair):
    tls.certificate.unlink()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (break_key, "not a private key in PEM"),
        (keep_the_old_key, "does not match the first certificate"),
        (cut_the_chain, "a PEM block is not closed"),
        (expire, "it expired at 2026-11-20 00:00 UTC"),
        (take_away, "No such file or directory"),
    ],
)
async def test_what_cannot_be_used_is_spoken_of_once_and_the_one_before_stays(run, new_pair, client, log, change, why):
    tls = new_pair()
    async with run(tls) as one:
        before = (await shown(one.port, client)).public_key()
        change(tls, new_pair)
        await one.until(lambda: events(log, REJECTED))
        await asyncio.sleep(10 * LOOK_SECONDS)
        (line,) = events(log, REJECTED)
        assert why in line["why"]
        assert line["log_level"] == "error"
        assert (await shown(one.port, client)).public_key() == before
        one.renewal.at_once()
        await one.until(lambda: len(events(log, REJECTED)) == 2)
        new_pair()
        await one.until(lambda: len(events(log, LOADED)) == 2)
        assert (await shown(one.port, client)).public_key() != before


async def test_a_certificate_of_tomorrow_is_taken_tomorrow(run, new_pair, log, clock):
    async with run(new_pair()) as one:
        new_pair(times={"not_before": clock.now + timedelta(hours=24)})
        await one.until(lambda: events(log, REJECTED))
        assert "is not valid before 2026-11-21" in events(log, REJECTED)[0]["why"]
        clock.pass_(hours=25)
        await one.until(lambda: len(events(log, LOADED)) == 2)


async def test_what_is_still_being_written_is_not_judged(new_pair, log, clock):
    """One look sees the new certificate with the old key, the next one the whole pair."""
    tls = new_pair()
    taken = []

    async def take(context):
        taken.append(context)

    one = Watched("server", tls, prepare(tls), take)
    renewal = Renewal([one], structlog.get_logger(), clock)
    other = new_pair(name="other")
    shutil.copy(other.certificate, tls.certificate)
    await renewal._look(one, is_told=False)
    shutil.copy(other.key, tls.key)
    await renewal._look(one, is_told=False)
    assert (log, taken) == ([], [])
    await renewal._look(one, is_told=False)
    assert len(taken) == 1
    assert [line["event"] for line in log] == [LOADED]


async def test_the_same_content_in_another_file_changes_nothing(run, new_pair, log):
    tls = new_pair()
    async with run(tls) as one:
        tls.certificate.rename(tls.certificate.with_suffix(".bak"))
        shutil.copy(tls.certificate.with_suffix(".bak"), tls.certificate)
        one.renewal.at_once()
        await one.until(lambda: events(log, UNCHANGED))
    assert len(events(log, LOADED)) == 1


async def test_with_an_expired_certificate_the_authorities_can_still_be_changed(run, new_pair, authorities, log):
    past = {"not_after": datetime(2026, 1, 1, tzinfo=UTC)}
    tls = new_pair(times=past)
    accepted = tls.certificate.with_name("ca.pem")
    authorities["RSA"].cert_pem.write_to_path(accepted)
    tls = new_pair(times=past, client_certificates="required", client_authorities=accepted)
    async with run(tls) as one:
        await one.until(lambda: events(log, DOUBTFUL))
        assert "it expired at 2026-01-01" in events(log, DOUBTFUL)[0]["why"]
        authorities["ECDSA"].cert_pem.write_to_path(accepted)
        await one.until(lambda: len(events(log, LOADED)) == 2)


async def test_a_handle_that_cannot_be_had_leaves_everything_as_it_was(new_pair, log, clock):
    tls = new_pair()

    async def fail(_context):
        raise OSError(24, "Too many open files")

    one = Watched("server", tls, prepare(tls), fail)
    before = one.prepared
    new_pair()
    await Renewal([one], structlog.get_logger(), clock)._look(one, is_told=True)
    assert one.prepared is before
    assert "Too many open files" in events(log, REJECTED)[0]["why"]


async def test_what_nobody_has_thought_of_does_not_end_the_watch(new_pair, log, clock):
    tls = new_pair()

    async def fail(_context):
        raise RuntimeError("with words of somebody else's")

    one = Watched("server", tls, prepare(tls), fail)
    before = one.prepared
    new_pair()
    await Renewal([one], structlog.get_logger(), clock)._look(one, is_told=True)
    assert one.prepared is before
    assert events(log, REJECTED)[0]["why"] == "RuntimeError"


async def test_a_server_that_stops_takes_no_other_context(run, new_pair, client):
    async with run(new_pair(), look_seconds=60) as one:
        one.listeners.stop()
        before = one.listeners._servers[0].servers
        await one.listeners.renew(0, one.watched.prepared.context)
        assert one.listeners._servers[0].servers is before


def test_nothing_is_watched_without_tls(clock):
    assert not Renewal([], structlog.get_logger(), clock).is_needed
