"""Published keys for an offline check: from a file, a URL, or the server of the local configuration."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tokenhouse.cli.failures import Exit, Failure
from tokenhouse.cli.session import Session

_LARGEST_BYTES = 1 << 20
_TIMEOUT_SECONDS = 10

Keys = Sequence[Mapping[str, Any]]


def read_keys(place: str) -> Keys:
    """Return the keys of a JWK set (RFC 7517 §5) in a file or at an http(s) URL.

    Raises:
        Failure: it cannot be had, or is none.

    """
    data = _fetch(place) if place.startswith(("http://", "https://")) else _read(Path(place))
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        found = None
    keys = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        raise Failure(Exit.FAILURE, f"{place} is no JWK set")
    return keys


def own_keys(session: Session) -> Keys | None:
    """Return the keys of the local configuration's server, None if there is none or it does not tell."""
    try:
        listed = session.call("key.list")
    except Failure:
        return None
    return [key["public"] for key in listed if key["public"] is not None and key["state"] != "retired"]


def _fetch(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as response:  # noqa: S310 -- http(s), see read_keys
            data: bytes = response.read(_LARGEST_BYTES)
    except urllib.error.HTTPError as error:
        error.close()
        raise Failure(Exit.UNREACHABLE, f"cannot fetch {url}: status {error.code}") from None
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else type(error).__name__
        raise Failure(Exit.UNREACHABLE, f"cannot fetch {url}: {reason}") from None
    return data


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST_BYTES)
    except OSError as error:
        raise Failure(Exit.FAILURE, f"cannot read {path}: {error.strerror}") from None
