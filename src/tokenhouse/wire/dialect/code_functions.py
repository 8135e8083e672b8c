"""Functions on bytes and codes: digests, encodings and structures inside text."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote, quote_plus

from tokenhouse.protocol.refusals import Refusal
from tokenhouse.wire import basic, form, json_body
from tokenhouse.wire.dialect.values import ABSENT, LIST_LIMIT

Data = bytes | str
_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PARAMETER: Final = re.compile(r'\s*([A-Za-z0-9_.-]{1,64})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]*))\s*(?:,|$)')


def as_bytes(data: Data) -> bytes:
    """Return text as UTF-8; bytes as they are."""
    return data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data


def digest(name: str) -> Callable[[Data], bytes]:
    """Return the digest function of that name."""
    return lambda data: hashlib.new(name, as_bytes(data), usedforsecurity=False).digest()


def keyed_digest(name: str) -> Callable[[Data, Data], bytes]:
    """Return the HMAC function over that digest; the key comes first."""
    return lambda key, data: hmac.new(as_bytes(key), as_bytes(data), name).digest()


def to_hex(data: Data) -> str:
    """Return lower-case hexadecimal."""
    return as_bytes(data).hex()


def to_base64(data: Data) -> str:
    """Return base64 with padding."""
    return base64.b64encode(as_bytes(data)).decode()


def to_base64url(data: Data) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(as_bytes(data)).decode().rstrip("=")


def to_base32(data: Data) -> str:
    """Return base32 without padding."""
    return base64.b32encode(as_bytes(data)).decode().rstrip("=")


def from_hex(text: str) -> Any:
    """Return the bytes that hexadecimal spells."""
    try:
        return binascii.unhexlify(text)
    except ValueError:
        return ABSENT


def from_base64(text: str) -> Any:
    """Return the bytes that strict base64 spells."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return ABSENT


def from_base64url(text: str) -> Any:
    """Return the bytes that unpadded base64url spells, one spelling for each."""
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text) or len(text) % 4 == 1:
        return ABSENT
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    return data if to_base64url(data) == text else ABSENT


def utf8(data: Data) -> Any:
    """Return bytes as text, if they are UTF-8."""
    try:
        return as_bytes(data).decode("utf-8")
    except UnicodeDecodeError:
        return ABSENT


def urlencode(text: Data) -> str:
    """Percent-encode everything but unreserved characters."""
    return quote(as_bytes(text), safe="-._~")


def form_encode(text: str) -> str:
    """Encode as a form field: a space is a plus sign."""
    return quote_plus(text.encode("utf-8", "replace"))


def urldecode(text: str) -> Any:
    """Percent-decode strictly; a plus sign stays one."""
    return form_decode(text.replace("+", "%2B"))


def form_decode(text: str) -> Any:
    """Decode a form field strictly."""
    decoded = None if _ESCAPE.search(text) else basic.form_decode(text)
    return ABSENT if decoded is None else decoded


def to_json(value: Any) -> str:
    """Return ``value`` as compact JSON text."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def from_json(text: Data) -> Any:
    """Return the object that strict JSON text spells."""
    try:
        return json_body.read_json(as_bytes(text))
    except Refusal:
        return ABSENT


def from_form(text: Data) -> Any:
    """Return the fields of form text as an object; a repeated field makes it absent."""
    try:
        fields = form.read_form(as_bytes(text))
    except Refusal:
        return ABSENT
    if any(len(values) > 1 for values in fields.values()):
        return ABSENT
    return {name: values[0] for name, values in fields.items()}


def basic_pair(text: str) -> Any:
    """Return ``user`` and ``password`` of a bare Basic credential (the word itself left out)."""
    pair = basic.read_basic_token(text)
    return ABSENT if pair is None else {"user": pair[0], "password": pair[1]}


def auth_params(text: str) -> Any:
    """Return the ``name=value`` parameters of an authorization header as an object."""
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        match = _PARAMETER.match(text, at)
        if match is None or match[1] in found or len(found) >= LIST_LIMIT:
            return ABSENT
        found[match[1]] = re.sub(r"\\(.)", r"\1", match[2]) if match[2] is not None else match[3]
        at = match.end()
    return found
