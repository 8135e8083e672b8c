"""Rendering: a page from its template, with a content security policy that lets nothing in but its own style."""

from __future__ import annotations

import base64
import os
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from tokenhouse.http.page_table import MAILED, PAGES, Page
from tokenhouse.interaction.catalogue import Texts
from tokenhouse.interaction.moves import Site
from tokenhouse.protocol.causes import Cause, ancestry
from tokenhouse.protocol.exchange import Headers, HttpAnswer
from tokenhouse.protocol.refusals import Refusal
from tokenhouse.wire.writing import json_object

_POLICY = "default-src 'none'; style-src 'nonce-{}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
_NONCE_BYTES = 16
_SHAPELESS = frozenset({Cause.MALFORMED, Cause.UNACCEPTABLE})

_JSON: Headers = ((b"content-type", b"application/json"),)


class Rendering:
    """Renders the pages of one site. ``least_password`` is said beside every new password, in characters."""

    def __init__(self, site: Site, least_password: int) -> None:
        self._site = site
        self._least = least_password
        self._templates = Environment(
            loader=PackageLoader("tokenhouse.http"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def index(self, said: Texts) -> HttpAnswer:
        """Return the list of pages."""
        pages = (page for page in PAGES.values() if page.purpose is None and page.is_at(self._site))
        return self._page("index.html", said, 200, ways=[_way(page, said) for page in pages])

    def done(self, done: str, said: Texts) -> HttpAnswer:
        """Return what is said when something is done."""
        title = said.say("done.mailed_title" if done in MAILED else "done.title")
        return self._page("message.html", said, 200, title=title, message=said.say(f"done.{done}"))

    def form(self, page: Page, said: Texts, *, owner: str = "", **facts: Any) -> HttpAnswer:
        """Return a form. ``facts``: ``values`` to show again, ``link``, ``refusal`` that was the answer to them."""
        refusal: Refusal | None = facts.get("refusal")
        wrong = next((each for each in page.inputs if refusal and each.name == refusal.field), None)
        return self._page(
            "form.html",
            said,
            status(refusal) if refusal else 200,
            *_waiting(refusal),
            title=said.say(f"{page.operation}.title"),
            lead=said.say(f"{page.operation}.lead", email=owner),
            button=said.say(f"{page.operation}.button"),
            action=self._site.path + page.path,
            inputs=page.inputs,
            values=facts.get("values", {}),
            link=facts.get("link", ""),
            owner=owner if any(each.kind == "password" for each in page.inputs) else "",
            problem=self.problem(refusal, said) if refusal else "",
            wrong=wrong,
            least=self._least,
        )

    def problem_page(self, page: Page, said: Texts, refusal: Refusal, incident: str) -> HttpAnswer:
        """Return a page that says what is wrong where there is no form to say it in."""
        message = self.problem(refusal, said)
        again = _way(PAGES[page.again], said) if page.again else _way(page, said)
        return self._page(
            "message.html",
            said,
            status(refusal),
            *_waiting(refusal),
            title=said.say("page.problem"),
            message=message,
            is_problem=True,
            incident=incident,
            again=again,
        )

    def problem(self, refusal: Refusal, said: Texts) -> str:
        """Return what is wrong, in words for the person."""
        cause = refusal.public_cause
        own = f"problem.{refusal.field}_malformed"
        if cause in _SHAPELESS and said.has(own):
            return said.say(own)
        known = (f"problem.{each.value}" for each in ancestry(cause))
        return said.say(next(key for key in known if said.has(key)), least=self._least)

    def _page(self, name: str, said: Texts, status: int, *headers: tuple[bytes, bytes], **facts: Any) -> HttpAnswer:
        nonce = base64.b64encode(os.urandom(_NONCE_BYTES)).decode()
        given = {"is_problem": False, "incident": "", "again": None} | facts
        text = self._templates.get_template(name).render(
            site=self._site, language=said.language, say=said.say, has=said.has, nonce=nonce, **given
        )
        always = (
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-language", said.language.encode()),
            (b"content-security-policy", _POLICY.format(nonce).encode()),
            (b"cross-origin-opener-policy", b"same-origin"),
        )
        return HttpAnswer(status, (*always, *headers), text.encode())


def done_json(done: str, said: Texts) -> HttpAnswer:
    """Return to a program what is done."""
    return HttpAnswer(200, _JSON, json_object({"done": done, "message": said.say(f"done.{done}")}))


def problem_json(refusal: Refusal, message: str) -> HttpAnswer:
    """Return to a program what is wrong: a registered code, the cause, the field, and words for the person."""
    members: dict[str, str | int | None] = {
        "error": refusal.code,
        "error_description": refusal.description,
        "reason": refusal.public_cause.value,
        "message": message,
    }
    if refusal.field is not None:
        members["field"] = refusal.field
    return HttpAnswer(status(refusal), (*_JSON, *_waiting(refusal)), json_object(members))


def status(refusal: Refusal) -> int:
    """Return the status of a refusal: a link is no token of RFC 6750, so there is no challenge to send with a 401."""
    return 400 if refusal.cause is Cause.BAD_LINK else refusal.status


def _waiting(refusal: Refusal | None) -> Headers:
    if refusal is None or refusal.retry_after is None:
        return ()
    return ((b"retry-after", b"%d" % refusal.retry_after),)


def _way(page: Page, said: Texts) -> dict[str, str]:
    return {"path": page.path, "title": said.say(f"{page.operation}.title")}
