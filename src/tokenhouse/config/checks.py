"""Settings that are sound one by one and do not go together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

from tokenhouse.config.addresses import is_loopback
from tokenhouse.config.contradiction import Contradiction
from tokenhouse.config.listening import listening
from tokenhouse.config.mailing import mailing
from tokenhouse.config.provider_checks import providing
from tokenhouse.config.settings import Config

_SMALLEST_BODY, _LARGEST_BODY = 1 << 10, 16 << 20
_LONGEST_GRACE = timedelta(minutes=5)
# The weakest argon2id that OWASP's password storage guidance still names is 7 MiB in five passes.
_LEAST_MEMORY_KIB, _LEAST_WORK_KIB = 7168, 7168 * 5
_SERVER_FACTS = frozenset({"url", "issuer", "host"})


def contradictions(config: Config) -> Iterator[Contradiction]:
    """Yield everything about the settings that does not go together."""
    yield from _addresses(config)
    yield from listening(config)
    yield from _lifetimes(config)
    yield from _costs(config)
    yield from _mounts(config)
    yield from mailing(config)
    yield from providing(config)


def _addresses(config: Config) -> Iterator[Contradiction]:
    issuer = urlsplit(config.issuer)
    if issuer.scheme != "https" and not config.development and not is_loopback(issuer.hostname or ""):
        yield Contradiction(
            (("issuer",),), "the issuer must be an https URL", "http is for loopback and development = true"
        )
    if not _SMALLEST_BODY <= config.server.body_limit <= _LARGEST_BODY:
        yield Contradiction((("server", "body_limit"),), "body_limit must be between 1KiB and 16MiB")


def _lifetimes(config: Config) -> Iterator[Contradiction]:
    tokens, keys = config.tokens, config.keys
    if tokens.refresh_ttl is not None and tokens.access_ttl > tokens.refresh_ttl:
        yield Contradiction(
            (("tokens", "access_ttl"), ("tokens", "refresh_ttl")), "access_ttl must not be longer than refresh_ttl"
        )
    if tokens.grace > _LONGEST_GRACE:
        yield Contradiction((("tokens", "grace"),), "grace must not be longer than 5m")
    if keys.retire_after < tokens.access_ttl:
        yield Contradiction(
            (("keys", "retire_after"), ("tokens", "access_ttl")),
            "retire_after must not be shorter than access_ttl: valid tokens would lose their key",
        )


def _costs(config: Config) -> Iterator[Contradiction]:
    memory_kib, passes = config.passwords.memory_kib, config.passwords.passes
    if not config.development and (memory_kib < _LEAST_MEMORY_KIB or memory_kib * passes < _LEAST_WORK_KIB):
        yield Contradiction(
            (("passwords", "memory_kib"), ("passwords", "passes")),
            "password hashes this cheap are for development = true",
            "memory_kib = 19456 with passes = 2 is the usual least",
        )


def _mounts(config: Config) -> Iterator[Contradiction]:
    seen: set[tuple[str, str, str]] = set()
    for index, mount in enumerate(config.mount):
        for name in sorted(_SERVER_FACTS & mount.attributes.keys()):
            keys = ("mount", index, "attributes")
            yield Contradiction((keys,), f'the attribute "{name}" is built in and cannot be set')
        places = {(mount.dialect, host, mount.prefix) for host in mount.hosts or ("",)}
        if places & seen:
            yield Contradiction(
                (("mount", index, "dialect"),),
                f"{mount.dialect} is mounted twice at the same place",
                "give one of them other hosts or another prefix",
            )
        seen |= places
