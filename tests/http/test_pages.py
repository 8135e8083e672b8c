"""The pages through the door: forms and JSON, looking and doing, refusing in the right shape."""

from __future__ import annotations

import asyncio
import json
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec
import pytest
import pytest_asyncio

from tokenhouse.config.settings import Mail, People
from tokenhouse.http.page_table import PAGES
from tokenhouse.model.effects import SetAccountState

WORD, NEW = "correct horse battery", "another horse battery"
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
TITLES = {"en": "Change your password", "zh-TW": "變更密碼"}


class Front:
    """The pages of a house, and the folder into which it mails."""

    def __init__(self, house: Any, folder: Path, ask: Any) -> None:
        self.house, self.folder, self._ask = house, folder, ask

    async def get(self, path: str, *headers: tuple[str, str], method: str = "GET", **more: Any) -> Any:
        path, _, query = path.partition("?")
        return await self._ask(self.house.door, method, path, b"", *headers, content_type=None, query=query, **more)

    async def post(self, path: str, fields: dict[str, Any], *headers: tuple[str, str], **more: Any) -> Any:
        return await self._ask(self.house.door, "POST", path, urlencode(fields).encode(), *headers, **more)

    async def send(self, path: str, members: Any, *headers: tuple[str, str]) -> Any:
        body = json.dumps(members).encode()
        return await self._ask(self.house.door, "POST", path, body, *headers, content_type=JSON)

    async def mails(self, count: int = 1) -> list[Any]:
        async with asyncio.timeout(10):
            while len(list(self.folder.glob("*.eml"))) < count:
                await asyncio.sleep(0.01)
        files = sorted(self.folder.glob("*.eml"))
        return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]

    async def link(self, count: int = 1) -> str:
        """Return path and query of the link in the newest mail."""
        text = (await self.mails(count))[-1].get_content()
        (url,) = (word for word in text.split() if "://" in word)
        assert url.startswith("http://127.0.0.1:8400/account/")
        parts = urlsplit(url)
        return f"{parts.path}?{parts.query}"

    @property
    def alice(self) -> Any:
        return self.house.store.find_account_by_id("default", "us_alice")


@pytest_asyncio.fixture
async def front(furnished: None, make_house: Any, config: Any, tmp_path: Path, ask_door: Any) -> Front:
    folder = tmp_path / "mail"
    settings = msgspec.structs.replace(config, mail=Mail(folder=folder), people=(People(sign_up=True, name="Example"),))
    return Front(await make_house(settings), folder, ask_door)


async def test_sign_up_by_form(front: Front) -> None:
    reply = await front.post("/account/sign-up", {"email": "bob@example.com"})
    assert (reply.status, reply.headers["location"], reply.body) == (303, "/account/done/sign_up_mailed", b"")
    assert b"Look into your mailbox" in (await front.get(reply.headers["location"])).body
    link = await front.link()
    page = await front.get(link)
    assert page.status == 200
    assert b"bob@example.com" in page.body
    path, _, query = link.partition("?link=")
    reply = await front.post(path, {"link": query, "username": "bob", "name": "Bob", "new_password": WORD})
    assert (reply.status, reply.headers["location"]) == (303, "/account/done/signed_up")
    again = await front.post(path, {"link": query, "username": "bob", "name": "Bob", "new_password": WORD})
    assert (again.status, b"does not work any more" in again.body) == (400, True)
    assert (await front.get(link)).status == 400


async def test_the_same_by_json(front: Front) -> None:
    reply = await front.send("/account/sign-up", {"email": "bob@example.com"})
    assert reply.status == 200
    assert json.loads(reply.body)["done"] == "sign_up_mailed"
    path, _, query = (await front.link()).partition("?link=")
    reply = await front.send(path, {"link": query, "username": "alice", "new_password": WORD})
    assert (reply.status, json.loads(reply.body)["reason"], json.loads(reply.body)["field"]) == (
        422,
        "taken",
        "username",
    )
    reply = await front.send(path, {"link": query, "username": "bob", "new_password": WORD})
    assert json.loads(reply.body)["done"] == "signed_up"
    reply = await front.send(path, {"link": query, "username": "bob", "new_password": WORD})
    assert (reply.status, json.loads(reply.body)["reason"]) == (400, "bad_link")


async def test_every_answer_keeps_to_itself(front: Front) -> None:
    replies = [await front.get(f"/account{page.path}") for page in PAGES.values()]
    replies += [await front.get(f"/account/done/{page.done}") for page in PAGES.values()]
    replies += [await front.get("/account"), await front.post("/account/reset", {"login": "alice"})]
    replies.append(await front.post("/account/reset", {}))
    for reply in replies:
        assert reply.headers["cache-control"] == "no-store"
        assert reply.headers["referrer-policy"] == "no-referrer"
        assert "set-cookie" not in reply.headers
        assert "frame-ancestors 'none'" in reply.headers["content-security-policy"]
        if reply.body:
            assert "sandbox" not in reply.headers["content-security-policy"]
            assert reply.headers["content-type"] == "text/html; charset=utf-8"


async def test_looking_changes_nothing(front: Front) -> None:
    await front.post("/account/reset", {"login": "alice"})
    link = await front.link()
    before = await front.house.store.list_audit(100)
    for method in ("GET", "HEAD", "GET"):
        reply = await front.get(link, method=method)
        assert (reply.status, bool(reply.body)) == (200, method == "GET")
    assert await front.house.store.list_audit(100) == before
    path, _, query = link.partition("?link=")
    assert (await front.post(path, {"link": query, "new_password": NEW})).status == 303


async def test_what_was_typed_comes_back_but_no_secret(front: Front) -> None:
    typed = {"login": '"><script>', "password": "hush-1", "new_password": "hush-2", "stay_signed_in": "true"}
    reply = await front.post("/account/password", typed)
    assert reply.status == 422
    text = reply.body.decode()
    assert "&#34;&gt;&lt;script&gt;" in text
    assert "hush" not in text
    assert " checked" in text


async def test_the_language_is_negotiated(front: Front) -> None:
    for header, language in (("zh-TW,zh;q=0.9", "zh-TW"), ("zh-CN", "en"), ("de", "en")):
        reply = await front.get("/account/password", ("accept-language", header))
        assert reply.headers["content-language"] == language
        assert TITLES[language] in reply.body.decode()
        refused = await front.send("/account/password", {}, ("accept-language", header))
        assert (json.loads(refused.body)["message"] == "Please fill this in.") == (language == "en")
    await front.post("/account/reset", {"login": "alice"}, ("accept-language", "zh-Hant"))
    (mail,) = await front.mails()
    assert "設定新密碼" in mail["subject"]


async def test_links_do_not_follow_what_a_request_says_of_itself(front: Front) -> None:
    headers = (("host", "evil.example"), ("x-forwarded-host", "evil.example"), ("origin", "https://evil.example"))
    await front.post("/account/reset", {"login": "alice"}, *headers)
    (mail,) = await front.mails()
    assert "evil" not in mail.as_string()
    assert (await front.link()).startswith("/account/reset/confirm?link=")


@pytest.mark.parametrize("login", ["alice", "nobody", "alice@example.com", "nobody@example.com"])
async def test_a_reset_is_answered_alike(front: Front, login: str) -> None:
    form = await front.post("/account/reset", {"login": login})
    assert (form.status, form.headers["location"]) == (303, "/account/done/reset_mailed")
    said = await front.send("/account/reset", {"login": login})
    assert json.loads(said.body)["done"] == "reset_mailed"


async def test_whoever_is_locked_gets_no_mail_and_the_same_answer(front: Front) -> None:
    at = front.house.clock()
    await front.house.store.commit((SetAccountState("default", "us_alice", at, enabled=True),))
    reply = await front.post("/account/reset", {"login": "alice"})
    assert reply.headers["location"] == "/account/done/reset_mailed"
    await front.house.outbox.close(5)
    assert not list(front.folder.glob("*.eml"))


async def test_refusals_are_audited_under_a_name_of_their_own(front: Front) -> None:
    await front.post("/account/password", {"login": "alice", "password": "wrong", "new_password": NEW})
    (record,) = await front.house.store.list_audit(1)
    assert (record.event, record.contract, record.tenant, record.reason) == (
        "refused",
        "people",
        "default",
        "wrong_password",
    )


@pytest.mark.parametrize(
    ("method", "path", "status", "says"),
    [
        ("PUT", "/account/reset", 405, b"cannot be read"),
        ("GET", "/account/reset/confirm", 400, b"does not work any more"),
        ("GET", "/account/reset/confirm?link=a&link=b", 400, b"cannot be read"),
        ("GET", "/account/nothing", 404, b""),
        ("POST", "/account", 405, b""),
    ],
)
async def test_other_requests(front: Front, method: str, path: str, status: int, says: bytes) -> None:
    reply = await front.get(path, method=method)
    assert (reply.status, says in reply.body) == (status, True)


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [("text/plain", b"login=alice", 415), (FORM, b"login=%zz", 400), (FORM, b"x" * 20_000, 413), (JSON, b"{", 400)],
)
async def test_what_cannot_be_read(front: Front, ask_door: Any, kind: str, body: bytes, status: int) -> None:
    reply = await ask_door(front.house.door, "POST", "/account/reset", body, content_type=kind)
    assert reply.status == status
    assert reply.headers["content-type"].startswith("application/json" if kind == JSON else "text/html")


async def test_nothing_is_said_in_the_clear(
    furnished: None, make_house: Any, config: Any, tmp_path: Path, ask_door: Any
) -> None:
    mail = Mail(url="smtp://127.0.0.1:1", starttls=False, sender="id@example.com")
    people = (People(), People(tenant="other", prefix="/other"))
    settings = msgspec.structs.replace(
        config, issuer="https://id.example.com", development=False, mail=mail, people=people
    )
    front = Front(await make_house(settings), tmp_path, ask_door)
    for reply in (await front.get("/account/reset"), await front.post("/account/reset", {"login": "alice"})):
        assert (reply.status, b"not possible here" in reply.body) == (403, True)
    assert (await front.get("/account/reset", scheme="https")).status == 200
    for page in ("sign-up", "sign-up/confirm"):
        assert (await front.get(f"/account/{page}", scheme="https")).status == 404
    # A tenant that nobody has created has pages that say no.
    for reply in (await front.get("/other/reset", scheme="https"), await front.send("/other/reset", {"login": "a"})):
        assert reply.status == 403


async def test_a_full_outbox_is_told_to_everybody(front: Front) -> None:
    front.house.outbox._places = 0
    for login in ("alice", "nobody"):
        reply = await front.post("/account/reset", {"login": login})
        assert (reply.status, reply.headers["retry-after"]) == (503, "5")
        assert login.encode() in reply.body


async def test_who_wants_no_mail_does_not_wait_for_mail_that_is_stuck(front: Front) -> None:
    await front.post("/account/sign-up", {"email": "bob@example.com"})
    path, _, link = (await front.link()).partition("?link=")
    front.house.outbox._places = 0
    assert (await front.post("/account/sign-out", {"login": "alice", "password": WORD})).status == 303
    assert (await front.post(path, {"link": link, "new_password": NEW})).status == 303
    said = {"login": "alice", "password": WORD, "new_password": NEW}
    assert (await front.post("/account/password", said)).status == 503, "its notice is part of it"


async def test_a_stolen_password_is_changed_and_an_address_moved(front: Front) -> None:
    said = {"login": "alice", "password": WORD, "email": "new@example.com"}
    assert (await front.post("/account/email", said)).headers["location"] == "/account/done/email_mailed"
    path, _, query = (await front.link()).partition("?link=")
    assert b"becomes new@example.com" in (await front.get(f"{path}?link={query}")).body
    reply = await front.post(path, {"link": query})
    assert reply.headers["location"] == "/account/done/email_changed"
    assert (await front.alice).email == "new@example.com"
    said = {"login": "new@example.com", "password": WORD, "new_password": NEW}
    assert (await front.post("/account/password", said)).headers["location"] == "/account/done/password_changed"
    reply = await front.post("/account/sign-out", {"login": "alice", "password": NEW})
    assert reply.headers["location"] == "/account/done/signed_out"
    kinds = [mail["subject"] for mail in await front.mails(3)]
    assert len(kinds) == 3


async def test_mail_is_counted(front: Front) -> None:
    await front.post("/account/reset", {"login": "alice"})
    await front.mails()
    await front.house.outbox.close(5)
    assert b'tokenhouse_mails_total{event="mail.sent",kind="reset"} 1.0' in front.house.metrics.render()
