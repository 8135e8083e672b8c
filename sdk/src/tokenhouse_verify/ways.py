"""Ways: which places of a request are looked at, and what is made of what stands there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple
from urllib.parse import unquote_to_bytes

from tokenhouse_verify.compact import MAX_TOKEN_BYTES
from tokenhouse_verify.credential import KINDS, STANDARD, Credential, Kind
from tokenhouse_verify.errors import InvalidRequest, Reason

MAX_VALUE_BYTES: Final = 1024
"""Of an id, a client's secret, a device's key; a token may have 16 KiB."""

MAX_PARAMETERS: Final = 256
_MAX_SCHEME: Final = 64
_B64TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # RFC 6750 §2.1
_VISIBLE = re.compile(r"[\x21-\x7e]+")
_TEXT = re.compile(r"[\x20-\x7e]+")
BESIDE: Final[dict[Kind, str | None]] = {"token": None, "client_secret": "client_id", "device_key": "device"}
"""The credentials, and the role that says whose one is."""


class Place(NamedTuple):
    """A header, a field of the query or a cookie. Names of headers are lower case, with ``-`` for ``_``."""

    where: Literal["header", "query", "cookie"]
    name: str


@dataclass(frozen=True, slots=True)
class Source:
    """A place and how the value is spelled there: behind a ``scheme``, or with a prefix that may be left out."""

    place: Place
    scheme: str | None = None
    strip: str = ""

    def read(self, value: str) -> str | None:
        """Return what ``value`` says, None if it is another scheme's."""
        if self.scheme is None:
            return value.removeprefix(self.strip)
        word, _, rest = value.partition(" ")
        return rest.lstrip(" ") if word.lower() == self.scheme else None


@dataclass(frozen=True, slots=True)
class Used:
    """A way that a request uses, and the places where it does."""

    credential: Credential
    places: frozenset[Place]


@dataclass(frozen=True, slots=True)
class Way:
    """One way to present a credential: every role is there, or the way is not used.

    The sources of a role are alternatives. ``contract`` is whose way it is.
    """

    roles: Mapping[str, tuple[Source, ...]]
    contract: str = STANDARD

    @property
    def kind(self) -> Kind:
        """What is presented in this way."""
        return next(kind for kind in KINDS if kind in self.roles)

    @property
    def places(self) -> frozenset[Place]:
        """Every place that is looked at."""
        return frozenset(source.place for sources in self.roles.values() for source in sources)

    def find(self, presented: Mapping[Place, str]) -> Used | None:
        """Return the credential, None if the way is not used.

        Raises:
            InvalidRequest: a value cannot be what it should be, or alternatives differ.

        """
        found = {role: self._value(role, presented) for role in self.roles}
        if None in found.values():
            return None
        values = {role: read[0] for role, read in found.items() if read is not None}
        places = frozenset(place for read in found.values() if read is not None for place in read[1])
        beside = BESIDE[self.kind]
        identifier = None if beside is None else values.get(beside)
        return Used(Credential(self.kind, values[self.kind], identifier, self.contract), places)

    def _value(self, role: str, presented: Mapping[Place, str]) -> tuple[str, list[Place]] | None:
        """Return what the sources have and where; the first one that reads a place decides what stands there."""
        found: dict[Place, str] = {}
        for source in self.roles[role]:
            value = presented.get(source.place, "")
            read = source.read(value) if value and source.place not in found else None
            if read is not None:
                found[source.place] = self._require(role, read)
        if len(set(found.values())) > 1:
            raise InvalidRequest(Reason.REPEATED)
        return (next(iter(found.values())), list(found)) if found else None

    def _require(self, role: str, value: str) -> str:
        if len(value) > (MAX_TOKEN_BYTES if role == "token" else MAX_VALUE_BYTES):
            raise InvalidRequest(Reason.TOO_LARGE)
        form = _TEXT if role != "token" else _B64TOKEN if self.contract == STANDARD else _VISIBLE
        if form.fullmatch(value) is None:
            raise InvalidRequest(Reason.MALFORMED)
        return value


def header(name: str) -> Place:
    """Return the place of a header, however its name is written."""
    return Place("header", name.lower().replace("_", "-"))


def read_places(wanted: frozenset[Place], headers: Iterable[tuple[bytes, bytes]], query: bytes) -> Mapping[Place, str]:
    """Return what stands at the places that are ``wanted``, and nothing else. ``headers`` are pairs as in ASGI.

    Raises:
        InvalidRequest: a place occurs twice, is too large, or the query or the cookies have too many fields.

    """
    found: dict[Place, str] = {}
    for place, raw in _pairs({place.where for place in wanted}, headers, query):
        if place not in wanted:
            continue
        if place in found:
            raise InvalidRequest(Reason.REPEATED)
        if len(raw) > MAX_TOKEN_BYTES + _MAX_SCHEME:
            raise InvalidRequest(Reason.TOO_LARGE)
        found[place] = raw.decode("latin-1")
    return found


def _pairs(wheres: set[str], headers: Iterable[tuple[bytes, bytes]], query: bytes) -> Iterable[tuple[Place, bytes]]:
    for name, value in headers:
        yield header(name.decode("latin-1")), value.strip(b" \t")
        if "cookie" in wheres and name.lower() == b"cookie":
            for field, text in _fields(value, b";"):
                yield Place("cookie", field.strip(b" \t").decode("latin-1")), text.strip(b" \t")
    if "query" in wheres and query:
        for field, text in _fields(query.replace(b"+", b" "), b"&"):
            yield Place("query", unquote_to_bytes(field).decode("latin-1")), unquote_to_bytes(text)


def _fields(raw: bytes, separator: bytes) -> Iterable[tuple[bytes, bytes]]:
    if raw.count(separator) >= MAX_PARAMETERS:
        raise InvalidRequest(Reason.TOO_LARGE)
    for part in raw.split(separator):
        name, _, value = part.partition(b"=")
        yield name, value
