"""What an introspection answer says: a good token, or why it is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from tokenhouse_verify.claims import ClaimsPolicy
from tokenhouse_verify.credential import Credential
from tokenhouse_verify.errors import InvalidToken, Reason, Unavailable
from tokenhouse_verify.token import Token

_TOKEN_TYPES: Final = {"token": "bearer", "client_secret": "client_secret", "device_key": "device_key"}


def require_good(answer: Mapping[str, Any], credential: Credential, policy: ClaimsPolicy, now: float) -> Token:
    """Return the token that ``answer`` describes. ``now`` in seconds since 1970.

    An answer about a client's pair or a device's key need not name an audience; one that it names is compared.

    Spec: RFC 7662 §2.2

    Raises:
        InvalidToken: not active, of another kind or another owner than was asked about, or not for us.
        Unavailable: the answer does not say whether it is active.

    """
    active = answer.get("active")
    if not isinstance(active, bool):
        raise Unavailable(Reason.INTROSPECTION_UNAVAILABLE)
    if not active:
        raise InvalidToken(Reason.INACTIVE)
    # A refresh token is active, too, and an endpoint may pass over the hint: what it is must be what it came as.
    if str(answer.get("token_type")).lower() != _TOKEN_TYPES[credential.kind]:
        raise InvalidToken(Reason.NOT_AN_ACCESS_TOKEN if credential.kind == "token" else Reason.OTHER_CREDENTIAL)
    if credential.kind == "token":
        return policy.admit(answer, now)
    asked = replace(
        policy,
        issuer=policy.issuer if "iss" in answer else None,
        audience=policy.audience if "aud" in answer else None,
    )
    device = answer.get("device")
    if device is not None and not isinstance(device, str):
        raise InvalidToken(Reason.BAD_CLAIM)
    token = replace(asked.admit(answer, now), kind=credential.kind, device=device)
    owner = token.client_id if credential.kind == "client_secret" else device
    if credential.id is not None and owner != credential.id:
        raise InvalidToken(Reason.OTHER_CREDENTIAL)
    return token
