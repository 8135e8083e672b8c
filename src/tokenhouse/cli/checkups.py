"""Check-ups of the machine: files, disk, database, server. Each yields what it found, and changes nothing."""

from __future__ import annotations

import http.client
import shutil
import socket
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from tokenhouse.config.listening import cautions
from tokenhouse.config.settings import Config

_LITTLE_BYTES, _TOO_LITTLE_BYTES = 1 << 30, 100 << 20
_TIMEOUT_SECONDS = 3
_SOON = timedelta(days=14)
_OK = 200
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class Finding(NamedTuple):
    """What one check found. ``state`` is ok, warning or wrong."""

    check: str
    state: str
    message: str
    hint: str = ""


def files(config: Config) -> Iterator[Finding]:
    """Yield which files that hold secrets may be read by others."""
    held = {"database": config.database.path, "key-encryption key": config.secrets.key_encryption_key_file}
    for name, path in held.items():
        if path is None or not path.exists():
            continue
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & _OTHERS:
            yield Finding("files", "wrong", f"the {name} {path} may be read by others ({mode:o})", f"chmod 600 {path}")
        else:
            yield Finding("files", "ok", f"the {name} is its owner's alone")


def disk(config: Config) -> Iterator[Finding]:
    """Yield how much room the database has."""
    folder = config.database.path.parent
    if not folder.is_dir():
        yield Finding("disk", "wrong", f"there is no folder {folder}", "check database.url; is the volume mounted?")
        return
    free = shutil.disk_usage(folder).free
    state = "wrong" if free < _TOO_LITTLE_BYTES else "warning" if free < _LITTLE_BYTES else "ok"
    hint = "" if state == "ok" else "a full disk refuses logins, refreshes and revocations"
    yield Finding("disk", state, f"{free // (1 << 20)} MiB are free in {folder}", hint)


def database(config: Config) -> Iterator[Finding]:
    """Yield whether the database is this program's, and whole."""
    from tokenhouse.sql.sqlite import NoDatabase
    from tokenhouse.sql.upgrade import HEAD, current_revision, damage

    path = config.database.path
    if not path.exists():
        yield Finding("database", "wrong", f"there is no database at {path}", "tokenhouse db upgrade")
        return
    try:
        revision, damaged = current_revision(path), damage(path)
    except NoDatabase as error:
        yield Finding("database", "wrong", str(error), "check whose it is, or restore it")
        return
    if damaged:
        yield Finding("database", "wrong", f"the database is damaged: {damaged}", "restore it from a backup")
    if revision != HEAD:
        message = f"the schema is at {revision}, this program's is {HEAD}"
        yield Finding("database", "wrong", message, "tokenhouse db upgrade")
    if revision == HEAD and not damaged:
        yield Finding("database", "ok", f"whole, at revision {HEAD}")


def server(config: Config) -> Iterator[Finding]:
    """Yield whether a server runs here, and is ready."""
    if not _listens(config.admin.socket):
        yield Finding("server", "wrong", f"nobody listens at {config.admin.socket}", "tokenhouse serve")
        return
    host, _, port = config.admin.bind.rpartition(":")
    connection = http.client.HTTPConnection(host.strip("[]"), int(port), timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        body = answer.read(4096).decode("utf-8", "replace").strip()
    except (OSError, http.client.HTTPException) as error:
        message = f"the server does not answer at {config.admin.bind} ({type(error).__name__})"
        yield Finding("server", "wrong", message, "look at its log")
        return
    finally:
        connection.close()
    if answer.status == _OK:
        yield Finding("server", "ok", "runs and is ready")
    else:
        yield Finding("server", "wrong", f"runs and is not ready: {body}", "look at its log")


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(_TIMEOUT_SECONDS)
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True


def certificates(config: Config) -> Iterator[Finding]:
    """Yield whether each listener's certificate can be served with, and for how long."""
    from tokenhouse.http.certificates import UnusableCertificate
    from tokenhouse.http.tls import prepare, warnings

    now = datetime.now(UTC)
    for listener in config.public:
        if not listener.tls.is_on:
            continue
        try:
            certificate = prepare(listener.tls).certificate
        except UnusableCertificate as error:
            yield Finding("tls", "wrong", f"{listener.name}: {error}", "see docs/how-to/tls.md")
            continue
        for message in warnings(listener.tls, certificate, now):
            yield Finding("tls", "warning", f"{listener.name}: {message}")
        left = certificate.not_after - now
        state, hint = ("ok", "") if left > _SOON else ("warning", "replace the files: nothing has to be restarted")
        yield Finding("tls", state, f"{listener.name}: the certificate ends in {left.days} days", hint)


def settings(config: Config) -> Iterator[Finding]:
    """Yield settings that are allowed and weak."""
    if config.development:
        message = "development mode: plain http, cheap hashes and mails in files are allowed"
        yield Finding("settings", "warning", message, "set development = false before anybody else uses it")
    if not config.issuer.startswith("https:"):
        yield Finding("settings", "warning", f"the issuer {config.issuer} is plain http", "an https issuer")
    if not config.development and config.passwords.min_length < 8:  # noqa: PLR2004 -- the least that NIST 800-63B names
        yield Finding("settings", "warning", "passwords may be shorter than 8 characters", "passwords.min_length")
    for message in cautions(config):
        yield Finding("settings", "warning", message)
    yield Finding("settings", "ok", "the configuration was read")


def look(check: Callable[[Config], Iterator[Finding]], config: Config) -> Iterator[Finding]:
    """Yield what ``check`` finds; a place that may not even be looked at is a finding."""
    try:
        yield from check(config)
    except OSError as error:
        message = f"cannot look at {error.filename}: {error.strerror}"
        yield Finding(check.__name__, "wrong", message, "run this command as the user that runs the server")


CHECKUPS: tuple[Callable[[Config], Iterator[Finding]], ...] = (settings, files, certificates, disk, database, server)
"""In the order in which they are told; the first that is wrong is often why the others are."""
