"""What was presented to what it says: a signed token is verified here, anything else is introspected."""

from __future__ import annotations

from typing import Literal, get_args

from tokenhouse_verify.credential import Credential
from tokenhouse_verify.errors import InvalidToken, Reason
from tokenhouse_verify.introspection import Introspection
from tokenhouse_verify.token import Token
from tokenhouse_verify.verifier import Verifier

Mode = Literal["auto", "jwt", "introspection"]
_DOTS_OF_A_JWT = 2


class TokenAuthentication:
    """Decides by the look of a credential who is asked about it.

    A token with two dots is a JWT and goes to ``verifier``; anything else, and with no verifier everything, goes to
    ``introspection``. One does not stand in for the other: a JWT that was refused is not introspected.
    """

    def __init__(self, *, verifier: Verifier | None = None, introspection: Introspection | None = None) -> None:
        if verifier is None and introspection is None:
            raise ValueError("a verifier or an introspection is needed")
        self._verifier = verifier
        self._introspection = introspection

    @classmethod
    def of_issuer(
        cls,
        issuer: str,
        *,
        audience: str | None,
        client_id: str | None = None,
        client_secret: str | None = None,
        mode: Mode = "auto",
    ) -> TokenAuthentication:
        """Return one that finds keys and introspection endpoint by the metadata of ``issuer``.

        ``auto`` verifies what is signed and, with the pair that this service is known by, introspects the rest; ``jwt``
        never asks, ``introspection`` always does, so that a revoked token ends within seconds.

        Raises:
            ValueError: half a pair, or a pair where it would not be used, or none where it is needed.

        """
        if mode not in get_args(Mode):
            raise ValueError(f"mode is one of {', '.join(get_args(Mode))}, not {mode!r}")
        if (client_id is None) != (client_secret is None):
            raise ValueError("client_id and client_secret go together")
        if (mode == "jwt" and client_id is not None) or (mode == "introspection" and client_id is None):
            raise ValueError("client_id and client_secret are for introspection")
        introspection = None
        if client_id is not None and client_secret is not None:
            introspection = Introspection.by_metadata(
                issuer, client_id=client_id, client_secret=client_secret, audience=audience
            )
        verifier = None if mode == "introspection" else Verifier(issuer, audience=audience)
        return cls(verifier=verifier, introspection=introspection)

    @property
    def can_ask(self) -> bool:
        """Whether anything but a signed token can be accepted."""
        return self._introspection is not None

    async def authenticate(self, presented: Credential | str) -> Token:
        """Return what ``presented`` says; a text is a token.

        Raises:
            InvalidToken: it is not good here, or nobody can be asked about it.
            Limited: too many wrong secrets were tried.
            Unavailable: nobody can say at the moment.

        """
        credential = Credential("token", presented) if isinstance(presented, str) else presented
        is_signed = credential.kind == "token" and credential.value.count(".") == _DOTS_OF_A_JWT
        if self._verifier is not None and is_signed:
            return await self._verifier.verify(credential.value)
        if self._introspection is None:
            raise InvalidToken(Reason.OPAQUE)
        return await self._introspection.introspect(credential)
