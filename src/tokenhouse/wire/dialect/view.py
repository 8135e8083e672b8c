"""One request as expressions see it: places are looked up when they are first named.

A view belongs to one conversation. While a refusal is being said (``telling``), a place that cannot be read is absent
instead of malformed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.exchange import HttpRequest
from tokenhouse.protocol.messages import TokenResponse
from tokenhouse.protocol.refusals import InvalidRequest, Refusal
from tokenhouse.wire.basic import read_basic_token
from tokenhouse.wire.dialect.scope import Path, walk
from tokenhouse.wire.dialect.values import ABSENT, LIST_LIMIT
from tokenhouse.wire.form import Fields, read_query

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


class View:
    """A request, what was read from it, and later what it is answered with."""

    __slots__ = (
        "_basic",
        "_headers",
        "_query",
        "budget",
        "data",
        "kind",
        "lets",
        "locals",
        "read",
        "refusal",
        "request",
        "response",
        "server",
        "status",
        "telling",
    )

    def __init__(self, request: HttpRequest, server: Mapping[str, Any]) -> None:
        self.request = request
        self.server = server
        self.kind = ""
        self.data: Any = None
        self.read: dict[str, Any] = {}
        self.lets: dict[str, Any] = {}
        self.locals: dict[str, Any] = {}
        self.budget = LIST_LIMIT
        self.response: TokenResponse | None = None
        self.refusal: Refusal | None = None
        self.status = 200
        self.telling = False
        self._headers: dict[bytes, list[bytes]] | None = None
        self._query: Fields | None = None
        self._basic: Any = None

    def malformed(self, field: str) -> Any:
        """Refuse the request because of ``field``; absent while a refusal is being said."""
        if self.telling:
            return ABSENT
        raise InvalidRequest(Cause.MALFORMED, field=field)

    def query(self) -> Fields:
        """Return the fields of the query."""
        if self._query is None:
            try:
                self._query = read_query(self.request.query)
            except Refusal:
                if not self.telling:
                    raise
                self._query = {}
        return self._query

    def form(self) -> Fields:
        """Return the fields of a form body, none if the body is something else."""
        return self.data if self.kind == "form" else {}

    def one(self, fields: Fields, name: str) -> Any:
        """Return the only value of a field."""
        values = fields.get(name)
        if values is None:
            return ABSENT
        return values[0] if len(values) == 1 else self.malformed(name)

    def all_of(self, fields: Fields) -> Any:
        """Return all fields as an object; a repeated one is malformed."""
        return {name: self.one(fields, name) for name in fields}

    def param(self, name: str) -> Any:
        """Return a field of query or form; both with different values are malformed."""
        query, form = self.one(self.query(), name), self.one(self.form(), name)
        if query is ABSENT or form is ABSENT or query == form:
            return form if query is ABSENT else query
        return self.malformed(name)

    def headers(self) -> dict[bytes, list[bytes]]:
        """Return the values of each header, ``-`` in the names written ``_``."""
        if self._headers is None:
            found: dict[bytes, list[bytes]] = {}
            for key, value in self.request.headers:
                found.setdefault(key.replace(b"-", b"_"), []).append(value)
            self._headers = found
        return self._headers

    def header(self, name: bytes) -> Any:
        """Return a header, its name with ``_`` for ``-``; a repeated one is malformed.

        An Authorization header that cannot be read names nobody: that is the client's fault, not the message's.
        """
        found = self.headers().get(name)
        if found is None:
            return ABSENT
        if name == b"authorization" and (len(found) > 1 or not found[0].isascii()):
            return ABSENT
        if len(found) > 1:
            return self.malformed(name.decode())
        try:
            return found[0].decode()
        except UnicodeDecodeError:
            return self.malformed(name.decode())

    def authorization(self, scheme: str) -> Any:
        """Return what stands behind an Authorization scheme; a repeated header has none."""
        found = self.headers().get(b"authorization")
        if found is None or len(found) != 1 or not found[0].isascii():
            return ABSENT
        word, space, rest = found[0].decode().partition(" ")
        return rest if space and word.lower() == scheme else ABSENT

    def basic(self) -> tuple[str, str] | None:
        """Return the Basic credentials, None if there are none that can be read."""
        if self._basic is None:
            token = self.authorization("basic")
            self._basic = (None if token is ABSENT else read_basic_token(token)) or ABSENT
        return None if self._basic is ABSENT else self._basic

    def json(self, path: Path) -> Any:
        """Return a member of a JSON body."""
        return walk(self.data, path) if self.kind == "json" else ABSENT

    def xml(self, path: Path) -> Any:
        """Return the text of a descendant of the root, or an attribute (``@name``)."""
        if self.kind != "xml":
            return ABSENT
        element: Element = self.data
        for key in path:
            if str(key).startswith("@"):
                return next((v for k, v in element.items() if k.rpartition("}")[2] == str(key)[1:]), ABSENT)
            children = [child for child in element if child.tag.rpartition("}")[2] == key]
            if not children:
                return ABSENT
            if len(children) > 1:
                return self.malformed(str(key))
            (element,) = children
        if len(element):
            return {}
        return ABSENT if element.get(_NIL) in {"true", "1"} else element.text or ""

    def body(self, path: Path) -> Any:
        """Return a top-level field, member or child element, whichever reader read the body."""
        if self.kind == "form":
            return self.one(self.data, str(path[0])) if len(path) == 1 else ABSENT
        return self.xml(path) if self.kind == "xml" else self.json(path)
