"""The standard contract: OAuth 2.0's own tokens.

Spec: RFC 9068 §2 (at+jwt header and claims), RFC 6749 §5.1.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal

import msgspec

from tokenhouse.protocol.contract import Contract, Facts, OpaqueForm, SessionPolicy, SignedForm, TokenPlan
from tokenhouse.protocol.names import STANDARD_CONTRACT, STANDARD_GRANTS, TokenUse
from tokenhouse.tokens.handle import seconds
from tokenhouse.tokens.signing import base64url
from tokenhouse.tokens.spelling import BASE64URL

_encode = msgspec.json.Encoder().encode
_OPAQUE = OpaqueForm(BASE64URL, 43)


def _header(facts: Facts) -> bytes:
    key = facts["key"]
    return _encode({"alg": key["alg"], "typ": "at+jwt", "kid": key["kid"]})


def _claims(facts: Facts) -> bytes:
    token, client, user = facts["token"], facts["client"], facts["user"]
    audience = facts["granted"]["audience"]
    claims: dict[str, Any] = {
        "iss": facts["server"]["issuer"],
        "sub": client["id"] if user is None else user["id"],
        "aud": audience[0] if len(audience) == 1 else audience,
        "client_id": client["id"],
        "iat": seconds(token["issued_at"]),
        "exp": seconds(token["expires_at"]),
        "jti": base64url(token["id"]).decode(),
    }
    if facts["granted"]["scope"]:
        claims["scope"] = " ".join(facts["granted"]["scope"])
    claims |= facts["claims"]  # none of them has a name of those above: ``mapping`` sees to that
    return _encode(claims)


def standard_contract(
    *,
    access_ttl: timedelta,
    refresh_ttl: timedelta | None,
    refresh_idle_ttl: timedelta | None,
    alg: Literal["ES256", "RS256"] = "ES256",
) -> Contract:
    """Return OAuth 2.0 as a contract."""
    access = TokenPlan("access", TokenUse.ACCESS, SignedForm(alg, _header, _claims), access_ttl, opaque=_OPAQUE)
    refresh = TokenPlan("refresh", TokenUse.REFRESH, _OPAQUE, refresh_ttl, refresh_idle_ttl)
    return Contract(
        name=STANDARD_CONTRACT,
        title="OAuth 2.0",
        tokens=(access, refresh),
        session=SessionPolicy(refresh="rotate"),
        grants=STANDARD_GRANTS,
    )
