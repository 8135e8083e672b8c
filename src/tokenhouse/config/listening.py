"""Listeners that do not go together with each other, with their TLS or with the issuer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tokenhouse.config.addresses import is_loopback, split_bind
from tokenhouse.config.contradiction import Contradiction
from tokenhouse.config.settings import Config, Tls
from tokenhouse.written.marks import Keys

_TAKEN = frozenset({"server", "admin"})
"""What the log calls the listeners that are always there."""


class _Place(NamedTuple):
    """A table of the file that has a ``bind``."""

    keys: Keys
    bind: str
    tls: Tls | None

    @property
    def is_loopback(self) -> bool:
        return is_loopback(split_bind(self.bind)[0])


def listening(config: Config) -> Iterator[Contradiction]:
    """Yield everything about the listeners that does not go together."""
    public = _public(config)
    yield from _reach(config, public)
    yield from _same_addresses(config, public)
    yield from _names(config)
    for place in public:
        if place.tls is not None:
            yield from _tls(place.tls, (*place.keys, "tls"))


def cautions(config: Config) -> Iterator[str]:
    """Yield what is allowed about the listeners and probably not meant."""
    if not config.issuer.startswith("https:") or config.development or config.server.trusted_proxies:
        return
    for one in config.public:
        if not one.tls.is_on and not is_loopback(split_bind(one.bind)[0]):
            yield (
                f"{one.bind} is plain http and no proxy is trusted: whatever demands https is refused there; "
                "set tls, or server.trusted_proxies"
            )


def _public(config: Config) -> tuple[_Place, ...]:
    return (
        _Place(("server",), config.server.bind, config.server.tls),
        *(_Place(("listener", index), one.bind, one.tls) for index, one in enumerate(config.listener)),
    )


def _reach(config: Config, public: tuple[_Place, ...]) -> Iterator[Contradiction]:
    is_http = not config.issuer.startswith("https:")
    for place in public:
        if is_http and place.tls is not None and place.tls.is_on:
            yield Contradiction((("issuer",), (*place.keys, "tls", "certificate")), "TLS is for an https issuer")
        elif is_http and not config.development and not place.is_loopback:
            yield Contradiction(
                ((*place.keys, "bind"), ("issuer",)), "with an http issuer the server listens on loopback only"
            )
    for place in (*public, _Place(("admin",), config.admin.bind, None)):
        if config.development and not place.is_loopback:
            yield Contradiction(((*place.keys, "bind"), ("development",)), "development mode listens on loopback only")


def _same_addresses(config: Config, public: tuple[_Place, ...]) -> Iterator[Contradiction]:
    seen: dict[tuple[str, int], Keys] = {}
    for place in (*public, _Place(("admin",), config.admin.bind, None)):
        address, keys = split_bind(place.bind), (*place.keys, "bind")
        if address in seen:
            name = "the admin listener" if place.keys == ("admin",) else "a listener"
            yield Contradiction((keys, seen[address]), f"{name} needs an address of its own")
        elif address[1]:
            seen[address] = keys


def _names(config: Config) -> Iterator[Contradiction]:
    seen = set(_TAKEN)
    for index, one in enumerate(config.listener):
        if one.name in seen:
            yield Contradiction((("listener", index, "name"),), f'there is a listener called "{one.name}" already')
        seen.add(one.name)


def _tls(tls: Tls, keys: Keys) -> Iterator[Contradiction]:
    if not tls.is_on:
        given = {name: getattr(tls, name) for name in tls.__struct_fields__ if name != "certificate"}
        for name, value in given.items():
            if value != getattr(_NOTHING, name):
                yield Contradiction(((*keys, name),), f"{name} is for a listener with a certificate")
        return
    if tls.key is None:
        yield Contradiction(((*keys, "certificate"),), "a certificate needs its key", "key names the file that has it")
    if tls.minimum > tls.maximum:
        yield Contradiction(((*keys, "minimum"), (*keys, "maximum")), "minimum must not be above maximum")
    if tls.ciphers and tls.minimum != "1.2":
        yield Contradiction(((*keys, "ciphers"),), "ciphers are those of TLS 1.2, which minimum rules out")
    if tls.ciphers and all(name.startswith("@") for name in tls.ciphers):
        yield Contradiction(((*keys, "ciphers"),), "ciphers names a level and no suite")
    if (tls.client_certificates == "none") != (tls.client_authorities is None):
        yield Contradiction(
            ((*keys, "client_authorities"), (*keys, "client_certificates")),
            "client_certificates and client_authorities go together",
            "the one says whether to ask, the other whose certificates are good",
        )


_NOTHING = Tls()
