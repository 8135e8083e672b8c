"""The endpoints of the pages for people: a form for whoever comes, a flow for whoever fills it in.

Plain forms, no script, no cookie: nothing that a browser sends by itself proves anything. The same calls take and give
JSON. Looking changes nothing, because programs that scan mail follow links.
"""

from __future__ import annotations

from dataclasses import dataclass

from tokenhouse.audit.events import PEOPLE
from tokenhouse.endpoints.people import PeopleCorridor
from tokenhouse.http.page_table import Page
from tokenhouse.http.rendering import Rendering, done_json, problem_json
from tokenhouse.http.wishes import Said, read_link, read_said, repeatable, wants_json, wish_for
from tokenhouse.interaction.catalogue import negotiate, texts
from tokenhouse.interaction.moves import Move, Site
from tokenhouse.interaction.tickets import PARAMETER, Tickets
from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.exchange import HttpAnswer, HttpRequest
from tokenhouse.protocol.messages import Credentials
from tokenhouse.protocol.refusals import Insecure, Refusal
from tokenhouse.protocol.secret import Secret


@dataclass(frozen=True, slots=True)
class Pages:
    """What every page of a site works with."""

    site: Site
    corridor: PeopleCorridor
    tickets: Tickets
    rendering: Rendering


class PageEndpoint:
    """The route of one page."""

    def __init__(self, pages: Pages, page: Page, move: Move) -> None:
        self._pages = pages
        self._page = page
        self._move = move

    def open(self, request: HttpRequest) -> PageVisit:
        """Begin a visit."""
        return PageVisit(self._pages, self._page, self._move, request)


class PageVisit:
    """One request at one page."""

    __slots__ = (
        "_link",
        "_move",
        "_owner",
        "_page",
        "_pages",
        "_request",
        "_said",
        "_texts",
        "contract",
        "credentials",
        "operation",
        "tenant",
    )

    def __init__(self, pages: Pages, page: Page, move: Move, request: HttpRequest) -> None:
        self._pages = pages
        self._page = page
        self._move = move
        self._request = request
        self._texts = texts(_language(request))
        self._said: Said | None = None
        self._owner = ""
        self._link = ""
        self.contract = PEOPLE
        self.tenant = pages.site.tenant
        self.operation = page.operation
        self.credentials: Credentials | None = None

    async def answer(self) -> HttpAnswer:
        """Return the form, or do what it asks for."""
        if not self._request.secure:
            raise Insecure(Cause.INSECURE)
        if self._request.method != "POST":
            return await self._show()
        self._said = read_said(self._request, self._page)
        self._link = str(self._said.get(PARAMETER, ""))
        wish = wish_for(self._request, self._said, self._texts.language)
        if self._page.purpose is not None:
            await self._look(self._link)
        await self._pages.corridor.walk(self._move, self._pages.site, wish, writes=self._page.writes)
        if wants_json(self._request):
            return done_json(self._page.done, self._texts)
        return HttpAnswer(303, ((b"location", f"{self._pages.site.path}/done/{self._page.done}".encode()),), b"")

    async def _show(self) -> HttpAnswer:
        await self._pages.corridor.require_open(self._pages.site)
        if self._page.purpose is not None:
            self._link = read_link(self._request)
            await self._look(self._link)
        return self._pages.rendering.form(self._page, self._texts, owner=self._owner, link=self._link)

    async def _look(self, link: str) -> None:
        """Find whose address a link has proven, without using it up."""
        assert self._page.purpose is not None, "the caller has looked"
        ticket = await self._pages.tickets.require(
            self._pages.site, Secret(link), self._page.purpose, self._request.now
        )
        self._owner = ticket.email

    def refuse(self, refusal: Refusal) -> HttpAnswer:
        """Return the form again, with what was typed and what is wrong; or a page where there is no form to show."""
        rendering = self._pages.rendering
        if wants_json(self._request):
            return problem_json(refusal, rendering.problem(refusal, self._texts))
        if self._said is None or refusal.cause is Cause.BAD_LINK:
            return rendering.problem_page(self._page, self._texts, refusal, self._request.id)
        return rendering.form(
            self._page,
            self._texts,
            owner=self._owner,
            values=repeatable(self._said),
            link=self._link,
            refusal=refusal,
        )


class FixedEndpoint:
    """The route of a page that only says something: ``done`` names what, empty is the list of pages."""

    def __init__(self, pages: Pages, done: str = "") -> None:
        self._pages = pages
        self._done = done

    def open(self, request: HttpRequest) -> FixedVisit:
        """Begin a visit."""
        return FixedVisit(self._pages, self._done, request)


class FixedVisit:
    """One look at a page that only says something."""

    __slots__ = ("_done", "_pages", "_request", "contract", "credentials", "operation", "tenant")

    def __init__(self, pages: Pages, done: str, request: HttpRequest) -> None:
        self._pages = pages
        self._done = done
        self._request = request
        self.contract = ""
        self.tenant = pages.site.tenant
        self.operation = "document"
        self.credentials: Credentials | None = None

    async def answer(self) -> HttpAnswer:
        """Return the page."""
        said = texts(_language(self._request))
        return self._pages.rendering.done(self._done, said) if self._done else self._pages.rendering.index(said)

    def refuse(self, refusal: Refusal) -> HttpAnswer:
        """Return a bare status."""
        return HttpAnswer(refusal.status, (), b"")


def _language(request: HttpRequest) -> str:
    header = request.header(b"accept-language")
    return negotiate(header.decode("latin-1") if header else None)
