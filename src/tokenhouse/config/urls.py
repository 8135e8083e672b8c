"""URLs that are called: one form, read once, used in parts, so that no two readers disagree about whom one names."""

from __future__ import annotations

import re
from typing import NamedTuple

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_URL = re.compile(
    rf"(?P<scheme>https?)://(?P<host>{_LABEL}(?:\.{_LABEL})*|\[[0-9a-f:.]+\])(?::(?P<port>[1-9][0-9]{{0,4}}))?"
    r"(?P<target>/[A-Za-z0-9._~!$&'()*+,;=:@/%-]*(?:\?[A-Za-z0-9._~!$&'()*+,;=:@/?%-]*)?)?"
)
_PORTS = {"https": 443, "http": 80}
_HIGHEST_PORT = 65_535
_LONGEST_URL, _LONGEST_HOST = 16_384, 253


class Url(NamedTuple):
    """An URL in parts. ``host`` is in lower case, with its brackets if it is an IPv6 address."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def place(self) -> str:
        """``host:port``, the port always said."""
        return f"{self.host}:{self.port}"

    @property
    def authority(self) -> str:
        """The host as a Host header has it."""
        return self.host if self.port == _PORTS[self.scheme] else self.place


def split_url(text: str) -> Url:
    """Return the parts of an absolute http(s) URL without user name and fragment, its host in lower case.

    Raises:
        ValueError: it is written in any other way.

    """
    match = _URL.fullmatch(text) if len(text) <= _LONGEST_URL else None
    if match is None or len(match["host"]) > _LONGEST_HOST or int(match["port"] or 1) > _HIGHEST_PORT:
        raise ValueError('expected an absolute URL such as "https://api.example.com/me", its host in lower case')
    port = int(match["port"] or _PORTS[match["scheme"]])
    return Url(match["scheme"], match["host"], port, match["target"] or "/")


def read_endpoint(value: object) -> str:
    """Return an URL that this server calls.

    Raises:
        ValueError: see `split_url`.

    """
    text = value if isinstance(value, str) else ""
    split_url(text)
    return text
