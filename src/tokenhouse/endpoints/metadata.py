"""What the server says of itself. Bytes depend on configuration only, never on a request.

Spec: RFC 8414 §2, §3.2. The password grant is never advertised.
"""

from __future__ import annotations

import msgspec

from tokenhouse.protocol.names import AuthMethod, GrantType

_ADVERTISED = (GrantType.CLIENT_CREDENTIALS, GrantType.REFRESH_TOKEN)
_CONFIDENTIAL = (AuthMethod.BASIC, AuthMethod.POST)


def authorization_server_metadata(issuer: str, base: str) -> bytes:
    """Return the document; ``base`` is the address under which the endpoints are mounted."""
    methods = [*_CONFIDENTIAL, AuthMethod.NONE]
    return msgspec.json.encode(
        {
            "issuer": issuer,
            "token_endpoint": f"{base}/oauth2/token",
            "jwks_uri": f"{base}/.well-known/jwks.json",
            "introspection_endpoint": f"{base}/oauth2/introspect",
            "revocation_endpoint": f"{base}/oauth2/revoke",
            "response_types_supported": [],
            "grant_types_supported": list(_ADVERTISED),
            "token_endpoint_auth_methods_supported": methods,
            "introspection_endpoint_auth_methods_supported": list(_CONFIDENTIAL),
            "revocation_endpoint_auth_methods_supported": methods,
        }
    )
