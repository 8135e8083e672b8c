"""The kinds of values that a setting may have beyond what TOML knows: how each is read, written and described."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

from msgspec import Meta

from tokenhouse.config import addresses, mailboxes
from tokenhouse.config.units import format_duration, format_size, read_duration, read_size
from tokenhouse.config.urls import read_endpoint
from tokenhouse.protocol.secret import Secret

NEVER = "never"
"""What a lifetime without an end is called."""

KEY_BYTES = 32
_TENANT = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_SQLITE = "sqlite:///"
_PROVIDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
_JSON_PATH = re.compile(r"[A-Za-z0-9_:/-]+(?:\.[A-Za-z0-9_:/-]+){0,7}")
_CIPHER = re.compile(r"[A-Z0-9]+(?:-[A-Z0-9]+)*|@SECLEVEL=[0-3]")


@dataclass(frozen=True, slots=True)
class Kind:
    """How a value is read (``ValueError`` refuses), written back, and described to an editor."""

    read: Callable[[Any], Any]
    write: Callable[[Any], Any]
    schema: dict[str, Any]
    writes_none: bool = False


def kind_of(annotation: Any) -> Kind | None:
    """Return the kind that an annotation carries."""
    if get_origin(annotation) is not Annotated:
        return None
    metas = (meta.extra for meta in get_args(annotation)[1:] if isinstance(meta, Meta))
    return next((extra["kind"] for extra in metas if extra), None)


def _write_never(value: timedelta | None) -> str:
    return NEVER if value is None else format_duration(value)


def _marked(read: Callable[[Any], Any], write: Callable[[Any], Any] = str, **schema: Any) -> Meta:
    return Meta(extra={"kind": Kind(read, write, {"type": "string", **schema}, writes_none=write is _write_never)})


def _never_or(read: Callable[[Any], timedelta]) -> Callable[[Any], timedelta | None]:
    return lambda value: None if value == NEVER else read(value)


def _positive(value: Any) -> timedelta:
    duration = read_duration(value)
    if not duration:
        raise ValueError("the duration must be longer than zero")
    return duration


def _words(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise ValueError("expected a text that is not empty, without control characters")
    return value


def _path(value: Any) -> Path:
    return Path(_words(value))


def read_key(value: Any) -> Secret:
    """Return a key in base64.

    Raises:
        ValueError: it is not 32 bytes in standard base64; the text does not repeat the value.

    """
    try:
        raw = base64.b64decode(value, validate=True) if isinstance(value, str) else b""
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != KEY_BYTES or base64.b64encode(raw).decode() != value:
        raise ValueError(f"expected the base64 text of {KEY_BYTES} random bytes (openssl rand -base64 {KEY_BYTES})")
    return Secret(value)


def read_password(value: Any) -> Secret:
    """Return a password at another server.

    Raises:
        ValueError: it is no text of one line; the value is not repeated.

    """
    if not isinstance(value, str) or not value or not value.isprintable():
        raise ValueError("expected a password: one line, not empty")
    return Secret(value)


def _database(value: Any) -> str:
    text = _words(value)
    if not text.startswith(_SQLITE) or len(text) == len(_SQLITE) or set("?#%") & set(text):
        # The text is not repeated: a URL of another engine may hold a password.
        raise ValueError('expected "sqlite:///relative.db" or "sqlite:////absolute.db"')
    return text


def _tenant(value: Any) -> str:
    if not isinstance(value, str) or _TENANT.fullmatch(value) is None:
        raise ValueError("expected a tenant: up to 63 of a-z, 0-9, - and _, beginning with a letter or a digit")
    return value


def _provider(value: Any) -> str:
    if not isinstance(value, str) or _PROVIDER.fullmatch(value) is None:
        raise ValueError("expected a name: up to 63 letters, digits, - and _, beginning with a letter or a digit")
    return value


def _json_path(value: Any) -> str:
    if not isinstance(value, str) or _JSON_PATH.fullmatch(value) is None:
        raise ValueError('expected member names joined by dots, such as "id" or "data.app_id"')
    return value


def _tenant_or_all(value: Any) -> str:
    return "*" if value == "*" else _tenant(value)


def _listener_name(value: Any) -> str:
    if not isinstance(value, str) or _TENANT.fullmatch(value) is None:
        raise ValueError("expected a name: up to 63 of a-z, 0-9, - and _, beginning with a letter or a digit")
    return value


def _cipher(value: Any) -> str:
    if isinstance(value, str) and value.startswith("TLS_"):
        raise ValueError("the suites of TLS 1.3 cannot be chosen; ciphers are those of TLS 1.2")
    if not isinstance(value, str) or _CIPHER.fullmatch(value) is None:
        raise ValueError('expected a cipher suite as OpenSSL names it, such as "ECDHE-RSA-AES128-GCM-SHA256"')
    return value


_TIME = "^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$"

Duration = Annotated[timedelta, _marked(_positive, format_duration, pattern=_TIME)]
Window = Annotated[timedelta, _marked(read_duration, format_duration, pattern=_TIME)]
Lifetime = Annotated[timedelta | None, _marked(_never_or(_positive), _write_never, pattern=f"^never$|{_TIME}")]
Size = Annotated[int, _marked(read_size, format_size, pattern="^[0-9]+(B|KiB|MiB|GiB)$")]
Words = Annotated[str, _marked(_words, minLength=1)]
FilePath = Annotated[Path, _marked(_path, minLength=1)]
OptionalPath = Annotated[Path | None, _marked(_path, minLength=1)]
OptionalWords = Annotated[str | None, _marked(_words, minLength=1)]
Bind = Annotated[str, _marked(addresses.read_bind, pattern=":[0-9]+$")]
Network = Annotated[str, _marked(addresses.read_network)]
Host = Annotated[str, _marked(addresses.read_host)]
Issuer = Annotated[str, _marked(addresses.read_issuer, format="uri", pattern="^https?://")]
OptionalUrl = Annotated[str | None, _marked(addresses.read_url, format="uri", pattern="^https?://")]
Prefix = Annotated[str, _marked(addresses.read_prefix, pattern="^(/.*[^/])?$")]
Tenant = Annotated[str, _marked(_tenant)]
TenantOrAll = Annotated[str, _marked(_tenant_or_all)]
ListenerName = Annotated[str, _marked(_listener_name, pattern=f"^{_TENANT.pattern}$")]
Cipher = Annotated[str, _marked(_cipher, pattern=f"^({_CIPHER.pattern})$")]
MailUrl = Annotated[str | None, _marked(mailboxes.read_mail_url, format="uri", pattern="^smtps?://")]
Mailbox = Annotated[str | None, _marked(mailboxes.read_mailbox, pattern="@")]
Password = Annotated[Secret | None, _marked(read_password, minLength=1)]
DatabaseUrl = Annotated[str, _marked(_database, pattern="^sqlite:///.")]
OptionalEndpoint = Annotated[str | None, _marked(read_endpoint, format="uri", pattern="^https?://")]
LocalPlace = Annotated[str, _marked(addresses.read_local_place, pattern=":[0-9]+$")]
Provider = Annotated[str, _marked(_provider)]
OptionalJsonPath = Annotated[str | None, _marked(_json_path, minLength=1)]
Key = Annotated[Secret | None, _marked(read_key, minLength=44, maxLength=44)]
