"""The settings as values: what every other room gets to see of the configuration.

Durations are ``timedelta`` (None: never), sizes are bytes, paths are absolute after loading.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from tokenhouse.config import kinds
from tokenhouse.config.provider_settings import Egress, Provider


class Tls(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """TLS of one listener: off without a certificate. What the files hold is read at start and when they change."""

    certificate: kinds.OptionalPath = None
    key: kinds.OptionalPath = None
    minimum: Literal["1.2", "1.3"] = "1.2"
    maximum: Literal["1.2", "1.3"] = "1.3"
    ciphers: tuple[kinds.Cipher, ...] = ()
    client_certificates: Literal["none", "optional", "required"] = "none"
    client_authorities: kinds.OptionalPath = None

    @property
    def is_on(self) -> bool:
        """Whether the listener speaks TLS at all."""
        return self.certificate is not None


class Server(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The public listener."""

    bind: kinds.Bind = "127.0.0.1:8400"
    tls: Tls = Tls()
    trusted_proxies: tuple[kinds.Network, ...] = ()
    body_limit: kinds.Size = 16 * 1024
    request_timeout: kinds.Duration = timedelta(seconds=10)
    drain_timeout: kinds.Window = timedelta(seconds=25)


class Listener(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A further public listener: the same door at another address, with a TLS of its own."""

    name: kinds.ListenerName
    bind: kinds.Bind
    tls: Tls = Tls()


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


class Lockout(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many wrong passwords within a window lock an account out of a contract, for as long again."""

    failures: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    window: kinds.Duration = timedelta(minutes=15)


class Mount(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One legacy contract on a host, a path prefix, or both."""

    dialect: kinds.Words
    tenant: kinds.Tenant = "default"
    client: kinds.OptionalWords = None
    issuer: kinds.OptionalUrl = None
    hosts: tuple[kinds.Host, ...] = ()
    prefix: kinds.Prefix = ""
    lockout: Lockout = Lockout()
    password_min: Annotated[int, Meta(ge=0, le=128)] = 0
    attributes: dict[str, Any] = field(default_factory=dict)


class Standard(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where OAuth 2.0 itself is spoken, and whose clients it knows (``*``: those of all tenants)."""

    tenant: kinds.TenantOrAll = "default"
    prefix: kinds.Prefix = ""


class Mail(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How mail goes out: through a server, or into a folder in development. Without either there is none.

    After loading, the password is there however it was given.
    """

    url: kinds.MailUrl = None
    starttls: bool = True
    authorities: kinds.OptionalPath = None
    user: kinds.OptionalWords = None
    password: kinds.Password = None
    password_file: kinds.OptionalPath = None
    sender: kinds.Mailbox = None
    folder: kinds.OptionalPath = None
    timeout: kinds.Duration = timedelta(seconds=20)
    queue: Annotated[int, Meta(ge=1, le=65_536)] = 256
    per_address: Annotated[int, Meta(ge=1, le=10_000)] = 5
    per_source: Annotated[int, Meta(ge=1, le=1_000_000)] = 50
    limit_window: kinds.Duration = timedelta(hours=1)


class People(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The pages on which people of one tenant help themselves."""

    tenant: kinds.Tenant = "default"
    name: kinds.Words = "Tokenhouse"
    url: kinds.OptionalUrl = None
    hosts: tuple[kinds.Host, ...] = ()
    prefix: kinds.Prefix = "/account"
    sign_up: bool = False
    reset: bool = True
    reset_ttl: kinds.Duration = timedelta(minutes=15)
    link_ttl: kinds.Duration = timedelta(hours=24)


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything the operator decides."""

    issuer: kinds.Issuer
    development: bool = False
    server: Server = Server()
    listener: tuple[Listener, ...] = ()
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
    mail: Mail = Mail()
    people: tuple[People, ...] = ()
    egress: Egress = Egress()
    provider: tuple[Provider, ...] = ()

    @property
    def public(self) -> tuple[Listener, ...]:
        """All public listeners; the first is that of `[server]`."""
        return (Listener(name="server", bind=self.server.bind, tls=self.server.tls), *self.listener)
