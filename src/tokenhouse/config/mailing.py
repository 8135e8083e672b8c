"""Mail and the pages for people, where their settings do not go together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from tokenhouse.config.addresses import is_loopback
from tokenhouse.config.contradiction import Contradiction
from tokenhouse.config.mailboxes import split_mail_url
from tokenhouse.config.settings import Config, Mail
from tokenhouse.written.marks import Keys

_OF_SERVER = ("authorities", "user", "password", "password_file")


def mailing(config: Config) -> Iterator[Contradiction]:
    """Yield everything about mail and the pages that does not go together."""
    yield from _way_out(config)
    if config.mail.url is not None:
        yield from _server(config.mail, development=config.development)
    yield from _pages(config)


def _way_out(config: Config) -> Iterator[Contradiction]:
    mail = config.mail
    if mail.url is not None and mail.folder is not None:
        yield Contradiction((("mail", "folder"), ("mail", "url")), "mail goes to a server or into a folder, not both")
    if mail.folder is not None and not config.development:
        yield Contradiction((("mail", "folder"), ("development",)), "mail into a folder is for development = true")
    if mail.url is None:
        for name in _OF_SERVER:
            if getattr(mail, name) is not None:
                yield Contradiction((("mail", name),), f"{name} is for a mail server", "url names one")


def _server(mail: Mail, *, development: bool) -> Iterator[Contradiction]:
    server = split_mail_url(mail.url or "")
    if mail.sender is None:
        yield Contradiction((("mail", "url"),), "mail needs a sender", 'write: sender = "id@example.com"')
    if mail.authorities is not None:
        yield from _authorities(mail.authorities)
    if mail.password is not None and mail.password_file is not None:
        yield Contradiction((("mail", "password_file"),), "the password and a file with it are both given")
    if (mail.user is None) != (mail.password is None and mail.password_file is None):
        yield Contradiction((("mail", "user"), ("mail", "password")), "user and password go together")
    if not mail.starttls and not server.tls_at_once and not development and not is_loopback(server.host):
        yield Contradiction(
            (("mail", "starttls"), ("mail", "url")),
            "mail carries links that open accounts: in the clear it goes to loopback only",
            "starttls = true, or smtps://",
        )


def _authorities(path: Path) -> Iterator[Contradiction]:
    import ssl

    try:
        ssl.create_default_context(cafile=path)
    except OSError as error:
        is_text = isinstance(error, ssl.SSLError)
        why = "there are no certificates in it" if is_text else error.strerror or type(error).__name__
        yield Contradiction((("mail", "authorities"),), f"cannot take authorities from {path}: {why}")


def _pages(config: Config) -> Iterator[Contradiction]:
    seen: set[tuple[str, str]] = set()
    for index, pages in enumerate(config.people):
        keys: Keys = ("people", index)
        if config.mail.url is None and config.mail.folder is None:
            about = (*keys, "sign_up") if pages.sign_up else keys
            hint = 'url = "smtp://…", or in development folder = "mail"'
            yield Contradiction((about, ("mail", "url")), "pages for people need [mail]", hint)
        if pages.url is not None and not pages.url.startswith("https:") and not config.development:
            yield Contradiction(((*keys, "url"),), "links lead to https outside development")
        host = urlsplit(pages.url or config.issuer).hostname or ""
        if pages.hosts and host not in pages.hosts:
            hint = "url says where people reach the pages"
            yield Contradiction(
                ((*keys, "hosts"), (*keys, "url")), f"links lead to {host}, which hosts leaves out", hint
            )
        places = {(host, pages.prefix) for host in pages.hosts or ("",)}
        if places & seen:
            yield Contradiction(((*keys, "prefix"), keys), "two tenants' pages are at the same place")
        seen |= places
