"""XML bodies: UTF-8, no document type, no entities of their own, bounded in depth and number.

Spec: XML 1.0 (Fifth Edition), Namespaces in XML 1.0.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import InvalidRequest
from tokenhouse.wire.limits import FIELDS, XML_DEPTH
from tokenhouse.wire.text import require_clean

_DECLARED = re.compile(r"\ufeff?<\?xml\s[^>]*?\bencoding\s*=\s*[\"']([^\"']*)[\"']")


def read_xml(body: bytes, *, root: str | None = None, namespace: str | None = None) -> Element:
    """Return the root element; ``root`` is the local name it must have, ``namespace`` its namespace ("" for none).

    Raises:
        InvalidRequest: not well-formed, not UTF-8, a document type, another root, too deep or too many elements.
        TooLarge: a text or attribute is longer than a value may be.

    """
    document = _parsed(body)
    if document is None:
        raise InvalidRequest(Cause.MALFORMED)
    space, _, local = document.tag.rpartition("}")
    if (root is not None and local != root) or (namespace is not None and space.removeprefix("{") != namespace):
        raise InvalidRequest(Cause.MALFORMED)
    _require_sound(document)
    return document


def _parsed(body: bytes) -> Element | None:
    """Return the root element, None for what the parser refuses: its error, which quotes, is not handed on."""
    try:
        text = body.decode()
        declared = _DECLARED.match(text)
        # NUL first: the parser takes it as a sign of UTF-16, whatever it is told.
        if "\0" in text or (declared is not None and declared[1].lower() != "utf-8"):
            return None
        document: Element = ElementTree.fromstring(text.removeprefix("\ufeff"), forbid_dtd=True)
    except (ValueError, ParseError):
        return None
    return document


def _require_sound(document: Element) -> None:
    level = [document]
    count = depth = 0
    while level:
        count += len(level)
        depth += 1
        if depth > XML_DEPTH or count > FIELDS:
            raise InvalidRequest(Cause.MALFORMED)
        for element in level:
            for text in (
                element.tag,
                element.text or "",
                element.tail or "",
                *element.keys(),
                *element.attrib.values(),
            ):
                require_clean(text)
        level = [child for element in level for child in element]
