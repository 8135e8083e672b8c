"""What somebody asks of a page: the same in a form and in JSON, and nothing else."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.http.page_table import PAGES
from tokenhouse.http.wishes import read_link, read_said, repeatable, wants_json, wish_for
from tokenhouse.protocol.exchange import HttpRequest
from tokenhouse.protocol.refusals import InvalidRequest, Refusal, UnsupportedMediaType

FORM, JSON = b"application/x-www-form-urlencoded", b"application/json"
PASSWORD, CONFIRM = PAGES["password"], PAGES["email_confirm"]


def request(body: bytes = b"", kind: bytes | None = FORM, query: str = "", **headers: str) -> HttpRequest:
    given = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    if kind is not None:
        given.append((b"content-type", kind))
    return HttpRequest("POST", "/", query, tuple(given), body, "cafe", datetime(2026, 11, 20, tzinfo=UTC), "192.0.2.1")


def both(said: dict[str, Any]) -> list[HttpRequest]:
    form = {name: "true" if value is True else value for name, value in said.items() if value not in {None, False}}
    return [request(urlencode(form).encode()), request(json.dumps(said).encode(), JSON)]


@given(
    login=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=50),
    stay=st.booleans(),
)
def test_a_form_and_json_say_the_same(login: str, stay: bool) -> None:  # noqa: FBT001
    for each in both({"login": login, "password": "word", "stay_signed_in": stay}):
        wish = wish_for(each, read_said(each, PASSWORD), "en")
        assert (wish.login, wish.stay_signed_in, wish.new_password) == (login, stay, None)
        assert wish.password is not None
        assert wish.password.reveal() == "word"
        assert (wish.id, wish.source) == ("cafe", "192.0.2.1")


def test_what_is_empty_was_not_said() -> None:
    for each in (request(b"login=&password="), request(b'{"login": "", "password": null}', JSON)):
        assert read_said(each, PASSWORD) == {}


def test_secrets_are_not_repeated() -> None:
    said = read_said(request(b"login=a&password=b&new_password=c&stay_signed_in=true"), PASSWORD)
    assert repeatable(said) == {"login": "a", "stay_signed_in": True}
    assert repeatable(read_said(request(b"link=x"), CONFIRM)) == {}


@pytest.mark.parametrize(
    ("body", "kind", "field"),
    [
        (b"colour=red", FORM, "colour"),
        (b'{"colour": "red"}', JSON, "colour"),
        (b"link=x", FORM, "link"),
        (b"user_id=x", FORM, "user_id"),
        (b'{"is_admin": true}', JSON, "is_admin"),
        (b"login=a&login=b", FORM, "login"),
        (b'{"login": 1}', JSON, "login"),
        (b'{"login": ["a"]}', JSON, "login"),
        (b'{"login": true}', JSON, "login"),
        (b"stay_signed_in=yes", FORM, "stay_signed_in"),
        (b'{"stay_signed_in": 1}', JSON, "stay_signed_in"),
        (b'{"stay_signed_in": {}}', JSON, "stay_signed_in"),
        (b'{"login": "a", "login": "b"}', JSON, None),
        (b"[]", JSON, None),
        (b"{", JSON, None),
        (b"login=%ff", FORM, "login"),
        (b"login=a%00b", FORM, "login"),
        (b"\xff", FORM, None),
    ],
)
def test_what_a_page_does_not_ask_for_is_refused(body: bytes, kind: bytes, field: str | None) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read_said(request(body, kind), PASSWORD)
    assert refused.value.field == field


@pytest.mark.parametrize("kind", [None, b"text/plain", b"multipart/form-data; boundary=x"])
def test_what_is_neither_is_refused(kind: bytes | None) -> None:
    with pytest.raises(UnsupportedMediaType):
        read_said(request(b"login=a", kind), PASSWORD)


def test_nothing_is_said_in_a_query() -> None:
    with pytest.raises(InvalidRequest):
        read_said(request(b"login=a", query="password=b"), PASSWORD)


@pytest.mark.parametrize(
    ("query", "link"),
    [("", ""), ("link=abc", "abc"), ("utm_source=mail&link=abc", "abc"), ("link=", ""), ("x=y", "")],
)
def test_a_link_is_read_from_its_query(query: str, link: str) -> None:
    assert read_link(request(query=query)) == link


@pytest.mark.parametrize("query", ["link=a&link=b", "link=%", "link=\xff"])
def test_a_broken_query_is_refused(query: str) -> None:
    with pytest.raises(InvalidRequest):
        read_link(request(query=query))


@pytest.mark.parametrize(
    ("kind", "accept", "json_wanted"),
    [
        (FORM, None, False),
        (None, "text/html,application/xhtml+xml,*/*;q=0.8", False),
        (None, "*/*", False),
        (None, "application/json", True),
        (FORM, "application/json", True),
        (JSON, "text/html", True),
        (b"Application/JSON; charset=utf-8", None, True),
        (FORM, "text/html;q=0.1, application/json", True),
        (FORM, "image/png", False),
    ],
)
def test_who_gets_json(kind: bytes | None, accept: str | None, json_wanted: bool) -> None:  # noqa: FBT001
    headers = {"accept": accept} if accept else {}
    assert wants_json(request(kind=kind, **headers)) is json_wanted


@given(st.binary(max_size=200), st.sampled_from([FORM, JSON]))
def test_any_bytes_are_read_or_refused(body: bytes, kind: bytes) -> None:
    try:
        said = read_said(request(body, kind), PASSWORD)
    except Refusal:
        return
    assert said.keys() <= {each.name for each in PASSWORD.inputs}
