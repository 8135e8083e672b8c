"""Registered values, as the registries spell them."""

from __future__ import annotations

from tokenhouse.protocol.names import (
    DEFAULT_TENANT,
    STANDARD_CONTRACT,
    AuthMethod,
    GrantType,
    IdentifierKind,
    TokenUse,
)


def test_grant_types_are_those_of_rfc_6749():
    assert set(GrantType) == {"client_credentials", "password", "refresh_token"}


def test_authentication_methods_are_those_of_rfc_7591():
    assert set(AuthMethod) == {"client_secret_basic", "client_secret_post", "none"}


def test_names_are_their_values():
    assert (
        f"{GrantType.PASSWORD} {AuthMethod.NONE} {TokenUse.ACCESS} {IdentifierKind.LOGIN}"
        == "password none access login"
    )
    assert (STANDARD_CONTRACT, DEFAULT_TENANT) == ("standard", "default")
