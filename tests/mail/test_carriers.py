"""Carriers against real mail servers: encrypted or not at all, and every failure is judged."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from tokenhouse.config.mailboxes import MailServer
from tokenhouse.mail.carriers import FolderCarrier, NotNow, Refused, SmtpCarrier
from tokenhouse.mail.letters import compose
from tokenhouse.protocol.secret import Secret

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SENDER = "Example <id@example.com>"
NO_TLS = {"starttls": False}


def carrier(port: int, *, at_once: bool = False, **settings: Any) -> SmtpCarrier:
    given: dict[str, Any] = {
        "starttls": True,
        "context": ssl.create_default_context(),
        "user": None,
        "password": None,
        "timeout": 5.0,
        "name": "id.example.com",
    }
    return SmtpCarrier(server=MailServer("127.0.0.1", port, tls_at_once=at_once), **(given | settings))


async def test_a_message_is_handed_over(start: Any, letter: Any) -> None:
    server = await start()
    await carrier(server.port, **NO_TLS).carry(compose(letter(text="請開啟\n"), SENDER, NOW))
    ((session, envelope),) = server.postman.taken
    assert session.host_name == "id.example.com"
    assert (envelope.mail_from, envelope.rcpt_tos) == ("id@example.com", ["alice@example.com"])
    assert message_from_bytes(envelope.content, policy=policy.default).get_content() == "請開啟\r\n"


async def test_a_server_of_seven_bits_gets_seven_bits(start: Any, letter: Any) -> None:
    server = await start(decode_data=True)
    await carrier(server.port, **NO_TLS).carry(compose(letter(text="請開啟\n"), SENDER, NOW))
    (content,) = server.mails
    assert content.isascii()
    assert message_from_bytes(content.encode(), policy=policy.default).get_content() == "請開啟\n"


async def test_starttls_and_a_password(start: Any, letter: Any, own_tls: Any, trusting: Any) -> None:
    server = await start(tls_context=own_tls, require_starttls=True, word=b"the word")
    login = {"user": "user", "password": Secret("the word")}
    await carrier(server.port, context=trusting, **login).carry(compose(letter(), SENDER, NOW))
    assert server.postman.taken[0][0].ssl is not None
    with pytest.raises(Refused, match=r"^535$"):
        await carrier(server.port, context=trusting, user="user", password=Secret("other")).carry(
            compose(letter(), SENDER, NOW)
        )
    assert len(server.mails) == 1


async def test_tls_from_the_first_byte(start: Any, letter: Any, own_tls: Any, trusting: Any) -> None:
    server = await start(at_once=own_tls)
    await carrier(server.port, at_once=True, context=trusting).carry(compose(letter(), SENDER, NOW))
    assert len(server.mails) == 1


@pytest.mark.parametrize("at_once", [False, True])
async def test_a_certificate_of_strangers_gets_nothing(start: Any, letter: Any, own_tls: Any, at_once: Any) -> None:
    server = await (start(at_once=own_tls) if at_once else start(tls_context=own_tls))
    with pytest.raises(NotNow, match=r"^certificate$"):
        await carrier(server.port, at_once=at_once).carry(compose(letter(), SENDER, NOW))
    assert server.mails == []


async def test_a_server_without_starttls_gets_nothing(start: Any, letter: Any) -> None:
    server = await start()
    with pytest.raises(NotNow, match=r"^not_supported$"):
        await carrier(server.port).carry(compose(letter(), SENDER, NOW))
    assert server.mails == []


async def test_a_password_is_not_sent_in_the_clear(start: Any, letter: Any) -> None:
    server = await start()
    with pytest.raises(NotNow, match=r"^not_supported$"):
        await carrier(server.port, **NO_TLS, user="user", password=Secret("the word")).carry(
            compose(letter(), SENDER, NOW)
        )
    assert server.mails == []


@pytest.mark.parametrize(
    ("says", "error", "reason"),
    [
        ("451 4.3.0 later", NotNow, "451"),
        ("550 5.7.1 never", Refused, "550"),
        ("554 5.6.0 alice@example.com is a spammer", Refused, "554"),
    ],
)
async def test_what_a_server_says_is_judged_by_its_code(
    start: Any, letter: Any, says: str, error: type[Exception], reason: str
) -> None:
    server = await start()
    server.postman.says.append(says)
    with pytest.raises(error, match=f"^{reason}$") as raised:
        await carrier(server.port, **NO_TLS).carry(compose(letter(), SENDER, NOW))
    assert raised.value.__suppress_context__


async def test_an_unknown_recipient_is_refused(start: Any, letter: Any) -> None:
    server = await start()
    with pytest.raises(Refused, match=r"^550$"):
        await carrier(server.port, **NO_TLS).carry(compose(letter(to="nobody@example.com"), SENDER, NOW))


async def test_a_server_that_is_down(letter: Any, unused_port: int) -> None:
    with pytest.raises(NotNow, match=r"^connection$"):
        await carrier(unused_port, **NO_TLS).carry(compose(letter(), SENDER, NOW))


async def test_a_server_that_drips_is_left(letter: Any) -> None:
    left = asyncio.Event()

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while not reader.at_eof():
                writer.write(b"220-wait\r\n")
                await asyncio.sleep(0.02)
        writer.close()
        left.set()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    async with server:
        with pytest.raises(NotNow, match=r"^timeout$"):
            await carrier(server.sockets[0].getsockname()[1], **NO_TLS, timeout=0.2).carry(
                compose(letter(), SENDER, NOW)
            )
        await asyncio.wait_for(left.wait(), 5)


@contextlib.asynccontextmanager
async def scripted(says: dict[bytes, bytes]) -> AsyncIterator[int]:
    """Run a mail server that answers to each word what it is told to, and to others not at all; give its port."""
    left = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        with contextlib.suppress(ConnectionError):
            while line := await reader.readline():
                writer.write(says.get(line.strip().partition(b" ")[0], b""))
        writer.close()
        left.set()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
        await asyncio.wait_for(left.wait(), 5)


POLITE = {b"EHLO": b"250 hello\r\n", b"MAIL": b"250 OK\r\n", b"RCPT": b"250 OK\r\n", b"DATA": b"354 go on\r\n"}


async def test_what_was_taken_is_taken_although_nobody_says_goodbye(letter: Any) -> None:
    async with scripted(POLITE | {b".": b"250 taken\r\n"}) as port:
        await carrier(port, **NO_TLS, timeout=0.5).carry(compose(letter(), SENDER, NOW))


async def test_the_timeout_is_over_all_of_it(letter: Any) -> None:
    async with scripted(POLITE) as port:
        sending = carrier(port, **NO_TLS, timeout=0.5).carry(compose(letter(), SENDER, NOW))
        with pytest.raises(NotNow, match=r"^timeout$"):
            await asyncio.wait_for(sending, 0.9)


async def test_whoever_is_stopped_does_not_wait_for_a_goodbye(letter: Any) -> None:
    async with scripted(POLITE) as port:
        sending = asyncio.create_task(carrier(port, **NO_TLS).carry(compose(letter(), SENDER, NOW)))
        await asyncio.sleep(0.1)
        sending.cancel()
        done, _ = await asyncio.wait([sending], timeout=1)
        assert done == {sending}
        assert sending.cancelled()


async def test_a_server_that_speaks_something_else(letter: Any) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        with pytest.raises(NotNow):
            await carrier(server.sockets[0].getsockname()[1], **NO_TLS).carry(compose(letter(), SENDER, NOW))


async def test_a_folder_gets_one_file_for_each(tmp_path: Path, letter: Any) -> None:
    folder = tmp_path / "some" / "mail"
    for n in range(3):
        await FolderCarrier(folder).carry(compose(letter(text=f"letter {n}\n"), SENDER, NOW))
    files = sorted(folder.iterdir())
    assert [path.suffix for path in files] == [".eml"] * 3
    assert [f"letter {n}" in path.read_text() for n, path in enumerate(files)] == [True] * 3
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


async def test_a_folder_that_cannot_be_one(tmp_path: Path, letter: Any) -> None:
    (tmp_path / "mail").write_text("a file")
    with pytest.raises(NotNow, match=r"^folder$"):
        await FolderCarrier(tmp_path / "mail").carry(compose(letter(), SENDER, NOW))
