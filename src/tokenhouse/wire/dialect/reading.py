"""Body readers: which content types an operation accepts, and how a body is read.

Spec: the dialect language, section 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import InvalidRequest, UnsupportedMediaType
from tokenhouse.wire.dialect.complaint import Code
from tokenhouse.wire.dialect.desk import Desk, Keys
from tokenhouse.wire.dialect.view import View
from tokenhouse.wire.form import read_form
from tokenhouse.wire.json_body import read_json
from tokenhouse.wire.media import media_type
from tokenhouse.wire.xml_body import read_xml

_TYPES: Final[dict[str, tuple[str, ...]]] = {
    "json": ("application/json",),
    "form": ("application/x-www-form-urlencoded",),
    "xml": ("application/xml", "text/xml"),
    "text": ("text/plain",),
}
"""Body readers and the content types that they take unless the file says otherwise."""


_BODILESS: Final = frozenset({"GET", "HEAD", "DELETE"})
"""Methods that are called without a body as a rule."""


@dataclass(frozen=True, slots=True)
class Reader:
    """One body reader; ``root`` and ``namespace`` are what an XML document must have."""

    name: str
    root: str | None = None
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """Media types and their readers; ``""`` stands for a missing content type, ``*`` for any."""

    readers: dict[str, Reader]

    @property
    def names(self) -> frozenset[str]:
        """The readers that may be used."""
        return frozenset(reader.name for reader in self.readers.values())

    def together(self, other: Reading) -> Reading:
        """Return what either accepts."""
        return Reading({**other.readers, **self.readers})

    def read(self, view: View) -> None:
        """Read the body of a request into its view.

        Raises:
            UnsupportedMediaType: the content type is not accepted.
            InvalidRequest: the body is not what it claims to be, or says twice what it is.

        """
        request = view.request
        if not request.body and request.method in _BODILESS:
            return  # some clients name a content type all the same
        found = [value for name, value in request.headers if name == b"content-type"]
        if len(found) > 1:
            raise InvalidRequest(Cause.MALFORMED)
        kind = media_type(found[0] if found else None)[0]
        reader = self.readers.get(kind) or self.readers.get("*")
        if reader is None:
            raise UnsupportedMediaType(Cause.UNSUPPORTED_MEDIA)
        view.data = _read(reader, request.body)
        view.kind = reader.name


def _read(reader: Reader, body: bytes) -> Any:
    if reader.name == "json":
        return read_json(body)
    if reader.name == "form":
        return read_form(body)
    if reader.name == "xml":
        return read_xml(body, root=reader.root, namespace=reader.namespace)
    return body


def compile_accept(desk: Desk, keys: Keys, value: Any) -> Reading:
    """Return what ``accept`` says: a list of readers, or a table from readers to content types."""
    if isinstance(value, list):
        names = [name for name in desk.texts(keys, value) if _is_known(desk, keys, name)]
        return Reading({kind: Reader(name) for name in names for kind in _TYPES[name]})
    if not isinstance(value, dict):
        desk.refuse(keys, Code.WRONG_KIND, "accept takes a list of readers or a table")
        return Reading({})
    readers: dict[str, Reader] = {}
    for name, types in value.items():
        here = (*keys, name)
        if not _is_known(desk, here, name):
            continue
        told: dict[str, Any] = {"types": types} if isinstance(types, list) else desk.table(here, types, "reader")
        reader = Reader(name, told.get("root"), told.get("namespace"))
        for kind in desk.texts(here, told.get("types", [])):
            if readers.setdefault(kind.lower(), reader) is not reader:
                desk.refuse(here, Code.READER, f"{kind} is read by {readers[kind.lower()].name} already")
    return Reading(readers)


def _is_known(desk: Desk, keys: Keys, name: str) -> bool:
    if name in _TYPES:
        return True
    if name == "multipart":
        desk.refuse(keys, Code.NOT_YET, "multipart is not supported by this version yet")
    else:
        desk.refuse(keys, Code.READER, f"unknown reader {name!r}", hint=f"one of: {', '.join(_TYPES)}")
    return False
