from __future__ import annotations

import json

from tokenhouse.endpoints.metadata import authorization_server_metadata

BASE = "https://id.example/tenant"


def test_the_document_names_every_endpoint_and_what_it_takes():
    assert json.loads(authorization_server_metadata("https://id.example", BASE)) == {
        "issuer": "https://id.example",
        "token_endpoint": f"{BASE}/oauth2/token",
        "jwks_uri": f"{BASE}/.well-known/jwks.json",
        "introspection_endpoint": f"{BASE}/oauth2/introspect",
        "revocation_endpoint": f"{BASE}/oauth2/revoke",
        "response_types_supported": [],
        "grant_types_supported": ["client_credentials", "refresh_token"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
    }


def test_the_password_grant_is_never_advertised():
    assert b"password" not in authorization_server_metadata("https://id.example", BASE)
