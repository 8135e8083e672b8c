"""People help themselves, over real sockets and with a real mail server: from sign-up to the first token, and back in."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import ssl
import subprocess
import sys
import warnings
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec
import pytest
import pytest_asyncio
import trustme

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from aiosmtpd.smtp import SMTP

from tokenhouse.config.settings import Mail, People
from tokenhouse.http.listeners import Listener, Listeners
from tokenhouse.model.effects import SetAccountState
from tokenhouse.model.records import Tenant
from tokenhouse.model.registrations import CreateTenant

WORD, NEW, THIRD = "correct horse battery", "another horse battery", "yet another battery"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}
ALICE = "Alice@Example.com"
EVERY_TIME = {"date", "x-request-id", "content-security-policy"}
"""Headers that differ from answer to answer."""


@dataclass
class MailServer:
    """Keeps the mail that it takes."""

    port: int = 0
    mails: list[Any] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 -- the library's name
        self.recipients.append(list(envelope.rcpt_tos))
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"

    async def wait(self, count: int) -> Any:
        """Return the newest mail when there are ``count``."""
        async with asyncio.timeout(10):
            while len(self.mails) < count:
                await asyncio.sleep(0.01)
        assert len(self.mails) == count
        return self.mails[-1]


def link_of(mail: Any) -> str:
    (url,) = re.findall(r"http://\S+", mail.get_content())
    return str(url)


@contextlib.asynccontextmanager
async def mail_server(**settings: Any) -> AsyncIterator[MailServer]:
    """Run a mail server on a port of its own."""
    keeper = MailServer()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(keeper, hostname="mail.test", **settings), "127.0.0.1", 0)
    keeper.port = server.sockets[0].getsockname()[1]
    async with server:
        yield keeper


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest_asyncio.fixture
async def post_office(authority: trustme.CA) -> AsyncIterator[MailServer]:
    """A mail server that takes mail after STARTTLS only."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    async with mail_server(tls_context=context, require_starttls=True) as server:
        yield server


@dataclass
class Front:
    """A house on a socket, its mail server, and somebody who calls."""

    house: Any
    post_office: MailServer
    port: int
    clock: Any
    call_port: Any

    async def call(
        self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes | None = None
    ) -> Any:
        return await asyncio.to_thread(self.call_port, self.port, method, path, headers, body)

    async def post(self, path: str, **fields: str) -> Any:
        return await self.call("POST", path, FORM, urlencode(fields).encode())

    async def send(self, path: str, **members: Any) -> Any:
        return await self.call("POST", path, JSON, json.dumps(members).encode())

    async def mail(self, count: int) -> Any:
        return await self.post_office.wait(count)

    async def link(self, count: int) -> tuple[str, str]:
        """Return the path of the link in the newest mail and what it carries."""
        parts = urlsplit(link_of(await self.mail(count)))
        assert parts.netloc == "127.0.0.1:8400"
        return parts.path, parts.query.removeprefix("link=")

    async def token(self, **fields: str) -> Any:
        said = {"client_id": "app", "client_secret": "th_cs_a-long-random-secret-of-the-tests"} | fields
        return await self.post("/oauth2/token", **said)

    async def log_in(self, username: str, password: str) -> Any:
        reply = await self.token(grant_type="password", username=username, password=password)
        return json.loads(reply.body) if reply.status == 200 else None

    async def refresh(self, tokens: Any) -> int:
        reply = await self.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
        return int(reply.status)

    async def is_active(self, token: str) -> bool:
        said = {"client_id": "app", "client_secret": "th_cs_a-long-random-secret-of-the-tests", "token": token}
        return bool(json.loads((await self.post("/oauth2/introspect", **said)).body)["active"])


@pytest_asyncio.fixture
async def front(
    furnished: None,
    make_house: Any,
    config: Any,
    clock: Any,
    post_office: MailServer,
    authority: trustme.CA,
    tmp_path: Path,
    call_port: Any,
) -> AsyncIterator[Front]:
    authorities = tmp_path / "authorities.pem"
    authority.cert_pem.write_to_path(str(authorities))
    settings = msgspec.structs.replace(
        config,
        mail=Mail(
            url=f"smtp://127.0.0.1:{post_office.port}",
            sender="Example <id@example.com>",
            authorities=authorities,
            per_source=1000,
        ),
        people=(
            People(sign_up=True, name="Example"),
            People(tenant="other", sign_up=True, name="Other", prefix="/other"),
        ),
    )
    house = await make_house(settings)
    listeners = Listeners([Listener(house.door, "127.0.0.1:0")], 5)
    serving = asyncio.create_task(listeners.run())
    port = listeners._sockets[0].getsockname()[1]
    yield Front(house, post_office, port, clock, call_port)
    listeners.stop()
    await serving


async def sign_up(front: Front, email: str, count: int, **chosen: str) -> Any:
    assert (await front.post("/account/sign-up", email=email)).status == 303
    path, link = await front.link(count)
    return await front.post(path, link=link, **chosen)


async def test_from_sign_up_to_the_first_token(front: Front) -> None:
    reply = await sign_up(front, "bob@example.com", 1, username="bob", name="Bob", new_password=WORD)
    assert (reply.status, reply.headers["location"]) == (303, "/account/done/signed_up")
    (session,) = front.post_office.recipients
    assert session == ["bob@example.com"]
    for name in ("bob", "BOB@example.com"):
        tokens = await front.log_in(name, WORD)
        assert await front.is_active(tokens["access_token"])
    account = await front.house.store.find_account("default", "username", "bob")
    assert account.email_verified_at is not None
    events = [record.event for record in await front.house.store.list_audit(10)]
    assert {"sign_up_asked", "sign_up", "login"} <= set(events)


async def test_a_reset_ends_sessions_and_old_tokens(front: Front) -> None:
    tokens = await front.log_in("alice", WORD)
    assert await front.is_active(tokens["access_token"])
    await front.post("/account/reset", login="alice")
    path, link = await front.link(1)
    page = await front.call("GET", f"{path}?link={link}")
    assert (page.status, ALICE in page.body.decode()) == (200, True)
    assert (await front.post(path, link=link, new_password=NEW)).status == 303
    assert (await front.mail(2))["subject"] == "Example: your password was changed"
    assert not await front.is_active(tokens["access_token"])
    assert await front.refresh(tokens) == 400
    assert await front.log_in("alice", WORD) is None
    assert await front.log_in("alice", NEW)


async def test_a_password_change_signs_out_everywhere_unless_told_not_to(front: Front) -> None:
    tokens = await front.log_in("alice", WORD)
    said = {"login": ALICE, "password": WORD, "new_password": NEW, "stay_signed_in": "true"}
    assert (await front.post("/account/password", **said)).status == 303
    assert await front.is_active(tokens["access_token"])
    said = {"login": ALICE, "password": NEW, "new_password": THIRD}
    assert (await front.send("/account/password", **said)).status == 200
    assert not await front.is_active(tokens["access_token"])
    assert await front.refresh(tokens) == 400
    assert await front.log_in("alice", THIRD)


async def test_an_address_moves_when_its_mailbox_says_so(front: Front) -> None:
    tokens = await front.log_in("alice", WORD)
    assert (await front.post("/account/email", login="alice", password=WORD, email="new@example.com")).status == 303
    path, link = await front.link(1)
    assert front.post_office.recipients == [["new@example.com"]]
    assert await front.log_in("new@example.com", WORD) is None
    assert (await front.post(path, link=link)).status == 303
    await front.mail(2)
    assert front.post_office.recipients[1] == [ALICE.replace("Example", "example")]
    assert not await front.is_active(tokens["access_token"])
    assert await front.log_in("new@example.com", WORD)
    assert await front.log_in(ALICE, WORD) is None


async def test_sign_out_everywhere_alone(front: Front) -> None:
    tokens = [await front.log_in("alice", WORD) for _ in range(2)]
    assert (await front.send("/account/sign-out", login="alice", password="wrong")).status == 400
    assert await front.is_active(tokens[0]["access_token"])
    assert (await front.send("/account/sign-out", login="alice", password=WORD)).status == 200
    assert [await front.is_active(each["access_token"]) for each in tokens] == [False, False]
    assert [await front.refresh(each) for each in tokens] == [400, 400]


async def _used(front: Front, path: str, link: str) -> str:
    assert (await front.post(path, link=link, new_password=NEW)).status == 303
    return path


async def _late(front: Front, path: str, _link: str) -> str:
    front.clock.pass_(minutes=15)
    return path


async def _changed(front: Front, path: str, _link: str) -> str:
    assert (await front.send("/account/password", login="alice", password=WORD, new_password=NEW)).status == 200
    return path


async def _locked(front: Front, path: str, _link: str) -> str:
    await front.house.store.commit((SetAccountState("default", "us_alice", front.clock(), enabled=True),))
    return path


async def _other_page(_front: Front, _path: str, _link: str) -> str:
    return "/account/sign-up/confirm"


@pytest.mark.parametrize("how", [_used, _late, _changed, _locked, _other_page], ids=lambda how: how.__name__.strip("_"))
async def test_a_link_that_does_not_work_any_more(front: Front, how: Any) -> None:
    await front.post("/account/reset", login="alice")
    path, link = await front.link(1)
    path = await how(front, path, link)
    page = await front.call("GET", f"{path}?link={link}") if how is not _locked else None
    reply = await front.post(path, link=link, new_password=THIRD)
    for each in filter(None, (page, reply)):
        assert (each.status, b"does not work any more" in each.body) == (400, True)
    said = await front.send(path, link=link, new_password=THIRD)
    assert (said.status, json.loads(said.body)["reason"]) == (400, "bad_link")
    await front.house.store.commit((SetAccountState("default", "us_alice", None, enabled=True),))
    assert await front.log_in("alice", THIRD) is None


async def test_a_link_of_another_tenant(front: Front) -> None:
    await front.house.store.commit((CreateTenant(Tenant("other", enabled=True, created_at=front.clock())),))
    await front.post("/account/sign-up", email="bob@example.com")
    path, link = await front.link(1)
    there = path.replace("/account/", "/other/")
    assert (await front.post(there, link=link, new_password=WORD)).status == 400
    assert (await front.post(path, link=link, new_password=WORD)).status == 303
    await front.post("/other/reset", login="bob@example.com")
    await front.post("/other/sign-up", email="bob@example.com")
    path, link = await front.link(2)
    assert path.startswith("/other/")
    assert (await front.post(path.replace("/other/", "/account/"), link=link, new_password=NEW)).status == 400


def _shown(reply: Any, name: str) -> tuple[Any, ...]:
    """Return what an answer shows: all of it, but for what differs each time and what was typed."""
    headers = sorted((key, value) for key, value in reply.headers.items() if key not in EVERY_TIME)
    body = re.sub(rb'nonce="[^"]*"', b"", reply.body).replace(name.encode(), b"")
    return reply.status, tuple(headers), body


STRANGERS = [
    ("/account/reset", "login", {}),
    ("/account/sign-up", "email", {}),
    ("/account/sign-out", "login", {"password": "wrong"}),
    ("/account/password", "login", {"password": "wrong", "new_password": NEW}),
    ("/account/email", "login", {"password": "wrong", "email": "x@example.com"}),
]
"""Every door that a stranger can call, and what a stranger says there."""


@pytest.mark.parametrize(("path", "said", "wrong"), STRANGERS)
async def test_nobody_learns_who_has_an_account(
    front: Front, new_user: Any, path: str, said: str, wrong: dict[str, str]
) -> None:
    """Every class of account gets the same bytes; the names are of one length, so that even the lengths are the same."""
    classes: dict[str, dict[str, Any]] = {
        "common": {"email": "common@example.com"},
        "locked": {"email": "locked@example.com", "locked_at": front.clock()},
        "closed": {"email": "closed@example.com", "enabled": False},
        "nomail": {},
    }
    for name, facts in classes.items():
        await new_user(front.house, name, **facts)
    for ending in ("", "@example.com") if said == "login" else ("@example.com",):
        for ask in (front.post, front.send):
            shown = set()
            for name in (*classes, "nobody"):
                reply = await ask(path, **({said: name + ending} | wrong))
                assert reply.status in {200, 303, 400}
                shown.add(_shown(reply, name))
            assert len(shown) == 1


async def test_the_right_password_of_somebody_who_is_barred_is_a_wrong_one(front: Front, new_user: Any) -> None:
    await new_user(front.house, "locked", locked_at=front.clock())
    await new_user(front.house, "closed", enabled=False)
    replies = [await front.send("/account/sign-out", login=name, password=WORD) for name in ("locked", "closed")]
    replies.append(await front.send("/account/sign-out", login="alice2", password="wrong"))
    assert len({_shown(reply, "") for reply in replies}) == 1
    assert json.loads(replies[0].body)["reason"] == "bad_credentials"


async def test_the_right_people_got_mail(front: Front, new_user: Any) -> None:
    await new_user(front.house, "locked", email="locked@example.com", locked_at=front.clock())
    for login in ("locked", "locked@example.com", "nobody", "alice"):
        assert (await front.post("/account/reset", login=login)).status == 303
    await front.mail(1)
    await front.house.outbox.close(5)
    assert front.post_office.recipients == [[ALICE.replace("Example", "example")]]


@pytest.mark.parametrize(
    "address",
    [
        "bob@example.com\r\nBcc: eve@example.com",
        "bob@example.com\nTo: eve@example.com",
        "bob@example.com, eve@example.com",
        "Bob <bob@example.com>",
        "bob@example.com>\r\nRCPT TO:<eve@example.com",
        "bob%40example.com@",
        "@",
        "bob@exa\u2028mple.com",
        "b\u00f6b@example.com",
    ],
)
async def test_an_address_with_more_in_it_gets_no_mail(front: Front, address: str) -> None:
    replies = [
        await front.post("/account/sign-up", email=address),
        await front.send("/account/sign-up", email=address),
        await front.send("/account/email", login="alice", password=WORD, email=address),
    ]
    assert [reply.status for reply in replies] == [422] * 3
    assert json.loads(replies[1].body)["field"] == "email"
    await front.house.outbox.close(5)
    assert front.post_office.mails == []


@pytest.mark.parametrize(
    ("username", "name"),
    [
        ("b" * 200, "é" * 200),
        ("مستخدم", "محمد بن موسى الخوارزمي"),
        ("王小明", "王小明"),
        ("bob-2", '<b>"Bob"</b> & {{ 7*7 }}'),
    ],
)
async def test_names_of_all_kinds(front: Front, username: str, name: str) -> None:
    reply = await sign_up(front, "bob@example.com", 1, username=username, name=name, new_password=WORD)
    assert reply.status == 303
    assert await front.log_in(username, WORD)
    account = await front.house.store.find_account("default", "email", "bob@example.com")
    assert (account.username, account.name) == (username, name)


async def test_what_is_too_long_or_turned_around_is_said_beside_its_field(front: Front) -> None:
    await front.post("/account/sign-up", email="bob@example.com")
    path, link = await front.link(1)
    for field_name, value in (("username", "b" * 201), ("name", "Bob \u202eevil"), ("name", "B\u2066b")):
        reply = await front.post(path, link=link, new_password=WORD, **{field_name: value})
        text = reply.body.decode()
        assert (reply.status, f'id="{field_name}-problem"' in text, value in text) == (422, True, True)
    assert (await front.post(path, link=link, username="bob", new_password=WORD)).status == 303


async def test_submitted_twice(front: Front) -> None:
    await front.post("/account/sign-up", email="bob@example.com")
    path, link = await front.link(1)
    said = {"link": link, "username": "bob", "new_password": WORD}
    replies = await asyncio.gather(*(front.post(path, **said) for _ in range(4)))
    assert sorted(reply.status for reply in replies) == [303, 400, 400, 400]
    assert await front.log_in("bob", WORD)


async def test_a_link_in_a_referer_or_a_log_is_nowhere(front: Front, capsys: Any) -> None:
    await front.post("/account/reset", login="alice")
    path, link = await front.link(1)
    page = await front.call("GET", f"{path}?link={link}")
    assert page.headers["referrer-policy"] == "no-referrer"
    await front.post(path, link="x" + link[1:], new_password=NEW)
    await front.post(path, link=link, new_password=NEW)
    await front.mail(2)
    await front.house.outbox.close(5)
    said = capsys.readouterr()
    assert "mail.sent" in said.out
    assert link not in said.out + said.err
    assert NEW not in said.out + said.err
    assert "xample.com" not in said.out + said.err
    audit = await front.house.store.list_audit(100)
    assert link not in str(audit)


async def test_a_real_server_sends_what_it_owes_before_it_stops(
    tmp_path: Path, three_free_ports: int, call_port: Any, wait_ready: Any, stop: Any
) -> None:
    """`tokenhouse serve` as an operator runs it: sign-up, the first token, and a mail that is under way at SIGTERM."""
    port = three_free_ports
    issuer = f"http://127.0.0.1:{port}"

    async def command(*arguments: str, **environment: str) -> str:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tokenhouse", *arguments),
            cwd=tmp_path,
            env=os.environ | environment,
            stdout=subprocess.PIPE,
        )
        told, _ = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == 0
        return told.decode()

    async def post(path: str, **fields: str) -> Any:
        return await asyncio.to_thread(call_port, port, "POST", path, FORM, urlencode(fields).encode())

    async with mail_server() as server:
        settings = {
            "TOKENHOUSE_DEVELOPMENT": "true",
            "TOKENHOUSE_SERVER__BIND": f"127.0.0.1:{port}",
            "TOKENHOUSE_ADMIN__BIND": f"127.0.0.1:{port + 1}",
            "TOKENHOUSE_PASSWORDS__MEMORY_KIB": "8",
            "TOKENHOUSE_MAIL__URL": f"smtp://127.0.0.1:{server.port}",
            "TOKENHOUSE_MAIL__STARTTLS": "false",
            "TOKENHOUSE_MAIL__SENDER": "id@example.com",
            "TOKENHOUSE_PEOPLE": "[{ sign_up = true }]",
        }
        await command("init", "--issuer", issuer)
        until = f"{datetime.now(UTC) + timedelta(days=365):%Y-%m-%d}"
        made = ("client", "create", "--name", "app", "--grant", "password", "--password-until", until, "--json")
        client = json.loads(await command(*made, **settings))
        pair = {"client_id": client["client_id"], "client_secret": client["client_secret"]}
        serve = [sys.executable, "-m", "tokenhouse", "serve"]
        process = await asyncio.to_thread(subprocess.Popen, serve, cwd=tmp_path, env=os.environ | settings)
        await asyncio.to_thread(wait_ready, port, process)
        assert (await post("/account/sign-up", email="bob@example.com")).status == 303
        url = urlsplit(link_of(await server.wait(1)))
        assert url.port == port
        said = {"link": url.query.removeprefix("link="), "username": "bob", "new_password": WORD}
        assert (await post(url.path, **said)).status == 303
        reply = await post("/oauth2/token", grant_type="password", username="bob", password=WORD, **pair)
        assert (reply.status, "access_token" in json.loads(reply.body)) == (200, True)
        assert (await post("/account/reset", login="bob")).status == 303
        assert await asyncio.to_thread(stop, process) == 0
        assert "choose a new password" in (await server.wait(2))["subject"]
