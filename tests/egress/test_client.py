"""The guarded client against real servers that are slow, huge, endless, redirecting, forged, compressed or broken."""

from __future__ import annotations

import asyncio
import gzip
import logging
import os
import ssl
import time

import pytest
import trustme

from tokenhouse.egress.client import IN_ALL, LARGEST_BYTES, PER_HOST, Answer
from tokenhouse.egress.failures import EgressError, Failure


async def failure(asking) -> Failure:
    with pytest.raises(EgressError) as raised:
        await asking
    return raised.value.failure


async def test_an_answer_comes_back_whole_whatever_its_status(serve, answer, make_egress):
    async with serve(answer(b'{"a": 1}', 418)) as server:
        got = await make_egress(server).ask(server.url("/me?x=1"), {"Authorization": "Bearer t"})
    assert got == Answer(418, b'{"a": 1}')
    assert got.object() == {"a": 1}
    (head,) = server.heard
    assert head.startswith(b"GET /me?x=1 HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n" % server.port)
    lines = {line.lower() for line in head.split(b"\r\n")}
    assert {b"authorization: bearer t", b"accept-encoding: identity", b"connection: close"} <= lines
    assert not any(line.startswith(b"cookie") for line in lines)


async def test_a_form_is_posted(serve, answer, make_egress):
    async with serve(answer()) as server:
        await make_egress(server).ask(server.url(), form=b"token=a")
    (head,) = server.heard
    assert head.startswith(b"POST / HTTP/1.1")
    assert b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 7\r\n" in head
    assert head.endswith(b"\r\n\r\ntoken=a")


@pytest.mark.parametrize("size", [0, 1, LARGEST_BYTES])
async def test_answers_up_to_the_largest_are_read(serve, answer, make_egress, size):
    async with serve(answer(b"x" * size)) as server:
        assert len((await make_egress(server).ask(server.url())).body) == size


async def test_an_answer_that_is_too_large_is_not_read_to_its_end(serve, answer, make_egress):
    async with serve(answer(b"x" * (LARGEST_BYTES + 1))) as server:
        assert await failure(make_egress(server).ask(server.url())) is Failure.TOO_LARGE


async def test_an_endless_answer_is_left(serve, make_egress):
    sent = 0

    async def endless(writer):
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
            await writer.drain()
            sent += 4096

    async with serve(endless) as server:
        assert await failure(make_egress(server).ask(server.url())) is Failure.TOO_LARGE
    assert sent < 64 * LARGEST_BYTES


async def silent(_writer):
    await asyncio.sleep(60)


async def dripping_head(writer):
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"x: y\r\n")
        await writer.drain()
        await asyncio.sleep(0.02)


async def dripping_body(writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def continuing(writer):
    while True:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("script", [silent, dripping_head, dripping_body, continuing])
async def test_the_deadline_is_over_all_of_it(serve, make_egress, script):
    async with serve(script) as server:
        began = time.monotonic()
        assert await failure(make_egress(server, deadline_seconds=0.2).ask(server.url())) is Failure.TIMED_OUT
        assert time.monotonic() - began < 2


async def test_a_server_that_never_finishes_the_handshake_is_left(serve, make_egress):
    async with serve(silent, listens=False) as server:
        asking = make_egress(server, deadline_seconds=0.2).ask(f"https://{server.place}/")
        assert await failure(asking) is Failure.TIMED_OUT


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308, 399])
async def test_no_redirect_is_followed(serve, answer, make_egress, status):
    async with serve(answer(b"{}")) as canary:
        to = answer(b"{}", status, b"Location: " + canary.url().encode())
        async with serve(to) as server:
            assert await failure(make_egress(server, canary).ask(server.url())) is Failure.REDIRECTED
    assert (server.met, canary.met) == (1, 0)


@pytest.mark.parametrize("encoding", [b"gzip", b"br", b"deflate, gzip", b"zstd", b"GZIP", b"", b"identity, gzip"])
async def test_nothing_is_unpacked(serve, answer, make_egress, encoding):
    bomb = gzip.compress(b"0" * 10_000_000)
    async with serve(answer(bomb, 200, b"Content-Encoding: " + encoding)) as server:
        assert await failure(make_egress(server).ask(server.url())) is Failure.ENCODED


async def test_identity_is_no_encoding(serve, answer, make_egress):
    async with serve(answer(b"{}", 200, b"Content-Encoding: Identity")) as server:
        assert (await make_egress(server).ask(server.url())).object() == {}


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\x16\x03\x01",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}",
        b"SIP/2.0 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"x: " + b"y" * 200_000 + b"\r\n\r\n",
    ],
)
async def test_what_is_no_answer_is_broken(serve, make_egress, said):
    async with serve(said) as server:
        assert await failure(make_egress(server).ask(server.url())) is Failure.BROKEN


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"null", b'{"a":1,"a":2}', b'{"a":NaN}', b"[" * 60_000, b"\xff", b"{}{}"]
)
async def test_what_is_not_one_json_object_is_refused(serve, answer, make_egress, body):
    async with serve(answer(body, 200, b"Content-Type: application/json")) as server:
        got = await make_egress(server).ask(server.url())
    with pytest.raises(EgressError, match="not_json"):
        got.object()


async def test_nobody_there(serve, make_egress):
    async with serve(b"") as gone:
        pass
    assert await failure(make_egress(gone).ask(gone.url())) is Failure.UNREACHABLE


async def test_a_certificate_for_the_place_is_believed(serve, answer, make_egress, trust, certified):
    async with serve(answer(b'{"a": 1}'), certified("127.0.0.1")) as server:
        got = await make_egress(server, trust=trust).ask(f"https://{server.place}/")
    assert got.object() == {"a": 1}


async def test_a_certificate_that_does_not_fit_is_refused(serve, answer, make_egress, trust, certified):
    for tls in (certified("other.example"), certified("127.0.0.1", by=trustme.CA())):
        async with serve(answer(), tls) as server:
            asking = make_egress(server, trust=trust).ask(f"https://{server.place}/")
            assert await failure(asking) is Failure.BAD_CERTIFICATE
        assert server.heard == []


async def test_without_our_authority_the_systems_are_asked(serve, answer, make_egress, certified):
    async with serve(answer(), certified("127.0.0.1")) as server:
        assert await failure(make_egress(server).ask(f"https://{server.place}/")) is Failure.BAD_CERTIFICATE


async def test_plain_http_behind_https_and_old_tls_are_broken(serve, answer, make_egress, trust, certified):
    async with serve(answer(), listens=False) as server:
        assert await failure(make_egress(server, trust=trust).ask(f"https://{server.place}/")) is Failure.BROKEN
    old = certified("127.0.0.1")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    async with serve(answer(), old) as server:
        assert await failure(make_egress(server, trust=trust).ask(f"https://{server.place}/")) is Failure.BROKEN


async def test_no_proxy_of_the_environment_is_used(serve, answer, make_egress, monkeypatch):
    async with serve(answer(b'{"proxy": 1}')) as proxy, serve(answer(b'{"proxy": 0}')) as server:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url())
        assert (await make_egress(server, proxy).ask(server.url())).object() == {"proxy": 0}
    assert proxy.met == 0


async def test_no_cookie_is_kept(serve, answer, make_egress):
    async with serve(answer(b"{}", 200, b"Set-Cookie: a=b; Path=/")) as server:
        egress = make_egress(server)
        await egress.ask(server.url())
        await egress.ask(server.url())
    assert server.met == 2
    assert not any(b"ookie" in head for head in server.heard)


async def test_few_go_to_one_host_at_once_and_the_others_wait(serve, make_egress):
    open_, most = 0, 0

    async def slowly(writer):
        nonlocal open_, most
        open_ += 1
        most = max(most, open_)
        await asyncio.sleep(0.02)
        open_ -= 1
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        await writer.drain()

    async with serve(slowly) as server:
        egress = make_egress(server)
        got = await asyncio.gather(*(egress.ask(server.url()) for _ in range(3 * PER_HOST)))
    assert len(got) == 3 * PER_HOST
    assert most == PER_HOST


async def test_too_many_are_told_at_once(serve, make_egress):
    async with serve(silent) as server:
        egress = make_egress(server, deadline_seconds=0.5)
        failures = await asyncio.gather(*(failure(egress.ask(server.url())) for _ in range(IN_ALL + 5)))
        assert failures.count(Failure.BUSY) == 5
        assert failures.count(Failure.TIMED_OUT) == IN_ALL


async def test_whoever_goes_away_leaves_nothing_behind(serve, answer, make_egress):
    async with serve(silent) as server:
        egress = make_egress(server)
        for _ in range(PER_HOST + 1):
            task = asyncio.create_task(egress.ask(server.url()))
            await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
    async with serve(answer(), port=server.port) as server:
        assert (await egress.ask(server.url())).status == 200


async def test_nothing_that_was_sent_or_received_is_logged(serve, answer, make_egress, caplog):
    caplog.set_level(logging.DEBUG)
    async with serve(answer(b'{"a": "canary-of-the-answer"}')) as server:
        await make_egress(server).ask(server.url(), {"Authorization": "Bearer canary-of-the-request"})
    assert "canary" not in caplog.text


def beneath_tls(record: bytes, before: bytes = b""):
    """Return a script that says ``before`` as it should, and then a record that no key has sealed."""

    async def forge(writer):
        writer.write(before)
        await writer.drain()
        os.write(writer.get_extra_info("socket").fileno(), record)
        await asyncio.sleep(60)

    return forge


FORGED = b"\x17\x03\x03\x00\x20" + b"A" * 32


@pytest.mark.parametrize(
    "script",
    [
        beneath_tls(FORGED),
        beneath_tls(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"),
        beneath_tls(FORGED, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{"),
    ],
)
async def test_what_tls_does_not_vouch_for_is_broken(serve, make_egress, trust, certified, script):
    async with serve(script, certified("127.0.0.1")) as server:
        egress = make_egress(server, trust=trust)
        assert await failure(egress.ask(f"https://{server.place}/")) is Failure.BROKEN
