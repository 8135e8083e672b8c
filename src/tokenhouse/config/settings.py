"""The settings as values: what every other room gets to see of the configuration.

Durations are ``timedelta`` (None: never), sizes are bytes, paths are absolute after loading.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from tokenhouse.config import kinds


class Server(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The public listener."""

    bind: kinds.Bind = "127.0.0.1:8400"
    trusted_proxies: tuple[kinds.Network, ...] = ()
    body_limit: kinds.Size = 16 * 1024
    request_timeout: kinds.Duration = timedelta(seconds=10)
    drain_timeout: kinds.Window = timedelta(seconds=25)


class Admin(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The operators' listener and the local management socket."""

    bind: kinds.Bind = "127.0.0.1:8401"
    socket: kinds.FilePath = Path("tokenhouse.sock")


class Database(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where logins are remembered."""

    url: kinds.DatabaseUrl = "sqlite:///tokenhouse.db"

    @property
    def path(self) -> Path:
        """The file of the embedded database."""
        return Path(self.url.removeprefix("sqlite:///"))


class Secrets(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What encrypts the keys at rest. After loading, the key is there however it was given."""

    key_encryption_key: kinds.Key = None
    key_encryption_key_file: kinds.OptionalPath = None


class Tokens(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Lifetimes and form of the tokens of the standard contract."""

    access_ttl: kinds.Duration = timedelta(minutes=5)
    refresh_idle_ttl: kinds.Lifetime = timedelta(days=14)
    refresh_ttl: kinds.Lifetime = timedelta(days=90)
    grace: kinds.Window = timedelta(seconds=10)
    audience: kinds.OptionalWords = None
    alg: Literal["ES256", "RS256"] = "ES256"


class Keys(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How signing keys overlap when they rotate."""

    publish_ahead: kinds.Window = timedelta(hours=24)
    retire_after: kinds.Window = timedelta(hours=24)


class Passwords(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The cost of a password hash and the pool that computes it."""

    memory_kib: Annotated[int, Meta(ge=8, le=4 * 1024 * 1024)] = 19_456
    passes: Annotated[int, Meta(ge=1, le=64)] = 2
    workers: Annotated[int, Meta(ge=1, le=256)] | Literal["auto"] = "auto"
    queue: Annotated[int, Meta(ge=1, le=65_536)] = 64
    niceness: Annotated[int, Meta(ge=0, le=19)] = 19
    min_length: Annotated[int, Meta(ge=1, le=128)] = 15


class Limits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often a password may be guessed within a window."""

    account_guesses: Annotated[int, Meta(ge=1, le=1_000_000)] = 10
    source_guesses: Annotated[int, Meta(ge=1, le=1_000_000)] = 200
    guess_window: kinds.Duration = timedelta(minutes=15)


class Log(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is logged to standard output, and how."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["json", "console"] = "json"


class Mount(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One legacy contract on a host, a path prefix, or both."""

    dialect: kinds.Words
    tenant: kinds.Tenant = "default"
    client: kinds.OptionalWords = None
    issuer: kinds.OptionalUrl = None
    hosts: tuple[kinds.Host, ...] = ()
    prefix: kinds.Prefix = ""
    attributes: dict[str, Any] = field(default_factory=dict)


class Standard(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where OAuth 2.0 itself is spoken, and whose clients it knows (``*``: those of all tenants)."""

    tenant: kinds.TenantOrAll = "default"
    prefix: kinds.Prefix = ""


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything the operator decides."""

    issuer: kinds.Issuer
    development: bool = False
    server: Server = Server()
    admin: Admin = Admin()
    database: Database = Database()
    secrets: Secrets = Secrets()
    tokens: Tokens = Tokens()
    keys: Keys = Keys()
    passwords: Passwords = Passwords()
    limits: Limits = Limits()
    log: Log = Log()
    mount: tuple[Mount, ...] = ()
    standard: Standard = Standard()
