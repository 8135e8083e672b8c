"""Where mail goes: addresses of people, the mailbox it is from, the server it is handed to.

Spec: RFC 5321 §4.1.2 (dot-string local parts only), RFC 5890 for domains that are not ASCII.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple
from urllib.parse import urlsplit

from tokenhouse.config.addresses import is_host

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_NAMED = re.compile(r'(?P<name>[^<>"\\]+) <(?P<address>[^<>]+)>')
_LONGEST_LOCAL, _LONGEST = 64, 254
_URL = re.compile(r"(?P<scheme>smtps?)://(?P<rest>[!-~]+)")


class MailServer(NamedTuple):
    """A server that mail is handed to; ``tls_at_once``: encrypted from the first byte (smtps)."""

    host: str
    port: int
    tls_at_once: bool


def read_mail_address(text: str) -> str:
    """Return an e-mail address in ASCII, its domain as A-labels in lower case.

    Nothing that passes can end a header or begin another one.

    Raises:
        ValueError: it is none; the text is not repeated.

    """
    local, at, domain = text.rpartition("@") if len(text) <= _LONGEST else ("", "", "")
    host = domain.lower() if domain.isascii() else _a_labels(domain)
    sound = at and _LOCAL.fullmatch(local) is not None and len(local) <= _LONGEST_LOCAL and is_host(host, v6=False)
    # Four numbers are an address of a machine; mail goes to domains.
    if not sound or host.rpartition(".")[2].isdigit() or len(local) + len(host) + 1 > _LONGEST:
        raise ValueError("expected an e-mail address such as alice@example.com")
    return f"{local}@{host}"


def _a_labels(domain: str) -> str:
    """Return a domain that is not ASCII as A-labels, empty if they do not lead back to it.

    The codec is IDNA 2003's, which turns some letters into others; whoever has the other domain would get the mail.
    """
    try:
        host = domain.encode("idna").decode().lower()
        is_the_same = host.encode().decode("idna") == unicodedata.normalize("NFC", domain.lower())
    except UnicodeError:
        return ""
    return host if is_the_same else ""


def split_mailbox(text: str) -> tuple[str, str]:
    """Return the name, possibly empty, and the address of a mailbox such as ``Name <id@example.com>``.

    Raises:
        ValueError: it is none.

    """
    named = _NAMED.fullmatch(text) if text.isprintable() else None
    if named is not None and named["name"].strip() == named["name"]:
        return named["name"], read_mail_address(named["address"])
    return "", read_mail_address(text)


def read_mailbox(value: object) -> str:
    """Return a mailbox as it is written.

    Raises:
        ValueError: it is none.

    """
    if not isinstance(value, str):
        raise ValueError("expected a string")  # noqa: TRY004  one exception for all that a reader refuses
    split_mailbox(value)
    return value


def split_mail_url(text: str) -> MailServer:
    """Return the server of ``smtp://host:port`` or ``smtps://host:port``; without a port 587 or 465.

    Raises:
        ValueError: it is neither.

    """
    match = _URL.fullmatch(text)
    problem = ValueError('expected "smtp://host:587" (STARTTLS) or "smtps://host:465"')
    if match is None:
        raise problem
    try:
        parts = urlsplit(text)
        port = parts.port or (465 if match["scheme"] == "smtps" else 587)
    except ValueError:
        raise problem from None
    host = parts.hostname or ""
    if "@" in match["rest"]:
        raise ValueError("user and password are settings of their own")
    if set("/?#") & set(match["rest"]) or not is_host(host, v6=":" in host):
        raise problem
    return MailServer(host, port, tls_at_once=match["scheme"] == "smtps")


def read_mail_url(value: object) -> str:
    """Return the URL of a mail server.

    Raises:
        ValueError: it is none.

    """
    if not isinstance(value, str):
        raise ValueError("expected a string")  # noqa: TRY004  one exception for all that a reader refuses
    split_mail_url(value)
    return value
