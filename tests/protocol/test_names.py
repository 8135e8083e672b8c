"""Registered values, as the registries spell them."""

from __future__ import annotations

from tokenhouse.protocol.names import (
    API_SECRET,
    DEFAULT_TENANT,
    STANDARD_CONTRACT,
    STANDARD_GRANTS,
    AuthMethod,
    Bearer,
    CallKind,
    GrantType,
    IdentifierKind,
    TokenUse,
)


def test_the_standard_grant_types_are_those_of_rfc_6749():
    assert {"client_credentials", "password", "refresh_token"} == STANDARD_GRANTS


def test_a_dialect_knows_two_grants_more():
    assert set(GrantType) - STANDARD_GRANTS == {"named_subject", "assertion"}


def test_the_words_of_protected_calls_are_those_of_the_dialect_language():
    assert set(CallKind) == {"introspect", "unlock", "revoke", "register", "update"}
    assert set(Bearer) == {"user", "client", "either"}
    assert API_SECRET == "api"


def test_authentication_methods_are_those_of_rfc_7591():
    assert set(AuthMethod) == {"client_secret_basic", "client_secret_post", "none"}


def test_names_are_their_values():
    assert (
        f"{GrantType.PASSWORD} {AuthMethod.NONE} {TokenUse.ACCESS} {IdentifierKind.LOGIN}"
        == "password none access login"
    )
    assert (STANDARD_CONTRACT, DEFAULT_TENANT) == ("standard", "default")
