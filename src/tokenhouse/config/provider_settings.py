"""The settings of what this server calls elsewhere: identity providers, and the way out to them."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from tokenhouse.config import kinds

Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]


class Egress(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where calls to other servers may go: public addresses over https, on these ports."""

    ports: tuple[Annotated[int, Meta(ge=1, le=65_535)], ...] = (443,)
    allow: tuple[kinds.LocalPlace, ...] = ()


class Provider(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A provider elsewhere that proves who somebody is. What a kind needs and refuses is in ``provider_checks``."""

    name: kinds.Provider
    kind: Literal["oidc", "oauth2", "oauth1"]
    tenants: tuple[kinds.Tenant, ...] = ("default",)
    client_ids: tuple[kinds.Words, ...] = ()
    client_secret: kinds.Password = None
    client_secret_file: kinds.OptionalPath = None
    client_secret_env: kinds.OptionalWords = None
    issuer: kinds.OptionalEndpoint = None
    jwks_uri: kinds.OptionalEndpoint = None
    algs: tuple[Algorithm, ...] = ("RS256", "ES256")
    userinfo: kinds.OptionalEndpoint = None
    token_in: Literal["header", "query"] = "header"
    tokeninfo: kinds.OptionalEndpoint = None
    tokeninfo_style: Literal["query", "debug", "introspection"] = "query"
    audience: kinds.OptionalJsonPath = None
    any_audience: bool = False
    subject: kinds.OptionalJsonPath = None
    email: kinds.OptionalJsonPath = None
    email_verified: kinds.OptionalJsonPath = None
    display_name: kinds.OptionalJsonPath = None
