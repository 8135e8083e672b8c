"""Pages: escaped, labelled, in two languages, with a policy that lets nothing in."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.http.page_table import PAGES, Page
from tokenhouse.http.rendering import Rendering, done_json, problem_json, status
from tokenhouse.interaction.catalogue import LANGUAGES, texts
from tokenhouse.interaction.moves import Site
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.exchange import HttpAnswer
from tokenhouse.protocol.refusals import Busy, InvalidGrant, InvalidRequest, InvalidToken, Refusal, Unacceptable

SITE = Site("default", "Example & <b>Söhne</b>", "https://id.example.com/account", sign_up=True)
RENDERING = Rendering(SITE, 15)
ENGLISH = texts("en")
ALL = pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
BOTH = pytest.mark.parametrize("language", LANGUAGES)


class Elements(HTMLParser):
    """The start tags of a page, with their attributes, and whether every tag is closed."""

    def __init__(self, answer: HttpAnswer) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = answer.body.decode()
        self.feed(self.text)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        assert len({name for name, _ in attrs}) == len(attrs)
        self.found.append((tag, dict(attrs)))
        if tag not in {"meta", "input"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        return [a for name, a in self.found if name == tag and all(a.get(k) == v for k, v in wanted.items())]

    def one(self, tag: str, **wanted: str) -> dict[str, str | None]:
        (only,) = self.all(tag, **wanted)
        return only


def header(answer: HttpAnswer, name: bytes) -> str:
    return dict(answer.headers)[name].decode()


def refused(page: Page) -> Refusal:
    return InvalidRequest(Cause.MISSING, field=page.inputs[0].name)


@ALL
@BOTH
@pytest.mark.parametrize("wrong", [False, True])
def test_every_form_is_whole_and_labelled(page: Page, language: str, wrong: bool) -> None:  # noqa: FBT001
    answer = RENDERING.form(
        page,
        texts(language),
        owner="alice@example.com" if page.purpose else "",
        link="x" * 43 if page.purpose else "",
        refusal=refused(page) if wrong else None,
    )
    seen = Elements(answer)
    assert seen.open == []
    assert seen.one("html")["lang"] == header(answer, b"content-language") == language
    ids = [attributes["id"] for _, attributes in seen.found if "id" in attributes]
    assert len(set(ids)) == len(ids)
    labels = {label["for"] for label in seen.all("label")}
    visible = [each for each in seen.all("input") if each.get("type") != "hidden"]
    assert labels == {each["id"] for each in visible}
    for each in visible:
        assert set((each.get("aria-describedby") or "").split()) <= set(ids)
    assert {each["name"] for each in visible if "name" in each} == {each.name for each in page.inputs}
    form = seen.one("form")
    assert (form["method"], form["action"]) == ("post", f"/account{page.path}")
    assert len([each for _, each in seen.found if "autofocus" in each]) == int(wrong)
    assert seen.all("input", autocomplete="off") == []
    assert "{" not in re.sub(r"<style.*?</style>", "", seen.text, flags=re.DOTALL)


@ALL
def test_what_is_wrong_is_said_beside_its_field(page: Page) -> None:
    seen = Elements(RENDERING.form(page, ENGLISH, refusal=refused(page)))
    name = page.inputs[0].name
    field = seen.one("input", id=name)
    assert field["aria-invalid"] == "true"
    assert "autofocus" in field
    assert f"{name}-problem" in (field["aria-describedby"] or "")
    assert "Please fill this in." in seen.text
    assert seen.one("div", role="alert")
    assert "<title>Error: " in seen.text


def test_what_is_wrong_with_no_field_is_said_above_and_focused() -> None:
    seen = Elements(RENDERING.form(PAGES["password"], ENGLISH, refusal=InvalidGrant(Cause.WRONG_PASSWORD)))
    alert = seen.one("div", role="alert")
    assert "autofocus" in alert
    assert alert["tabindex"] == "-1"
    assert "The user name or the password is not right." in seen.text


def test_nothing_typed_is_lost_but_secrets() -> None:
    values = {"login": "alice", "stay_signed_in": True}
    seen = Elements(RENDERING.form(PAGES["password"], ENGLISH, values=values, refusal=refused(PAGES["password"])))
    assert seen.one("input", id="login")["value"] == "alice"
    assert "checked" in seen.one("input", id="stay_signed_in")
    assert all("value" not in each for each in seen.all("input", type="password"))


def test_the_link_and_whose_it_is_stay_with_the_form() -> None:
    seen = Elements(RENDERING.form(PAGES["reset_confirm"], ENGLISH, owner="alice@example.com", link="secret"))
    assert seen.one("input", name="link") == {"type": "hidden", "name": "link", "value": "secret"}
    owner = seen.one("input", id="account")
    assert (owner["value"], owner["autocomplete"], "readonly" in owner) == ("alice@example.com", "username", True)
    assert "name" not in owner


def test_a_new_address_is_said_where_it_is_confirmed() -> None:
    seen = Elements(RENDERING.form(PAGES["email_confirm"], ENGLISH, owner="new@example.com", link="secret"))
    assert "becomes new@example.com." in seen.text
    assert seen.all("input", id="account") == []


@given(st.text(max_size=200))
def test_what_was_typed_stays_text(typed: str) -> None:
    answer = RENDERING.form(PAGES["sign_up_confirm"], ENGLISH, values={"name": typed}, link=typed, owner=typed)
    seen = Elements(answer)
    plain = Elements(RENDERING.form(PAGES["sign_up_confirm"], ENGLISH, values={"name": "x"}, link="x", owner="x"))
    if typed:
        assert [tag for tag, _ in seen.found] == [tag for tag, _ in plain.found]


def test_the_name_of_the_service_is_text() -> None:
    text = Elements(RENDERING.index(ENGLISH)).text
    assert "<b>" not in text
    assert "Example &amp; &lt;b&gt;" in text


def test_the_policy_lets_nothing_in_but_the_style() -> None:
    first, second = RENDERING.index(ENGLISH), RENDERING.index(ENGLISH)
    policy = header(first, b"content-security-policy")
    assert policy.startswith("default-src 'none'; style-src 'nonce-")
    assert "form-action 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert policy != header(second, b"content-security-policy")
    seen = Elements(first)
    assert f"'nonce-{seen.one('style')['nonce']}'" in policy
    assert {tag for tag, _ in seen.found}.isdisjoint({"script", "link", "img", "iframe", "object"})
    assert not any(name.startswith("on") or name == "style" for _, each in seen.found for name in each)


@BOTH
def test_the_list_of_pages(language: str) -> None:
    links = [each["href"] for each in Elements(RENDERING.index(texts(language))).all("a")]
    assert links == [f"/account{path}" for path in ("", "/sign-up", "/reset", "/password", "/email", "/sign-out")]
    bare = Rendering(Site("default", "Example", "https://id.example.com", reset=False), 15)
    links = [each["href"] for each in Elements(bare.index(texts(language))).all("a")]
    assert links == ["/", "/password", "/email", "/sign-out"]


@ALL
@BOTH
def test_what_is_done_is_said(page: Page, language: str) -> None:
    answer = RENDERING.done(page.done, texts(language))
    assert texts(language).say(f"done.{page.done}") in Elements(answer).text
    assert done_json(page.done, texts(language)).body.startswith(b'{"done":"' + page.done.encode())


@ALL
def test_a_link_that_does_not_work_leads_to_the_page_that_sends_one(page: Page) -> None:
    answer = RENDERING.problem_page(page, ENGLISH, InvalidToken(Cause.BAD_LINK), "cafe")
    seen = Elements(answer)
    assert (answer.status, seen.one("p", role="alert")) == (400, {"role": "alert"})
    assert "Reference: cafe" in seen.text
    assert seen.all("a")[-1]["href"] == f"/account{PAGES[page.again].path if page.again else page.path}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cause", list(Cause))
def test_every_cause_has_words(cause: Cause, language: str) -> None:
    for field in (None, "email", "username", "name", "new_password", "colour"):
        assert RENDERING.problem(Unacceptable(cause, field=field), texts(language))


@pytest.mark.parametrize(
    ("refusal", "says"),
    [
        (Unacceptable(Cause.UNACCEPTABLE, field="email"), "not an e-mail address"),
        (Unacceptable(Cause.UNACCEPTABLE, field="username"), "A user name has letters"),
        (Unacceptable(Cause.TAKEN, field="username"), "taken"),
        (Unacceptable(Cause.WEAK_PASSWORD, field="new_password"), "at least 15 characters"),
        (InvalidRequest(Cause.MISSING, field="email"), "fill this in"),
        (InvalidRequest(Cause.MALFORMED, field="colour"), "cannot be read"),
        (InvalidGrant(Cause.USER_LOCKED), "not right"),
        (InvalidGrant(Cause.UNKNOWN_USER), "not right"),
    ],
)
def test_what_is_wrong_is_said_in_words_for_the_person(refusal: Refusal, says: str) -> None:
    assert says in RENDERING.problem(refusal, ENGLISH)


def test_a_program_gets_code_cause_and_field() -> None:
    answer = problem_json(Unacceptable(Cause.TAKEN, field="username"), "Taken.")
    assert answer.status == 422
    assert answer.body == (
        b'{"error":"invalid_request","error_description":"The name is taken.","reason":"taken","message":"Taken.",'
        b'"field":"username"}'
    )
    busy = problem_json(Busy(Cause.BUSY, retry_after=5), "Busy.")
    assert (busy.status, dict(busy.headers)[b"retry-after"]) == (503, b"5")
    assert b"field" not in busy.body
    assert b"user_locked" not in problem_json(InvalidGrant(Cause.USER_LOCKED), "No.").body


def test_waiting_is_said_to_browsers_too() -> None:
    answer = RENDERING.form(PAGES["reset"], ENGLISH, refusal=Busy(Cause.BUSY, retry_after=5))
    assert (answer.status, header(answer, b"retry-after")) == (503, "5")


def test_a_link_is_no_bearer_token() -> None:
    assert status(InvalidToken(Cause.BAD_LINK)) == 400
    assert status(InvalidToken(Cause.BAD_TOKEN)) == 401
