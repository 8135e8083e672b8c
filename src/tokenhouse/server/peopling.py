"""The pages for people, put together: mail on its way out, flows, routes, as ``[mail]`` and ``[[people]]`` say."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable
from datetime import datetime
from urllib.parse import urlsplit

from tokenhouse.config.mailboxes import split_mail_url
from tokenhouse.config.settings import Config, Mail
from tokenhouse.config.settings import People as PeopleSettings
from tokenhouse.endpoints.people import PeopleCorridor
from tokenhouse.http.page_table import PAGES
from tokenhouse.http.pages import FixedEndpoint, PageEndpoint, Pages
from tokenhouse.http.rendering import Rendering
from tokenhouse.http.routing import Router
from tokenhouse.interaction.budgets import MailBudgets, MailLimits
from tokenhouse.interaction.changing import Changing
from tokenhouse.interaction.moves import Move, Site
from tokenhouse.interaction.resetting import Resetting
from tokenhouse.interaction.signing_up import SigningUp
from tokenhouse.interaction.tickets import Tickets
from tokenhouse.mail.carriers import Carrier, FolderCarrier, SmtpCarrier
from tokenhouse.mail.outbox import Note, Outbox
from tokenhouse.protocol.contract import CredentialForm, Mount
from tokenhouse.server.rooms import Rooms

_FOLDER_SENDER = "tokenhouse@localhost"


def open_outbox(config: Config, clock: Callable[[], datetime], note: Note) -> Outbox | None:
    """Return the way out for mail, None if there is none."""
    mail = config.mail
    carrier = _carrier(mail, urlsplit(config.issuer).hostname or "localhost")
    sender = mail.sender or _FOLDER_SENDER
    return Outbox(carrier, sender, clock, note, places=mail.queue) if carrier else None


def _carrier(mail: Mail, name: str) -> Carrier | None:
    if mail.folder is not None:
        return FolderCarrier(mail.folder)
    if mail.url is None:
        return None
    return SmtpCarrier(
        server=split_mail_url(mail.url),
        starttls=mail.starttls,
        context=ssl.create_default_context(cafile=mail.authorities),
        user=mail.user,
        password=mail.password,
        timeout=mail.timeout.total_seconds(),
        name=name,
    )


def add_people(router: Router, config: Config, rooms: Rooms, outbox: Outbox, mounts: Iterable[Mount]) -> None:
    """Add the routes of every ``[[people]]``.

    Raises:
        RouteConflict: somebody else has one of them.

    """
    mounts = tuple(mounts)
    tickets = Tickets(rooms.store, rooms.keys.digest)
    moves = _moves(config, rooms, tickets)
    corridor = PeopleCorridor(rooms.store, outbox)
    for settings in config.people:
        site = site_of(settings, config, mounts)
        pages = Pages(site, corridor, tickets, Rendering(site, rooms.passwords.min_length))
        _add_site(router, settings, pages, moves)


def site_of(settings: PeopleSettings, config: Config, mounts: Iterable[Mount]) -> Site:
    """Return the site that ``settings`` describe."""
    return Site(
        tenant=settings.tenant,
        name=settings.name,
        url=(settings.url or config.issuer).rstrip("/") + settings.prefix,
        sign_up=settings.sign_up,
        reset=settings.reset,
        reset_ttl=settings.reset_ttl,
        link_ttl=settings.link_ttl,
        user_id=_user_id_form(settings.tenant, mounts),
    )


def _user_id_form(tenant: str, mounts: Iterable[Mount]) -> CredentialForm | None:
    """Return how the tenant's one contract spells the ids of people; with several contracts there is no telling."""
    own = [mount.contract for mount in mounts if mount.tenant == tenant]
    return own[0].credentials.get("user_id") if len(own) == 1 else None


def _moves(config: Config, rooms: Rooms, tickets: Tickets) -> dict[str, Move]:
    mail = config.mail
    window = int(mail.limit_window.total_seconds())
    limits = MailLimits(mail.per_address, mail.per_source, window, config.limits.account_guesses)
    budgets = MailBudgets(rooms.store, rooms.guesses.budget, limits)
    signing_up = SigningUp(rooms.store, tickets, budgets, rooms.passwords)
    resetting = Resetting(rooms.store, rooms.people, tickets, budgets, rooms.passwords)
    changing = Changing(rooms.store, rooms.people, tickets, budgets, rooms.passwords)
    return {
        "sign_up": signing_up.ask,
        "sign_up_confirm": signing_up.finish,
        "reset": resetting.ask,
        "reset_confirm": resetting.finish,
        "password": changing.password,
        "email": changing.ask_email,
        "email_confirm": changing.confirm_email,
        "sign_out": changing.sign_out,
    }


def _add_site(router: Router, settings: PeopleSettings, pages: Pages, moves: dict[str, Move]) -> None:
    fixed = {settings.prefix or "/": ""}
    for page in PAGES.values():
        if not page.is_at(pages.site):
            continue
        endpoint = PageEndpoint(pages, page, moves[page.operation])
        for method in ("GET", "HEAD", "POST"):
            router.add(method, settings.prefix + page.path, endpoint, settings.hosts)
        fixed[f"{settings.prefix}/done/{page.done}"] = page.done
    for path, done in fixed.items():
        for method in ("GET", "HEAD"):
            router.add(method, path, FixedEndpoint(pages, done), settings.hosts)
