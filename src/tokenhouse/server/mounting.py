"""Contracts at their places: the configuration's mounts, compiled, with the standard contract among them."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

from tokenhouse.config.settings import Config
from tokenhouse.config.settings import Mount as MountSettings
from tokenhouse.protocol.codec import Route
from tokenhouse.protocol.contract import LockoutPolicy, Mount
from tokenhouse.protocol.names import DEFAULT_TENANT, GrantType
from tokenhouse.tokens.claims import standard_contract
from tokenhouse.tokens.mounts import Mounts
from tokenhouse.wire.dialect import Dialect, load

EVERY_TENANT = "*"


class MountConflict(Exception):
    """A mount that cannot be: like another, as another issuer, without its client, of a file that cannot be read."""


@dataclass(frozen=True, slots=True)
class MountedDialect:
    """A dialect where it is mounted, with the routes it answers there."""

    dialect: Dialect
    mount: Mount
    routes: tuple[Route, ...]
    hosts: tuple[str, ...]
    prefix: str


def shipped_dialects() -> dict[str, str]:
    """Return the texts of the dialects that come with the program, by name."""
    folder = files("tokenhouse") / "dialects"
    found = [entry for entry in folder.iterdir() if entry.name.endswith(".toml")]
    return {entry.name.removesuffix(".toml"): entry.read_text() for entry in sorted(found, key=lambda e: e.name)}


def read_dialect(name: str) -> Dialect:
    """Return the dialect of a shipped name or of a path that ends in `.toml`.

    Raises:
        Problems: the file has mistakes.
        FileNotFoundError: there is no such dialect.

    """
    if name.endswith(".toml"):
        return load(Path(name).read_text(), name)
    text = shipped_dialects().get(name)
    if text is None:
        raise FileNotFoundError(f"no dialect {name!r} is shipped; shipped are {', '.join(shipped_dialects())}")
    return load(text, f"{name}.toml")


def mount_standard(config: Config) -> Mount:
    """Return OAuth 2.0 itself, mounted as the configuration says."""
    tokens = config.tokens
    contract = standard_contract(
        access_ttl=tokens.access_ttl,
        refresh_ttl=tokens.refresh_ttl,
        refresh_idle_ttl=tokens.refresh_idle_ttl,
        alg=tokens.alg,
    )
    every = config.standard.tenant == EVERY_TENANT
    return Mount(
        contract=contract,
        tenant=None if every else config.standard.tenant,
        key_tenant=DEFAULT_TENANT if every else config.standard.tenant,
        issuer=config.issuer,
        audience=tokens.audience,
        server=_server_facts(config, config.issuer, {}),
    )


def mount_dialects(config: Config) -> list[MountedDialect]:
    """Return every configured dialect, compiled and mounted.

    Raises:
        Problems: a file has mistakes.
        MountConflict: a file cannot be read, a tenant has the same contract twice, or see `mount_one`.

    """
    mounted: list[MountedDialect] = []
    for settings in config.mount:
        one = mount_one(_read(settings.dialect), settings, config)
        if any((o.mount.tenant, o.dialect.name) == (one.mount.tenant, one.dialect.name) for o in mounted):
            raise MountConflict(f"tenant {one.mount.tenant!r} has the contract {one.dialect.name!r} twice")
        if any(_issuer_key(o.mount) == _issuer_key(one.mount) for o in mounted):
            raise MountConflict(f"two contracts cannot speak as one issuer, {one.mount.issuer!r}")
        mounted.append(one)
    return mounted


def _read(name: str) -> Dialect:
    try:
        return read_dialect(name)
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise MountConflict(f"cannot read the dialect {name}: {why}") from None


def _issuer_key(mount: Mount) -> str:
    return mount.issuer.rstrip("/")


def _names_no_client(dialect: Dialect) -> bool:
    return any(operation.does in set(GrantType) and not operation.client.ids for operation in dialect.operations)


def mount_one(dialect: Dialect, settings: MountSettings, config: Config) -> MountedDialect:
    """Return a dialect mounted as ``settings`` say.

    Raises:
        MountConflict: it claims the server's own issuer, or nothing says who its client is.

    """
    if settings.client is None and _names_no_client(dialect):
        raise MountConflict(f"the contract {dialect.name!r} names no client: its mount needs one (client = ...)")
    if settings.issuer is not None and settings.issuer.rstrip("/") == config.issuer.rstrip("/"):
        raise MountConflict(f"the contract {dialect.name!r} needs an issuer of its own, not {config.issuer!r}")
    issuer = settings.issuer or f"{config.issuer}/contracts/{settings.tenant}/{dialect.name}"
    facts = _server_facts(config, issuer, settings.attributes)
    lockout = settings.lockout
    mount = Mount(
        contract=dialect.contract,
        tenant=settings.tenant,
        key_tenant=settings.tenant,
        issuer=issuer,
        client_id=settings.client,
        server=facts,
        lockout=LockoutPolicy(lockout.failures, lockout.window) if lockout.failures else None,
        password_min=settings.password_min or None,
    )
    return MountedDialect(dialect, mount, dialect.mount(facts), settings.hosts, settings.prefix)


def all_mounts(standard: Mount, dialects: list[MountedDialect]) -> Mounts:
    """Return the registry that rows are read by."""
    return Mounts([standard, *(one.mount for one in dialects)])


def _server_facts(config: Config, issuer: str, attributes: dict[str, object]) -> dict[str, object]:
    host = urlsplit(config.issuer).netloc
    return {**attributes, "url": config.issuer, "issuer": issuer, "host": host}
