"""Providers whose settings do not go together: what each kind needs, and what it does not read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from msgspec.structs import fields

from tokenhouse.config.contradiction import Contradiction
from tokenhouse.config.provider_settings import Provider
from tokenhouse.config.settings import Config
from tokenhouse.config.urls import split_url
from tokenhouse.written.marks import Keys

_ALWAYS = frozenset({"name", "kind", "tenants", "client_ids"})
_SECRETS = ("client_secret", "client_secret_file", "client_secret_env")
_PERSON = frozenset({"subject", "email", "email_verified", "display_name"})
_TOKENINFO = ("audience", "tokeninfo_style")
_URLS = ("issuer", "jwks_uri", "userinfo", "tokeninfo")
_USES = 'tokeninfo_style = "debug" and "introspection" ask with it'
_WITH_SECRET = frozenset({"debug", "introspection"})


class _Kind(NamedTuple):
    needs: tuple[str, ...]
    reads: frozenset[str]


_KINDS = {
    "oidc": _Kind(("issuer", "client_ids", "algs"), frozenset({"jwks_uri"})),
    "oauth2": _Kind(
        ("userinfo", "subject"),
        _PERSON | {*_SECRETS, *_TOKENINFO, "token_in", "tokeninfo", "any_audience"},
    ),
    "oauth1": _Kind(("userinfo", "subject", "client_ids"), _PERSON | {*_SECRETS}),
}


def providing(config: Config) -> Iterator[Contradiction]:
    """Yield everything about providers and the way out to them that does not go together."""
    if config.egress.allow and not config.development:
        yield Contradiction((("egress", "allow"), ("development",)), "egress.allow is for development = true")
    seen: set[tuple[str, str]] = set()
    for index, provider in enumerate(config.provider):
        keys: Keys = ("provider", index)
        places = {(tenant, provider.name) for tenant in provider.tenants}
        if places & seen:
            yield Contradiction(((*keys, "name"),), f"{provider.name} is configured twice for the same tenant")
        seen |= places
        yield from _settings(provider, keys)
        yield from _secret(provider, keys)
        yield from _urls(provider, keys, config)
        if provider.kind == "oauth2":
            yield from _audience(provider, keys)


def _settings(provider: Provider, keys: Keys) -> Iterator[Contradiction]:
    kind = _KINDS[provider.kind]
    for name in kind.needs:
        if not getattr(provider, name):
            yield Contradiction(((*keys, "kind"),), f"a provider of kind {provider.kind} needs {name}")
    known = _ALWAYS | kind.reads | {*kind.needs}
    for field in fields(provider):
        if field.name not in known and getattr(provider, field.name) != field.default:
            message = f"{field.name} is nothing that a provider of kind {provider.kind} reads"
            yield Contradiction(((*keys, field.name),), message)
    if provider.email_verified and not provider.email:
        yield Contradiction(((*keys, "email_verified"),), "email_verified is about an email, and none is read")


def _secret(provider: Provider, keys: Keys) -> Iterator[Contradiction]:
    given = [name for name in _SECRETS if getattr(provider, name) is not None]
    if len(given) > 1:
        yield Contradiction(((*keys, given[1]),), "the client secret is given twice", "keep one of them")
    uses = provider.kind == "oauth1" or (provider.tokeninfo is not None and provider.tokeninfo_style in _WITH_SECRET)
    if uses and not given:
        hint = "client_secret_file names a file with it, client_secret_env a variable"
        yield Contradiction(((*keys, "kind"),), f"{provider.name} needs a client_secret", hint)
    if given and not uses and provider.kind == "oauth2":
        yield Contradiction(
            ((*keys, given[0]),), "the client secret is not used: tokeninfo_style asks without it", _USES
        )
    if provider.kind == "oauth1" and len(provider.client_ids) > 1:
        yield Contradiction(((*keys, "client_ids"),), "the secret belongs to one client id; keep that one")


def _audience(provider: Provider, keys: Keys) -> Iterator[Contradiction]:
    if provider.any_audience and provider.tokeninfo:
        yield Contradiction(((*keys, "any_audience"),), "tokeninfo is asked for the audience, and any is accepted")
    if not provider.any_audience and not provider.tokeninfo:
        yield Contradiction(
            ((*keys, "kind"),),
            f"{provider.name} accepts tokens of every app: nothing says for which one a token was made",
            "set tokeninfo, audience and client_ids; or, if you accept that, any_audience = true",
        )
    if provider.tokeninfo and not (provider.audience and provider.client_ids):
        yield Contradiction(((*keys, "tokeninfo"),), "tokeninfo needs audience and client_ids to compare")
    if not provider.tokeninfo:
        for name in ("audience", *(("client_ids",) if provider.any_audience else ())):
            if getattr(provider, name):
                yield Contradiction(((*keys, name),), f"{name} is compared with what tokeninfo says, and none is set")


def _urls(provider: Provider, keys: Keys, config: Config) -> Iterator[Contradiction]:
    for name in _URLS:
        text = getattr(provider, name)
        if text is None:
            continue
        url = split_url(text)
        if url.place in config.egress.allow:
            continue
        if url.scheme != "https":
            hint = "in development, egress.allow names places on this machine"
            yield Contradiction(((*keys, name),), "providers are called over https", hint)
        elif url.port not in config.egress.ports:
            yield Contradiction(((*keys, name), ("egress", "ports")), f"port {url.port} is not among egress.ports")
