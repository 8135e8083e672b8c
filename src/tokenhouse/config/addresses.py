"""Addresses as the configuration writes them: listeners, networks, issuers, hosts, path prefixes."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_PORT = re.compile(r"0|[1-9][0-9]{0,4}")
_PREFIX = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+")
_URL = re.compile(r"[!-~]+")
_HIGHEST_PORT = 65_535
_LONGEST_HOST = 253


def split_bind(bind: str) -> tuple[str, int]:
    """Return host and port of ``host:port`` or ``[v6]:port``; port 0 lets the system choose.

    Raises:
        ValueError: it is neither.

    """
    host, colon, port = bind.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    host = host[1:-1] if bracketed else host
    if not colon or _PORT.fullmatch(port) is None or int(port) > _HIGHEST_PORT or not is_host(host, v6=bracketed):
        raise ValueError('expected host:port, such as "127.0.0.1:8400" or "[::1]:8400"')
    return host, int(port)


def is_host(host: str, *, v6: bool) -> bool:
    """Return whether ``host`` is an address of that version of IP, or a name."""
    try:
        return ip_address(host).version == (6 if v6 else 4)
    except ValueError:
        # What looks like an address but is none (999.1.1.1) is no host name either.
        numeric = host.replace(".", "").isdigit()
        return not v6 and not numeric and len(host) <= _LONGEST_HOST and _HOST.fullmatch(host) is not None


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches ``host``; names other than ``localhost`` are not looked up."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def read_bind(value: object) -> str:
    """Return a listener's address.

    Raises:
        ValueError: it is not ``host:port``.

    """
    text = _text(value)
    split_bind(text)
    return text


def read_network(value: object) -> str:
    """Return a CIDR block in its usual spelling; a bare address is a block of one.

    Raises:
        ValueError: it is none, or has bits set beyond its length.

    """
    try:
        return str(ip_network(_text(value)))
    except ValueError:
        raise ValueError('expected a network such as "10.0.0.0/8" or "fd00::/8", no bits beyond the length') from None


def read_url(value: object) -> str:
    """Return an absolute http(s) URL without credentials, query or fragment.

    Raises:
        ValueError: it is none.

    """
    text = _text(value)
    try:
        parts = urlsplit(text)
        sound = bool(parts.hostname) and parts.scheme in {"http", "https"} and (parts.port or 1) <= _HIGHEST_PORT
    except ValueError:
        sound = False
    if not sound or _URL.fullmatch(text) is None or not text.startswith(("http://", "https://")):
        raise ValueError('expected an absolute URL such as "https://id.example.com"')
    if "?" in text or "#" in text or "@" in parts.netloc:
        raise ValueError("the URL must have no user name, no query and no fragment")
    return text


def read_local_place(value: object) -> str:
    """Return ``host:port`` of a place on this machine.

    Raises:
        ValueError: it is elsewhere, or none.

    """
    text = _text(value)
    host, port = split_bind(text)
    if not is_loopback(host) or not port:
        raise ValueError('expected a place on this machine, such as "127.0.0.1:9000"')
    return text


def read_issuer(value: object) -> str:
    """Return an issuer: a URL that ends in no slash, so that well-known paths have one spelling.

    Spec: RFC 8414 §2.

    Raises:
        ValueError: it is none.

    """
    text = read_url(value)
    if text.endswith("/"):
        raise ValueError("the issuer must not end in a slash")
    return text


def read_host(value: object) -> str:
    """Return a host name or address in lower case, without a port.

    Raises:
        ValueError: it is none.

    """
    text = _text(value).lower()
    bracketed = text.startswith("[") and text.endswith("]")
    if not is_host(text[1:-1] if bracketed else text, v6=bracketed):
        raise ValueError('expected a host name without a port, such as "api.example.com"')
    return text


def read_prefix(value: object) -> str:
    """Return a path prefix, empty or ``/segment…`` without a slash at the end.

    Raises:
        ValueError: it is neither.

    """
    text = _text(value)
    if text and _PREFIX.fullmatch(text) is None:
        raise ValueError('expected a path prefix such as "/acme": begins with "/", ends without, plain characters')
    return text


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("expected a string")  # noqa: TRY004  one exception for all that a reader refuses
    return value
